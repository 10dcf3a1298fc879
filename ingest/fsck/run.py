"""One check of everything: what is unfinished first, then bucket after bucket, the views last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog import departments
from ingest.fsck.checking import Checking, Options
from ingest.fsck.curated_tables import check_curated, check_unregistered
from ingest.fsck.findings import Findings
from ingest.fsck.kept import check_kept
from ingest.fsck.leftovers import check_leftovers, check_uploads
from ingest.fsck.shelf import Shelf
from ingest.fsck.unfinished import check_unfinished
from ingest.fsck.views import check_views
from ingest.intake import Intake
from lake.inventory import TableFiles
from lake.layout import bucket_of


def check_everything(
    intake: Intake, *, serving: Path, views: Sequence[str], options: Options
) -> Findings:
    """Check the lake while workers and the API go on; `serving` holds a folder for each view.

    StoreUnavailable, or the database's own error, where store or database are away.
    """
    checking = Checking(intake, options, serving, tuple(views), TableFiles(intake.location))
    check_unfinished(checking)
    with intake.database.reading() as conn:
        owners = [each.department_id for each in departments.list_all(conn)]
    for department_id in owners:
        _check_department(checking, department_id)
    check_views(checking)
    return checking.found


def _check_department(checking: Checking, department_id: str) -> None:
    bucket = bucket_of(department_id)
    # Listed before the registers are read: what is on the shelf is known to them by then.
    shelf = Shelf(checking.intake.store, bucket)
    check_kept(checking, shelf, department_id)
    walked = check_curated(checking, shelf)
    check_unregistered(checking, shelf)
    check_leftovers(checking, shelf, walked)
    check_uploads(checking, bucket)
