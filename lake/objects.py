"""The port of the object store: buckets of whole objects, visible entirely or not at all."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from lake.errors import LengthMismatch, UnsafeKey

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
MAX_KEY_BYTES = 1024
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store knows of an object: size in bytes, last change as an aware moment.

    `etag` differs between any two contents that a key has held; two stores make it differently.
    """

    key: str
    size: int
    modified: datetime
    etag: str = ""


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """Bytes on their way into a bucket that no key holds yet, begun at an aware moment.

    `key` is where they were going to, empty where the store does not say.
    """

    bucket: str
    key: str
    upload_id: str
    started: datetime


class ObjectStore(Protocol):
    """Buckets of objects. A bucket must exist before it is written to.

    Every call may raise StoreUnavailable, and UnsafeKey for a name that could escape.
    A call that writes replaces what the key held, in one step: a reader sees the old
    object or the new one, never a part. What is written outlives a crash.
    """

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket if there is none."""

    def put(self, bucket: str, key: str, stream: BinaryIO, length: int | None = None) -> None:
        """Store a stream; LengthMismatch if it does not hold exactly `length` bytes."""

    def put_file(self, bucket: str, key: str, path: Path) -> None:
        """Store a local file."""

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Read an object from its start, to be closed by the caller; ObjectNotFound."""

    def get_file(self, bucket: str, key: str, path: Path) -> None:
        """Write an object to a local file, which appears when it is whole; ObjectNotFound."""

    def copy(self, bucket: str, source: str, target: str) -> None:
        """Copy within a bucket; ObjectNotFound."""

    def move(self, bucket: str, source: str, target: str) -> None:
        """Move within a bucket; ObjectNotFound. Cut short, it may leave both, never neither."""

    def stat(self, bucket: str, key: str) -> ObjectInfo | None:
        """Tell size and time of an object, or None."""

    def list(self, bucket: str, prefix: str = "") -> Iterator[ObjectInfo]:
        """List objects whose key begins with `prefix` (not a folder), in no promised order."""

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    def remove_if_unchanged(self, bucket: str, key: str, info: ObjectInfo) -> bool:
        """Remove an object if it is still the one that `info` tells of; say whether it was."""

    def list_uploads(self, bucket: str, before: datetime) -> Iterator[UnfinishedUpload]:
        """List uploads into a bucket that began before a moment and have not come to an end."""

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """Throw away what has arrived of an upload; one that has ended is no error."""

    def local_path(self, bucket: str, key: str) -> Path | None:
        """Name the local file that is this object, to read only; None where there is none."""


def check_bucket(bucket: str) -> None:
    """Refuse a bucket name that S3 would refuse or that could leave a folder: UnsafeKey."""
    if _BUCKET.fullmatch(bucket) is None:
        raise UnsafeKey(bucket)


def check_key(key: str) -> None:
    """Refuse a key that is absolute, climbs, holds control characters or is too long: UnsafeKey."""
    parts = key.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in key or _CONTROL.search(key):
        raise UnsafeKey(key)
    if len(key.encode()) > MAX_KEY_BYTES:
        raise UnsafeKey(key)


def check_prefix(prefix: str) -> None:
    """Refuse a prefix of which no safe key could begin: UnsafeKey."""
    check_key(f"{prefix}x")


def write_whole(stream: BinaryIO, path: Path) -> None:
    """Write a stream to a local file that appears when it is whole, and not at all if it breaks."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as out:
            shutil.copyfileobj(stream, out, BLOCK_BYTES)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


class ExactStream(io.RawIOBase):
    """A stream that must hold exactly `length` bytes and says so before its end is believed."""

    def __init__(self, inner: BinaryIO, length: int | None) -> None:
        self._inner = inner
        self._length = length
        self._seen = 0

    def readable(self) -> bool:
        """Say yes: this is for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read like the inner stream; LengthMismatch at its end or past the promised length."""
        data = self._inner.read(size)
        self._seen += len(data)
        if self._length is not None and size != 0:
            too_long = self._seen > self._length
            too_short = not data and self._seen < self._length
            if too_long or too_short:
                raise LengthMismatch(expected=self._length, found=self._seen)
        return data
