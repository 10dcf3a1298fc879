"""Read a kept file for somebody who may have it, with proof that it is what was delivered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from catalog.file_resources import FileVersion
from ingest.raw import RawChanged
from lake.objects import BLOCK_BYTES, ObjectStore


def fetch(store: ObjectStore, version: FileVersion) -> Iterator[bytes]:
    """The bytes of a version in blocks; the last one only when all are what was delivered.

    Opened here and now, and a file of one block is proven before this returns. Raises RawChanged
    (while it is read, too), ObjectNotFound, StoreUnavailable.
    """
    blocks = _proven(store.open(version.raw_bucket, version.raw_key), version)
    first = next(blocks, b"")
    return chain([first], blocks)


def _proven(stream: BinaryIO, version: FileVersion) -> Iterator[bytes]:
    digest, held = hashlib.sha256(), b""
    with stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
            if held:
                yield held
            held = block
    found = digest.hexdigest()
    if found != version.sha256:
        raise RawChanged(version.delivery_id, version.sha256, found)
    yield held
