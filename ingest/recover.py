"""Finish or undo what a crash left between two steps; run at every start."""

from dataclasses import dataclass
from datetime import timedelta

from catalog import deliveries, departments
from catalog.deliveries import Delivery
from catalog.lake_errors import LeaseHeld
from ingest import refusals
from ingest.deliver import find_target, keep
from ingest.intake import Intake
from ingest.process import process, refuse
from ingest.refusals import Refusal
from lake.errors import BucketNotFound, ObjectNotFound
from lake.layout import bucket_of

# An upload that stands still for a day has no sender any more.
ABANDONED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found and did: deliveries brought to their verdict, left to another process
    that is at them, and staged bytes of uploads that never ended, removed."""

    finished: tuple[str, ...]
    left: tuple[str, ...]
    removed: int


def finish_or_undo(intake: Intake) -> Recovered:
    """Bring every unfinished delivery to its verdict, and clear what no delivery owns."""
    with intake.database.reading() as conn:
        unfinished = deliveries.unfinished(conn)
    finished: list[str] = []
    left: list[str] = []
    for delivery in unfinished:
        (finished if _finish(intake, delivery) else left).append(delivery.delivery_id)
    return Recovered(tuple(finished), tuple(left), _clear_staging(intake))


def _finish(intake: Intake, delivery: Delivery) -> bool:
    try:
        if delivery.raw_key is None:
            delivery = keep(intake, delivery)
        if delivery.resource_id is None:
            refuse(intake, delivery, _refusal_of(intake, delivery))
        else:
            process(intake, delivery.delivery_id, wait=False)
    except LeaseHeld:
        return False
    except ObjectNotFound:
        refuse(intake, delivery, refusals.bytes_lost())
    return True


def _refusal_of(intake: Intake, delivery: Delivery) -> Refusal:
    """Say again why there was no record that could take the file when it came."""
    _, refusal = find_target(
        intake,
        delivery.resource_named,
        department_id=delivery.department_id,
        mode=delivery.mode,
    )
    # Published since: the file came too early all the same, and is to be delivered again.
    return refusal or refusals.not_published(delivery.resource_named, "—")


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
