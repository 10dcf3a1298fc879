"""Make a delivery of a dropped file, keep its manifest, and remove both from incoming/."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from catalog import accounts, deliveries
from catalog.accounts import Account
from catalog.deliveries import Delivery, DeliveryMode
from catalog.records import PublishedRecord
from ingest import refusals
from ingest.deliver import IdempotencyConflict, register
from ingest.dropped.find import DroppedFile, Found
from ingest.dropped.leftovers import keep_manifest, without_used_manifests
from ingest.dropped.manifest import Manifest, bytes_of, read_manifest, too_many
from ingest.dropped.stream import Stopping, reading
from ingest.dropped.target import find_record, names_of, waits_for_manifest
from ingest.holding import never
from ingest.intake import Intake
from ingest.raw import verify_raw
from ingest.refusals import FileRefused, Refusal
from ingest.report import write_answer
from ingest.requests import DeliveryRequest, Dropped
from ingest.steps import Step
from lake.layout import INCOMING
from standards.documents import as_mapping
from standards.identifiers.hide import without_long_numbers
from standards.records import DEFAULT_MODE, ResourceKind, kind_of, read_record

# Stands for the resource of a file whose place names none.
_NO_RESOURCE = "—"
_LONGEST_NAME = 200

Manifests = Sequence[tuple[Found, bytes]]


@dataclass(frozen=True, slots=True)
class Taken:
    """A file and the delivery it became; `again`: the delivery was there before."""

    file: DroppedFile
    account: Account
    delivery: Delivery
    again: bool


def take(
    intake: Intake,
    file: DroppedFile,
    *,
    on_taken: Callable[[Taken], None],
    stopping: Stopping = never,
) -> Taken | None:
    """Register a dropped file as a delivery, or refuse it whole, then remove it from incoming/.

    `on_taken` is called when the bytes are kept and before anything is removed. None where
    somebody else is at the file at this moment, or it waits for a manifest after all. Raises
    DropChanged where another object lies there by now, Stopped, RawChanged and AccountTaken.
    """
    file = without_used_manifests(intake, file)
    if waits_for_manifest(intake, file):
        return None
    intake.on_step(Step.DROP_FOUND)
    with intake.database.transaction() as conn:
        account = accounts.incoming_account(conn, file.department_id, intake.clock)
    manifests = [(manifest, bytes_of(intake, manifest)) for manifest in file.manifests]
    mark, delivery = _earlier(intake, file.found.mark)
    again = delivery is not None
    if delivery is None:
        dropped = _dropped(file, mark, manifests)
        request = _request(intake, file, account, dropped, manifests)
        delivery = _register(intake, file, request, dropped, stopping)
    if delivery.raw_key is None:
        return None
    verify_raw(intake, delivery)
    taken = Taken(file, account, delivery, again or delivery.drop_mark != mark)
    on_taken(taken)
    for manifest, content in manifests:
        keep_manifest(intake, delivery, manifest, content)
    if delivery.drop_mark != mark and delivery.state not in deliveries.UNFINISHED:
        write_answer(intake, file.bucket, _shown_key(file, mark), delivery)
    _remove(intake, file)
    return taken


def _earlier(intake: Intake, mark: str) -> tuple[str, Delivery | None]:
    """Find what this very object became before a crash, and by which mark it is known.

    Where that was given up without its bytes, the object is the only place that has them: it is
    delivered anew, under a mark that follows from the first.
    """
    with intake.database.reading() as conn:
        found = deliveries.find_by_drop_mark(conn, mark)
        while found is not None and found.refused and found.raw_key is None:
            mark = hashlib.sha256(f"{mark}{found.delivery_id}".encode()).hexdigest()
            found = deliveries.find_by_drop_mark(conn, mark)
    return mark, found


def _register(
    intake: Intake,
    file: DroppedFile,
    request: DeliveryRequest,
    dropped: Dropped,
    stopping: Stopping,
) -> Delivery:
    try:
        with reading(intake, file.found, stopping) as stream:
            return register(intake, request, stream)
    except IdempotencyConflict as conflict:
        refused = _refused(request, dropped, refusals.key_used(conflict.delivery_id))
    with reading(intake, file.found, stopping) as stream:
        return register(intake, refused, stream)


def _request(
    intake: Intake, file: DroppedFile, account: Account, dropped: Dropped, manifests: Manifests
) -> DeliveryRequest:
    """Say what a clerk would say: by the manifest, else by the record and the file's own time."""
    record = find_record(intake, file)
    request = DeliveryRequest(
        resource=_resource(file, record),
        account=account.name,
        department_id=file.department_id,
        mode=_default_mode(record),
        # A file may come from a clock that is ahead; nothing describes a moment still to come.
        data_time=min(file.found.info.modified, intake.clock.now()),
        file_name=_sent_name(file, record),
        dropped=dropped,
    )
    if file.folder is None:
        return _refused(request, dropped, refusals.no_folder(dropped.key))
    if record is None or not manifests:
        return request
    try:
        said = _said(file, manifests, record)
    except FileRefused as refused:
        return _refused(request, dropped, refused.refusal)
    return replace(
        request,
        mode=said.mode,
        data_time=said.data_time,
        rows=said.rows,
        sha256=said.sha256,
        idempotency_key=said.idempotency_key,
    )


