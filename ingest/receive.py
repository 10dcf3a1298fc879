"""Take the bytes of a file as they come, hash them on the way, and keep them before all else."""

import hashlib
import io
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, cast

from ingest.intake import Intake
from ingest.steps import Step
from lake.layout import bucket_of, staging_key


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that lie in staging: bucket, key, size in bytes, SHA-256 in lower-case hex."""

    bucket: str
    key: str
    size: int
    sha256: str


class HashingStream(io.RawIOBase):
    """A readable stream that hashes and counts what passes through it."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._digest = hashlib.sha256()
        self._pool = ThreadPoolExecutor(1)
        self._hashing: Future[None] | None = None
        self.size = 0

    def readable(self) -> bool:
        """Say yes: this is for reading."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read at most `size` bytes and remember them in the hash."""
        chunk = self._stream.read(size)
        if self._hashing is not None:
            self._hashing.result()
        # The next chunk is written while this one is hashed.
        self._hashing = self._pool.submit(self._digest.update, chunk)
        self.size += len(chunk)
        return chunk

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes read so far."""
        self._pool.shutdown()
        return self._digest.hexdigest()

    def close(self) -> None:
        """Let the hashing end; the stream that was read is its owner's to close."""
        self._pool.shutdown()
        super().close()


def receive(intake: Intake, *, department_id: str, delivery_id: str, stream: BinaryIO) -> Received:
    """Stream a file of any size into the sender's staging area, under the delivery's own id."""
    bucket = bucket_of(department_id)
    key = staging_key(delivery_id)
    intake.store.ensure_bucket(bucket)
    with HashingStream(stream) as hashing:
        intake.store.put(bucket, key, cast(BinaryIO, hashing))
        received = Received(bucket, key, hashing.size, hashing.sha256)
    intake.on_step(Step.BYTES_STAGED)
    return received
