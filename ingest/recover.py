"""Finish or undo what a crash left between two steps; run at every start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from catalog import deliveries, departments
from catalog.lake_errors import LeaseHeld
from ingest.deliver import finish
from ingest.intake import Intake
from lake.errors import BucketNotFound
from lake.layout import bucket_of

# An upload that stands still for a day has no sender any more.
ABANDONED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found and did: deliveries brought to their verdict, those left to another
    process that is at them, those that failed again (id → what went wrong), and how many staged
    uploads that never ended were removed."""

    finished: tuple[str, ...]
    left: tuple[str, ...]
    failed: Mapping[str, str]
    removed: int


def finish_or_undo(intake: Intake) -> Recovered:
    """Bring every unfinished delivery to its verdict, and clear what no delivery owns."""
    with intake.database.reading() as conn:
        unfinished = deliveries.unfinished(conn)
    finished: list[str] = []
    left: list[str] = []
    failed: dict[str, str] = {}
    for delivery in unfinished:
        try:
            finish(intake, delivery, wait=False)
            finished.append(delivery.delivery_id)
        except LeaseHeld:
            left.append(delivery.delivery_id)
        except Exception as error:  # noqa: BLE001 (one that fails must not keep the others waiting)
            failed[delivery.delivery_id] = type(error).__name__
    return Recovered(tuple(finished), tuple(left), failed, _clear_staging(intake))


def _clear_staging(intake: Intake) -> int:
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
            if info.modified < oldest:
                intake.store.remove(bucket, info.key)
                removed += 1
    return removed
