"""Take a file from a sender to its verdict: the way in for command, upload and every other road."""

from typing import BinaryIO

from catalog import deliveries, file_resources
from catalog.deliveries import Delivery
from catalog.errors import KnownError
from catalog.lake_errors import AlreadyDelivered
from catalog.records import PublishedRecord
from ingest.accept import find_target, keep
from ingest.ending import refuse
from ingest.intake import Intake
from ingest.receive import Received, receive
from ingest.refusals import Refusal
from ingest.requests import DeliveryRequest, retry_key
from ingest.steps import Step
from ingest.work import see_through
from lake.layout import bucket_of
from standards.identifiers.hide import without_long_numbers
from standards.records import ResourceKind, kind_of


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

    The work is done here, or waited for where a worker was faster. A retry is answered with the
    first verdict and leaves nothing new. Raises IdempotencyConflict.
    """
    return see_through(intake, register(intake, request, stream))


def register(intake: Intake, request: DeliveryRequest, stream: BinaryIO) -> Delivery:
    """Receive and keep the bytes, and queue the job that is to load them.

    The delivery returned may be an earlier one, finished or not, or a file refused already.
    Raises IdempotencyConflict.
    """
    delivery_id = intake.ids.new()
    intake.progress("接收 receive", None)
    received = receive(
        intake, department_id=request.department_id, delivery_id=delivery_id, stream=stream
    )
    resource, refusal = _target(intake, request)
    delivery = _delivery(intake, request, resource, received, delivery_id)
    sent_name = request.file_name if _is_file(resource) else None
    earlier = _earlier(intake, delivery) or _insert(intake, delivery, sent_name)
    if earlier is not None:
        intake.store.remove(received.bucket, received.key)
        if earlier.sha256 != received.sha256:
            raise IdempotencyConflict(str(request.idempotency_key), earlier.delivery_id)
        return earlier
    intake.on_step(Step.DELIVERY_REGISTERED)
    delivery = keep(intake, delivery, queued=refusal is None)
    if refusal is None or delivery.state not in deliveries.UNFINISHED:
        return delivery  # whoever took over a registration that took so long has refused it
    return refuse(intake, delivery, refusal)


def _target(
    intake: Intake, request: DeliveryRequest
) -> tuple[PublishedRecord | None, Refusal | None]:
    if request.dropped is not None and request.dropped.refusal is not None:
        return None, request.dropped.refusal
    return find_target(
        intake, request.resource, department_id=request.department_id, mode=request.mode
    )


def _is_file(resource: PublishedRecord | None) -> bool:
    return resource is not None and kind_of(resource.document) is ResourceKind.FILE


def _insert(intake: Intake, delivery: Delivery, sent_name: str | None) -> Delivery | None:
    """Register a delivery; if its twin was registered at this very moment, return that.

    Of a file resource the name as it was sent is registered too.
    """
    try:
        with intake.database.transaction() as conn:
            deliveries.insert(conn, delivery)
            if sent_name is not None:
                resource_id = str(delivery.resource_id)
                file_resources.register(
                    conn, delivery.delivery_id, resource_id, sent_name, intake.ids
                )
    except AlreadyDelivered as twin:
        with intake.database.reading() as conn:
            return deliveries.require(conn, twin.delivery_id)
    return None


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
    filled = _what_is_filled(request, resource)
    # What no record says of itself may be a number in the wrong place.
    named = request.resource if resource is not None else without_long_numbers(request.resource)
    dropped = request.dropped
    return Delivery(
        delivery_id=delivery_id,
        resource_id=None if resource is None else resource.resource_id,
        resource_named=named,
        record_version=None if resource is None else resource.version,
        generation=None if resource is None else resource.generation,
        department_id=request.department_id,
        account=request.account,
        mode=request.mode,
        data_time=request.data_time,
        file_name=without_long_numbers(_name_of(request, resource)),
        sha256=received.sha256,
        size=received.size,
        rows_declared=request.rows,
        sha256_declared=request.sha256,
        idempotency_key=request.idempotency_key,
        retry_key=retry_key(request, resource=filled, sha256=received.sha256),
        raw_bucket=bucket_of(request.department_id),
        received_at=intake.clock.now(),
        dropped=None if dropped is None else dropped.as_json(),
        drop_mark=None if dropped is None else dropped.mark,
        manifest_mark=None if dropped is None else dropped.manifest_mark,
    )


def _what_is_filled(request: DeliveryRequest, resource: PublishedRecord | None) -> str:
    """Name what a delivery fills: a table, or one file by its name.

    The same form may lie in a collection under many names: none of them is a retry of another.
    """
    if resource is None:
        return request.resource
    table = f"{resource.resource_id}/{resource.generation}"
    if not _is_file(resource):
        return table
    return f"{table}/{file_resources.name_key(request.file_name)}"


def _name_of(request: DeliveryRequest, resource: PublishedRecord | None) -> str:
    if request.file_name or _is_file(resource):
        return request.file_name
    return f"{request.resource}.csv"
