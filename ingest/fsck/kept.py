"""Check what is kept of each delivery: raw bytes and manifest, quarantine, receipt and report."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from catalog.deliveries import UNFINISHED, Delivery, DeliveryState
from ingest.fsck.checking import REWRITTEN, Checking, sizes, sums
from ingest.fsck.findings import Group, Kind, Words
from ingest.fsck.quarantined import check_quarantine
from ingest.fsck.shelf import Shelf
from ingest.raw import keys_of, manifest_of
from ingest.report import documents, write_answer
from lake.checksums import sha256_of_object
from lake.errors import ObjectNotFound
from lake.layout import answer_key

# What is written here holds counts, rules and one reason; more is not ours.
_LARGEST_DOCUMENT = 4_000_000


def check_kept(checking: Checking, shelf: Shelf, department_id: str) -> None:
    """Hold each delivery of a department against its bucket, newest first."""
    total = shelf.bytes_below("raw/")
    progress = _Reading(checking, f"{department_id}：原始文件 raw files", total)
    answered: set[str] = set()
    for delivery in checking.deliveries_of(department_id):
        check_raw(checking, shelf, delivery, progress.add)
        if delivery.state not in UNFINISHED:
            check_documents(checking, shelf, delivery)
            check_quarantine(checking, shelf, delivery)
        dropped = None if delivery.dropped is None else str(delivery.dropped["key"])
        if dropped is not None and dropped not in answered:
            answered.add(dropped)
            _check_answer(checking, shelf, delivery, dropped)


class _Reading:
    """Tells how much of the bytes of a bucket has been read."""

    def __init__(self, checking: Checking, stage: str, total: int) -> None:
        self._checking, self._stage, self._total, self._done = checking, stage, total, 0

    def add(self, size: int) -> None:
        self._done += size
        fraction = min(1.0, self._done / self._total) if self._total else None
        self._checking.intake.progress(self._stage, fraction)


def check_raw(
    checking: Checking, shelf: Shelf, delivery: Delivery, on_bytes: Callable[[int], None]
) -> None:
    """The delivered bytes are there and the same, and their manifest says what the register says.

    Nothing under raw/ is ever removed or written over here: it may be the only copy.
    """
    bucket, key = shelf.bucket, delivery.raw_key
    bytes_key, manifest_key = keys_of(delivery)
    if key is None:
        # On its way from staging to raw, or lost before it got there and refused for that.
        shelf.forget(bytes_key, manifest_key)
        return
    wrong = _wrong_bytes(checking, shelf, delivery, key, on_bytes)
    if wrong is not None:
        group, detail = wrong
        about = delivery.delivery_id
        checking.tell(group, Kind.RAW, bucket=bucket, key=key, about=about, detail=detail)
    _check_manifest(checking, shelf, delivery, manifest_key)


def _wrong_bytes(
    checking: Checking,
    shelf: Shelf,
    delivery: Delivery,
    key: str,
    on_bytes: Callable[[int], None],
) -> tuple[Group, Words] | None:
    size = shelf.take(key)
    if size is not None and size != delivery.size:
        size = shelf.size_now(key)
    expected = f"SHA-256 {delivery.sha256}"
    if size is None:
        return Group.MISSING, (expected, expected)
    if size != delivery.size:
        return Group.CHANGED, sizes(delivery.size, size)
    if checking.options.quick:
        return None
    try:
        found = sha256_of_object(checking.intake.store, shelf.bucket, key, on_bytes)
    except ObjectNotFound:
        return Group.MISSING, (expected, expected)
    return None if found == delivery.sha256 else (Group.CHANGED, sums(delivery.sha256, found))


def _check_manifest(checking: Checking, shelf: Shelf, delivery: Delivery, key: str) -> None:
    bucket, about, content = shelf.bucket, delivery.delivery_id, manifest_of(delivery)

    def rewriting() -> Words:
        checking.intake.store.put(bucket, key, io.BytesIO(content), len(content))
        return REWRITTEN

    found = _read_document(checking, shelf, key)
    if found is None:
        checking.mend(Group.MISSING, Kind.MANIFEST, rewriting, bucket=bucket, key=key, about=about)
    elif found != json.loads(content):
        checking.tell(Group.CHANGED, Kind.MANIFEST, bucket=bucket, key=key, about=about)


def check_documents(checking: Checking, shelf: Shelf, delivery: Delivery) -> None:
    """Receipt and report are there and say what the register says; else they are written again.

    They hold nothing that the register does not, so nothing can be lost by that.
    """
    for key, document in documents(delivery).items():
        content = json.dumps(document, ensure_ascii=False, indent=2).encode()

        def rewriting(key: str = key, content: bytes = content) -> Words:
            checking.intake.store.put(shelf.bucket, key, io.BytesIO(content), len(content))
            return REWRITTEN

        found = _read_document(checking, shelf, key)
        if found != json.loads(content):
            group = Group.MISSING if found is None else Group.CHANGED
            about = delivery.delivery_id
            checking.mend(group, Kind.RECEIPT, rewriting, bucket=shelf.bucket, key=key, about=about)


def _check_answer(checking: Checking, shelf: Shelf, delivery: Delivery, dropped: str) -> None:
    """The answer to a dropped file is there; which delivery answered it last, it says itself."""
    key = answer_key(dropped)
    found = _read_document(checking, shelf, key)
    if isinstance(found, dict) and found.get("dropped") == dropped:
        return
    if found is None and delivery.state in UNFINISHED:
        return

    def rewriting() -> Words:
        write_answer(checking.intake, shelf.bucket, dropped, delivery)
        return REWRITTEN

    group = Group.MISSING if found is None else Group.CHANGED
    about = delivery.delivery_id
    checking.mend(group, Kind.RECEIPT, rewriting, bucket=shelf.bucket, key=key, about=about)


def _read_document(checking: Checking, shelf: Shelf, key: str) -> Any:
    """A JSON document; None where there is none, an empty text for what is not JSON."""
    size = shelf.take(key)
    if size is None:
        return None
    if size > _LARGEST_DOCUMENT:
        return ""
    try:
        with checking.intake.store.open(shelf.bucket, key) as stream:
            return json.loads(stream.read())
    except ObjectNotFound:
        return None
    except ValueError:
        return ""


def stands(checking: Checking, delivery: Delivery) -> bool:
    """Whether the raw bytes of a finished delivery are where they should be, by their size."""
    if delivery.raw_key is None or delivery.state not in (
        DeliveryState.LOADED,
        DeliveryState.REFUSED,
    ):
        return False
    bucket = str(delivery.raw_bucket)
    found = checking.intake.store.stat(bucket, delivery.raw_key)
    return found is not None and found.size == delivery.size
