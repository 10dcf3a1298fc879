"""Take up what a crash left between two steps: unfinished deliveries, uploads without a sender."""

from datetime import timedelta

from catalog import deliveries, departments
from ingest.accept import queue
from ingest.intake import Intake
from lake.errors import BucketNotFound
from lake.layout import bucket_of

# An upload that stands still for a day has no sender any more.
ABANDONED = timedelta(days=1)
# Between registration and the job lies one move within the store; whoever is slower than this is
# overtaken, which does no harm.
ADOPTED_AFTER = timedelta(seconds=30)


def adopt(intake: Intake) -> int:
    """Queue a job for each unfinished delivery that has none; says how many.

    They are those of a database from before there were jobs, and those whose registration was cut
    off before the job was queued.
    """
    received_by = intake.clock.now() - ADOPTED_AFTER
    with intake.database.reading() as conn:
        if not deliveries.without_job(conn, received_by):
            return 0
    with intake.database.transaction() as conn:
        found = deliveries.without_job(conn, received_by)
        for delivery in found:
            queue(conn, intake, delivery)
    return len(found)


def clear_staging(intake: Intake) -> int:
    """Remove staged uploads that have stood still for a day; says how many.

    Those of a delivery that is on its way stay: they may be the only copy there is.
    """
    with intake.database.reading() as conn:
        owners = departments.list_all(conn)
    oldest = intake.clock.now() - ABANDONED
    removed = 0
    for department in owners:
        bucket = bucket_of(department.department_id)
        try:
            staged = list(intake.store.list(bucket, "staging/"))
        except BucketNotFound:
            continue
        for info in staged:
            if info.modified < oldest and not _is_on_its_way(intake, info.key):
                intake.store.remove(bucket, info.key)
                removed += 1
    return removed


def _is_on_its_way(intake: Intake, staged: str) -> bool:
    with intake.database.reading() as conn:
        owner = deliveries.find(conn, staged.rpartition("/")[2])
    return owner is not None and owner.state in deliveries.UNFINISHED
