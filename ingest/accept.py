"""Decide what a file is for, give its bytes their lasting place, and queue what is to be done."""

import sqlalchemy as sa

from catalog import deliveries, jobs, records
from catalog.deliveries import Delivery, DeliveryMode
from catalog.errors import RecordNotFound, RecordNotPublished
from catalog.jobs import Job, JobKind
from catalog.records import PublishedRecord
from ingest import file_refusals, refusals
from ingest.intake import Intake
from ingest.raw import keep_raw
from ingest.refusals import Refusal
from ingest.steps import Step
from ingest.writer import table_lease
from standards.identifiers.hide import without_long_numbers
from standards.records import ResourceKind, kind_of, read_record


def keep(intake: Intake, delivery: Delivery, *, queued: bool) -> Delivery:
    """Give registered bytes their lasting place and record it, with a job where one is wanted.

    Somebody else may have done all this meanwhile, and more. Raises BytesLost.
    """
    key = keep_raw(intake, delivery)
    with intake.database.transaction() as conn:
        kept = deliveries.require(conn, delivery.delivery_id)
        if kept.state in deliveries.UNFINISHED:
            deliveries.raw_kept(conn, delivery.delivery_id, key)
            kept = deliveries.require(conn, delivery.delivery_id)
            if queued:
                queue(conn, intake, kept)
    intake.on_step(Step.RAW_KEPT)
    return kept


def queue(conn: sa.Connection, intake: Intake, delivery: Delivery) -> Job:
    """Queue the job of an unfinished delivery, or find the one it has.

    What was begun before there was a job for it may be committed by now: it is not cancelled.
    """
    return jobs.enqueue(
        conn,
        job_id=intake.ids.new(),
        kind=JobKind.DELIVERY,
        subject=delivery.delivery_id,
        lane=_lane(delivery),
        department_id=delivery.department_id,
        account=delivery.account,
        now=intake.clock.now(),
        cancellable=delivery.attempt == 0,
    )


def _lane(delivery: Delivery) -> str:
    if delivery.resource_id is None:
        return f"delivery:{delivery.delivery_id}"
    return table_lease(delivery.resource_id)


def why_not_taken(intake: Intake, delivery: Delivery) -> Refusal:
    """Say again why there was no record that could take the file when it came."""
    said = (delivery.dropped or {}).get("refusal")
    if said is not None:
        return Refusal(**said)
    _, refusal = find_target(
        intake,
        delivery.resource_named,
        department_id=delivery.department_id,
        mode=delivery.mode,
    )
    # Published since: the file came too early all the same, and is to be delivered again.
    return refusal or refusals.not_published(delivery.resource_named, "—")


def find_target(
    intake: Intake, resource: str, *, department_id: str, mode: DeliveryMode
) -> tuple[PublishedRecord | None, Refusal | None]:
    """Return the record that a file is for, or why there is none that may take it."""
    try:
        with intake.database.reading() as conn:
            found = records.published(conn, resource)
    except RecordNotFound:
        # No record says what it is: it may be a number in the wrong place.
        return None, refusals.no_such_resource(without_long_numbers(resource))
    except RecordNotPublished as error:
        # What another department is still writing is no business of this one.
        if not _is_own(intake, resource, department_id):
            return None, refusals.no_such_resource(without_long_numbers(resource))
        return None, refusals.not_published(resource, str(error.state))
    if found.department_id != department_id or found.is_view:
        return None, refusals.not_yours(resource)
    kind = kind_of(found.document)
    if kind is ResourceKind.INTERFACE:
        return None, file_refusals.no_files_taken(resource)
    if kind is ResourceKind.FILE:
        return found, None
    if mode is DeliveryMode.INCREMENTAL and not read_record(found.document).key_items:
        return None, refusals.no_key(resource)
    return found, None


def _is_own(intake: Intake, resource: str, department_id: str) -> bool:
    with intake.database.reading() as conn:
        return records.working(conn, resource).department_id == department_id
