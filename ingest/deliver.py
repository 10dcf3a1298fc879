"""Take a file from a sender to its verdict: the way in for command, upload and every other road."""

import re
import time
from typing import BinaryIO

from catalog import deliveries, records
from catalog.deliveries import Delivery, DeliveryMode
from catalog.errors import KnownError, RecordNotFound, RecordNotPublished
from catalog.lake_errors import AlreadyDelivered
from catalog.records import PublishedRecord
from ingest import refusals
from ingest.intake import Intake
from ingest.process import process, refuse
from ingest.raw import BytesLost, keep_raw
from ingest.receive import Received, receive
from ingest.refusals import Refusal
from ingest.requests import DeliveryRequest, retry_key
from ingest.steps import Step
from lake.layout import bucket_of
from standards.records import ResourceKind, kind_of, read_record

POLL = 0.1
# A file named after a person is listed to others than its owner: his number stays out of the name.
_LONG_NUMBER = re.compile(r"[0-9]{13,}[0-9Xx]?")
# Between registration and keeping lies one rename or one copy within the store: 20 s is ample.
PATIENCE = 200


class IdempotencyConflict(KnownError):
    """The same idempotency key came with other bytes."""

    key: str
    delivery_id: str

    ZH = "幂等键 {key} 已用于批次 {delivery_id}，内容不同；请换一个键，或报送相同的文件"
    EN = (
        "the idempotency key {key} was used for delivery {delivery_id} with other bytes; "
        "use another key, or send the same file"
    )


def deliver(intake: Intake, request: DeliveryRequest, stream: BinaryIO) -> Delivery:
    """Receive a file, keep it, and return its delivery with the verdict.

    A retry is answered with the first verdict and leaves nothing new. Raises IdempotencyConflict.
    """
    return finish(intake, register(intake, request, stream))


def register(intake: Intake, request: DeliveryRequest, stream: BinaryIO) -> Delivery:
    """Receive and keep the bytes; the delivery returned may be a finished earlier one."""
    delivery_id = intake.ids.new()
    intake.progress("接收 receive", None)
    received = receive(
        intake, department_id=request.department_id, delivery_id=delivery_id, stream=stream
    )
    resource, refusal = find_target(
        intake, request.resource, department_id=request.department_id, mode=request.mode
    )
    delivery = _delivery(intake, request, resource, received, delivery_id)
    earlier = _earlier(intake, delivery) or _insert(intake, delivery)
    if earlier is not None:
        intake.store.remove(received.bucket, received.key)
        if earlier.sha256 != received.sha256:
            raise IdempotencyConflict(str(request.idempotency_key), earlier.delivery_id)
        return earlier
    intake.on_step(Step.DELIVERY_REGISTERED)
    delivery = keep(intake, delivery)
    return delivery if refusal is None else refuse(intake, delivery, refusal)


def _insert(intake: Intake, delivery: Delivery) -> Delivery | None:
    """Register a delivery; if its twin was registered at this very moment, return that."""
    try:
        with intake.database.transaction() as conn:
            deliveries.insert(conn, delivery)
    except AlreadyDelivered as twin:
        with intake.database.reading() as conn:
            return deliveries.require(conn, twin.delivery_id)
    return None


def keep(intake: Intake, delivery: Delivery) -> Delivery:
    """Give registered bytes their lasting place and record it."""
    key = keep_raw(intake, delivery)
    with intake.database.transaction() as conn:
        deliveries.raw_kept(conn, delivery.delivery_id, key)
        kept = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RAW_KEPT)
    return kept


def finish(intake: Intake, delivery: Delivery, *, wait: bool = True) -> Delivery:
    """Bring a registered delivery to its verdict, whatever step it was cut off at.

    Without `wait`, LeaseHeld when another process is writing to the same table.
    """
    if delivery.raw_key is None and delivery.state in deliveries.UNFINISHED:
        delivery = _kept(intake, delivery, wait=wait)
    if delivery.state not in deliveries.UNFINISHED:
        return delivery
    if delivery.resource_id is None:
        return refuse(intake, delivery, _refusal_of(intake, delivery))
    return process(intake, delivery.delivery_id, wait=wait)


def _kept(intake: Intake, delivery: Delivery, *, wait: bool) -> Delivery:
    """Let whoever registered the delivery keep its bytes; after a while do it in his place."""
    for _ in range(PATIENCE if wait else 0):
        time.sleep(POLL)
        with intake.database.reading() as conn:
            delivery = deliveries.require(conn, delivery.delivery_id)
        if delivery.raw_key is not None or delivery.state not in deliveries.UNFINISHED:
            return delivery
    try:
        return keep(intake, delivery)
    except BytesLost:
        return refuse(intake, delivery, refusals.bytes_lost())


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


def find_target(
    intake: Intake, resource: str, *, department_id: str, mode: DeliveryMode
) -> tuple[PublishedRecord | None, Refusal | None]:
    """Return the record that a file is for, or why there is none that may take it."""
    try:
        with intake.database.reading() as conn:
            found = records.published(conn, resource)
    except RecordNotFound:
        return None, refusals.no_such_resource(resource)
    except RecordNotPublished as error:
        # What another department is still writing is no business of this one.
        if not _is_own(intake, resource, department_id):
            return None, refusals.no_such_resource(resource)
        return None, refusals.not_published(resource, str(error.state))
    if found.department_id != department_id or found.is_view:
        return None, refusals.not_yours(resource)
    kind = kind_of(found.document)
    if kind is not ResourceKind.TABLE:
        return None, refusals.not_a_table(resource, kind)
    if mode is DeliveryMode.INCREMENTAL and not read_record(found.document).key_items:
        return None, refusals.no_key(resource)
    return found, None


def _is_own(intake: Intake, resource: str, department_id: str) -> bool:
    with intake.database.reading() as conn:
        return records.working(conn, resource).department_id == department_id


def _earlier(intake: Intake, delivery: Delivery) -> Delivery | None:
    """Return the delivery of which this one is a retry, or that holds its idempotency key."""
    with intake.database.reading() as conn:
        if delivery.idempotency_key is not None:
            same = deliveries.find_by_idempotency_key(
                conn, delivery.account, delivery.idempotency_key
            )
            if same is not None and (same.sha256 != delivery.sha256 or not same.refused):
                return same
        return (
            None if delivery.resource_id is None else deliveries.find_live(conn, delivery.retry_key)
        )


def _delivery(
    intake: Intake,
    request: DeliveryRequest,
    resource: PublishedRecord | None,
    received: Received,
    delivery_id: str,
) -> Delivery:
    table = (
        request.resource if resource is None else f"{resource.resource_id}/{resource.generation}"
    )
    return Delivery(
        delivery_id=delivery_id,
        resource_id=None if resource is None else resource.resource_id,
        resource_named=request.resource,
        record_version=None if resource is None else resource.version,
        generation=None if resource is None else resource.generation,
        department_id=request.department_id,
        account=request.account,
        mode=request.mode,
        data_time=request.data_time,
        file_name=_LONG_NUMBER.sub("***", request.file_name),
        sha256=received.sha256,
        size=received.size,
        rows_declared=request.rows,
        sha256_declared=request.sha256,
        idempotency_key=request.idempotency_key,
        retry_key=retry_key(request, resource=table, sha256=received.sha256),
        raw_bucket=bucket_of(request.department_id),
        received_at=intake.clock.now(),
    )
