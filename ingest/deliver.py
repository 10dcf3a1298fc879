"""Take a file from a sender to its verdict: the way in for command, upload and every other road."""

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
from ingest.raw import keep_raw
from ingest.receive import Received, receive
from ingest.refusals import Refusal
from ingest.requests import DeliveryRequest, retry_key
from ingest.steps import Step
from lake.layout import bucket_of
from standards.records import ResourceKind, kind_of, read_record

POLL = 0.1


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
    earlier = _earlier(intake, request, resource, received)
    if earlier is not None:
        intake.store.remove(received.bucket, received.key)
        return earlier
    delivery = _delivery(intake, request, resource, received, delivery_id)
    try:
        with intake.database.transaction() as conn:
            deliveries.insert(conn, delivery)
    except AlreadyDelivered as twin:
        # Two senders of the same bytes at the same moment: the first to register has it.
        intake.store.remove(received.bucket, received.key)
        with intake.database.reading() as conn:
            return deliveries.require(conn, twin.delivery_id)
    intake.on_step(Step.DELIVERY_REGISTERED)
    delivery = keep(intake, delivery)
    return delivery if refusal is None else refuse(intake, delivery, refusal)


def keep(intake: Intake, delivery: Delivery) -> Delivery:
    """Give registered bytes their lasting place and record it."""
    key = keep_raw(intake, delivery)
    with intake.database.transaction() as conn:
        deliveries.raw_kept(conn, delivery.delivery_id, key)
        kept = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RAW_KEPT)
    return kept


def finish(intake: Intake, delivery: Delivery) -> Delivery:
    """Bring a registered delivery to its verdict, or wait for whoever is at it."""
    while delivery.state in deliveries.UNFINISHED:
        if delivery.raw_key is not None:
            return process(intake, delivery.delivery_id)
        time.sleep(POLL)
        with intake.database.reading() as conn:
            delivery = deliveries.require(conn, delivery.delivery_id)
    return delivery


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
        return None, refusals.not_published(resource, str(error.state))
    if found.department_id != department_id or found.is_view:
        return None, refusals.not_yours(resource)
    kind = kind_of(found.document)
    if kind is not ResourceKind.TABLE:
        return None, refusals.not_a_table(resource, kind)
    if mode is DeliveryMode.INCREMENTAL and not read_record(found.document).key_items:
        return None, refusals.no_key(resource)
    return found, None


def _earlier(
    intake: Intake,
    request: DeliveryRequest,
    resource: PublishedRecord | None,
    received: Received,
) -> Delivery | None:
    """Return the delivery of which this request is a retry."""
    with intake.database.reading() as conn:
        if request.idempotency_key is not None:
            same = deliveries.find_by_idempotency_key(
                conn, request.account, request.idempotency_key
            )
            if same is not None and same.sha256 != received.sha256:
                intake.store.remove(received.bucket, received.key)
                raise IdempotencyConflict(request.idempotency_key, same.delivery_id)
            if same is not None and not same.refused:
                return same
        if resource is None:
            return None
        key = retry_key(request, resource_id=resource.resource_id, sha256=received.sha256)
        return deliveries.find_live(conn, key)


def _delivery(
    intake: Intake,
    request: DeliveryRequest,
    resource: PublishedRecord | None,
    received: Received,
    delivery_id: str,
) -> Delivery:
    resource_id = None if resource is None else resource.resource_id
    return Delivery(
        delivery_id=delivery_id,
        resource_id=resource_id,
        resource_named=request.resource,
        record_version=None if resource is None else resource.version,
        generation=None if resource is None else resource.generation,
        department_id=request.department_id,
        account=request.account,
        mode=request.mode,
        data_time=request.data_time,
        file_name=request.file_name,
        sha256=received.sha256,
        size=received.size,
        rows_declared=request.rows,
        sha256_declared=request.sha256,
        idempotency_key=request.idempotency_key,
        retry_key=retry_key(
            request, resource_id=resource_id or request.resource, sha256=received.sha256
        ),
        raw_bucket=bucket_of(request.department_id),
        received_at=intake.clock.now(),
    )