def _said(file: DroppedFile, manifests: Manifests, record: PublishedRecord) -> Manifest:
    if len(manifests) > 1:
        raise FileRefused(too_many(file))
    [(_, content)] = manifests
    return read_manifest(file, content, names_of(record))


def _dropped(file: DroppedFile, mark: str, manifests: Manifests) -> Dropped:
    first = manifests[0][0] if manifests else None
    return Dropped(
        key=_shown_key(file, mark),
        mark=mark,
        manifest=None if first is None else without_long_numbers(first.key),
        manifest_mark=None if first is None else first.mark,
    )


def _shown_key(file: DroppedFile, mark: str) -> str:
    """Return the key as register and answer name it; one with a number is told apart by its mark,
    for the answer to one file must not lie over that to another."""
    shown = without_long_numbers(file.key)
    if shown == file.key:
        return shown
    return f"{shown}-{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


def _refused(request: DeliveryRequest, dropped: Dropped, refusal: Refusal) -> DeliveryRequest:
    return replace(request, idempotency_key=None, dropped=replace(dropped, refusal=refusal))


def _resource(file: DroppedFile, record: PublishedRecord | None) -> str:
    if record is not None:
        return record.resource_id
    return without_long_numbers(file.folder or _NO_RESOURCE)[:_LONGEST_NAME]


def _default_mode(record: PublishedRecord | None) -> DeliveryMode:
    if record is not None and _is_file(record):
        # who drops a second picture does not mean to take the first one away
        stated = as_mapping(record.document.get("delivery")).get("default_mode")
        return DeliveryMode(str(stated or DeliveryMode.INCREMENTAL))
    mode = DEFAULT_MODE if record is None else read_record(record.document).default_mode
    return DeliveryMode(mode)


def _sent_name(file: DroppedFile, record: PublishedRecord | None) -> str:
    """Return the name of a file; in a file resource deeper folders tell files apart."""
    if record is None or not _is_file(record):
        return file.name
    return file.key.removeprefix(f"{INCOMING}{file.folder}/")


def _is_file(record: PublishedRecord) -> bool:
    return kind_of(record.document) is ResourceKind.FILE


def _remove(intake: Intake, file: DroppedFile) -> None:
    """Remove the file, then its manifests, each only if it is still the one that was read.

    A file that has been overwritten stays and becomes a delivery of its own.
    """
    if intake.store.remove_if_unchanged(file.bucket, file.key, file.found.info):
        intake.on_step(Step.DROP_REMOVED)
    for manifest in file.manifests:
        intake.store.remove_if_unchanged(file.bucket, manifest.key, manifest.info)
