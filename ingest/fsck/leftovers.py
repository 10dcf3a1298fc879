"""Judge what nobody took off the shelf: told, and removed only where nothing can be lost by it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from catalog.deliveries import UNFINISHED, Delivery
from ingest.fsck.checking import SETTLED, Checking
from ingest.fsck.findings import Group, Kind, Words
from ingest.fsck.kept import stands
from ingest.fsck.shelf import Shelf
from ingest.fsck.table_files import Walked, has_moved
from ingest.quarantine import QUARANTINE_KEYS
from ingest.raw import keys_of
from ingest.report import documents
from ingest.writer import table_lease
from lake.errors import ObjectNotFound
from lake.layout import answer_key
from lake.objects import ObjectInfo, UnfinishedUpload

_KINDS = {"raw": Kind.RAW, "quarantine": Kind.QUARANTINE, "receipts": Kind.RECEIPT}
_DELIVERY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CURATED = re.compile(r"(curated/([^/]+)/g[0-9]+/)(data|metadata)/.+")
_RECEIVED = re.compile(r"raw/.*/manifest\.received-([0-9a-f]{12})\.\w+")
_METADATA = (".avro", ".metadata.json")


def check_leftovers(checking: Checking, shelf: Shelf, walked: Mapping[str, Walked]) -> None:
    """What is left in a department's bucket; `walked` are its tables, by prefix."""
    checking.intake.progress(f"多余的对象 leftovers {shelf.bucket}", None)
    for info in shelf.left():
        top = info.key.partition("/")[0]
        if top == "staging":
            check_staged(checking, shelf.bucket, info)
        elif top == "curated":
            _check_curated(checking, shelf, info, walked)
        elif not _is_known(checking, shelf, info):
            tell(checking, shelf.bucket, info, _KINDS.get(top, Kind.OBJECT), _named_in(info.key))


def tell(
    checking: Checking, bucket: str, info: ObjectInfo, kind: Kind, about: str | None = None
) -> None:
    checking.tell(Group.ORPHANS, kind, bucket=bucket, key=info.key, about=about)


def check_staged(checking: Checking, bucket: str, info: ObjectInfo) -> None:
    """Bytes that have been staged for a day and belong to no delivery on its way: nobody was given
    a receipt for them, and their sender still has the file."""
    if not checking.is_settled(info.modified):
        return
    owner = checking.delivery(info.key.rpartition("/")[2])
    if owner is None or owner.state not in UNFINISHED:
        checking.remove(Kind.STAGING, bucket, info, None if owner is None else owner.delivery_id)


def check_uploads(checking: Checking, bucket: str) -> None:
    """An upload that has not come to its end in a day: it was never an object, for anybody."""
    for upload in list(checking.intake.store.list_uploads(bucket, checking.now - SETTLED)):

        def aborting(upload: UnfinishedUpload = upload) -> Words:
            checking.intake.store.abort_upload(upload)
            return "已中止并清除", "aborted, what had arrived is removed"

        key = upload.key or upload.upload_id
        checking.mend(Group.ORPHANS, Kind.UPLOAD, aborting, bucket=bucket, key=key)


def _named_in(key: str) -> str | None:
    found = _DELIVERY.search(key)
    return None if found is None else found[0]


def _is_known(checking: Checking, shelf: Shelf, info: ObjectInfo) -> bool:
    """Whether a delivery registered by now accounts for the object after all."""
    if info.key.startswith("receipts/_incoming/"):
        return _answers(checking, shelf, info)
    delivery_id = _named_in(info.key)
    delivery = None if delivery_id is None else checking.delivery(delivery_id)
    if delivery is None:
        return False
    # One that was loaded after its turn in this check has been given its files since.
    if delivery.state in UNFINISHED or info.key in _own(delivery):
        return True
    received = _RECEIVED.fullmatch(info.key)
    return received is not None and _check_received(checking, shelf, info, delivery, received[1])


def _own(delivery: Delivery) -> set[str]:
    own = {*keys_of(delivery), *documents(delivery)}
    if delivery.resource_id is not None:
        own |= {name(delivery.resource_id, delivery.delivery_id) for name in QUARANTINE_KEYS}
    return own


def _answers(checking: Checking, shelf: Shelf, info: ObjectInfo) -> bool:
    """Whether it is the answer to a dropped file that had been delivered before."""
    try:
        with checking.intake.store.open(shelf.bucket, info.key) as stream:
            told = json.loads(stream.read())
    except (ObjectNotFound, ValueError):
        return False
    if not isinstance(told, dict) or answer_key(str(told.get("dropped"))) != info.key:
        return False
    return checking.delivery(str(told.get("delivery_id"))) is not None


def _check_received(
    checking: Checking, shelf: Shelf, info: ObjectInfo, delivery: Delivery, start: str
) -> bool:
    """The manifest that came with a dropped file: its name holds the start of its SHA-256."""
    with checking.intake.store.open(shelf.bucket, info.key) as stream:
        found = hashlib.sha256(stream.read()).hexdigest()
    if not found.startswith(start):
        checking.tell(
            Group.CHANGED,
            Kind.MANIFEST,
            bucket=shelf.bucket,
            key=info.key,
            about=delivery.delivery_id,
        )
    return True


def _check_curated(
    checking: Checking, shelf: Shelf, info: ObjectInfo, walked: Mapping[str, Walked]
) -> None:
    place = _CURATED.fullmatch(info.key)
    table = None if place is None else walked.get(place[1])
    if place is None or table is None:
        tell(checking, shelf.bucket, info, Kind.OBJECT)
        return
    if has_moved(checking, table):
        return
    is_held = checking.is_held(table_lease(place[2]))
    if place[3] == "metadata":
        check_metadata(checking, shelf.bucket, info, table, place[2], is_held=is_held)
        return
    delivery_id = _named_in(info.key)
    delivery = None if delivery_id is None else checking.delivery(delivery_id)
    if delivery is None or delivery.resource_id != place[2]:
        tell(checking, shelf.bucket, info, Kind.OBJECT, delivery_id)
    elif delivery.state in UNFINISHED or is_held:
        return
    elif has_moved(checking, table):
        return  # the commit that gave the delivery its verdict came after the walk
    elif checking.is_settled(info.modified) and stands(checking, delivery):
        # An attempt that came to nothing: its rows are in the raw bytes, which are there.
        checking.remove(Kind.CURATED_DATA, shelf.bucket, info, delivery_id)
    else:
        tell(checking, shelf.bucket, info, Kind.CURATED_DATA, delivery_id)


def check_metadata(
    checking: Checking, bucket: str, info: ObjectInfo, table: Walked, about: str, *, is_held: bool
) -> None:
    """Metadata that the table does not know: what a commit left that was cut off.

    Only what is older than the newest metadata goes: if the table catalogue came back from an
    older backup, what is newer than it knows is all that is left of the truth.
    """
    if not info.key.endswith(_METADATA):
        tell(checking, bucket, info, Kind.OBJECT, about)
    elif is_held or checking.options.quick:
        return  # a quick run does not read every list of what belongs to a table
    elif checking.is_settled(info.modified) and _is_superseded(checking, bucket, info, table):
        checking.remove(Kind.METADATA, bucket, info, about)
    else:
        tell(checking, bucket, info, Kind.METADATA, about)


def _is_superseded(checking: Checking, bucket: str, info: ObjectInfo, table: Walked) -> bool:
    _, key = checking.files.place(table.pointer) or (bucket, table.pointer)
    newest = checking.intake.store.stat(bucket, key)
    return newest is not None and info.modified < newest.modified
