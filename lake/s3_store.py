"""The object store of a shared installation: any service with the S3 API."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

import certifi
import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.error import MinioException, S3Error

from lake.errors import BucketNotFound, ObjectNotFound, StoreUnavailable
from lake.objects import (
    BLOCK_BYTES,
    ExactStream,
    ObjectInfo,
    check_bucket,
    check_key,
    check_prefix,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lake.location import StoreLocation

_PART = 16 * 1024 * 1024
# Beyond this S3 copies only in parts.
_LARGEST_SIMPLE_COPY = 5 * 1024**3
_MISSING_OBJECT = frozenset({"NoSuchKey", "NotFound", "ResourceNotFound"})


class S3Store:
    """Implements ObjectStore on an S3 service; see the port for what each call promises.

    Safe to share between threads. A stream of unknown length goes up in parts of 16 MiB.
    """

    def __init__(self, location: StoreLocation) -> None:
        self._region = location.region
        self._client = Minio(
            location.endpoint,
            access_key=location.access_key,
            secret_key=location.secret_key,
            region=location.region,
            secure=location.secure,
            http_client=_http_client(),
        )

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket if there is none."""
        check_bucket(bucket)
        with _known_errors(bucket):
            if self._client.bucket_exists(bucket):
                return
            try:
                self._client.make_bucket(bucket, self._region)
            except S3Error as error:
                # Somebody else made it in between.
                if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise

    def put(self, bucket: str, key: str, stream: BinaryIO, length: int | None = None) -> None:
        """Store a stream; LengthMismatch if it does not hold exactly `length` bytes."""
        _check(bucket, key)
        # The length is not told to the client: it would not notice bytes beyond it.
        exact = cast("BinaryIO", ExactStream(stream, length))
        with _known_errors(bucket, key):
            self._client.put_object(bucket, key, exact, length=-1, part_size=_PART)

    def put_file(self, bucket: str, key: str, path: Path) -> None:
        """Store a local file."""
        with path.open("rb") as stream:
            self.put(bucket, key, stream)

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Read an object from its start, to be closed by the caller; ObjectNotFound."""
        _check(bucket, key)
        with _known_errors(bucket, key):
            response = self._client.get_object(bucket, key)
        return io.BufferedReader(_Body(response, bucket, key), BLOCK_BYTES)

    def get_file(self, bucket: str, key: str, path: Path) -> None:
        """Write an object to a local file, which appears when it is whole; ObjectNotFound."""
        with self.open(bucket, key) as stream:
            write_whole(stream, path)

    def copy(self, bucket: str, source: str, target: str) -> None:
        """Copy within a bucket, inside the service; ObjectNotFound."""
        _check(bucket, target)
        found = self.stat(bucket, source)
        if found is None:
            raise ObjectNotFound(bucket, source)
        with _known_errors(bucket, source):
            if found.size > _LARGEST_SIMPLE_COPY:
                self._client.compose_object(bucket, target, [ComposeSource(bucket, source)])
            else:
                self._client.copy_object(bucket, target, CopySource(bucket, source))

    def move(self, bucket: str, source: str, target: str) -> None:
        """Move within a bucket by copy, then removal; ObjectNotFound. Cut short, it leaves both."""
        if source == target and self.stat(bucket, source) is not None:
            return
        self.copy(bucket, source, target)
        self.remove(bucket, source)

    def stat(self, bucket: str, key: str) -> ObjectInfo | None:
        """Tell size and time of an object, or None."""
        _check(bucket, key)
        try:
            with _known_errors(bucket, key):
                found = self._client.stat_object(bucket, key)
        except (ObjectNotFound, BucketNotFound):
            return None
        return ObjectInfo(key, found.size or 0, _aware(found.last_modified))

    def list(self, bucket: str, prefix: str = "") -> Iterator[ObjectInfo]:
        """List objects whose key begins with `prefix` (not a folder), in no promised order."""
        check_bucket(bucket)
        check_prefix(prefix)
        try:
            with _known_errors(bucket, prefix):
                for found in self._client.list_objects(bucket, prefix or None, recursive=True):
                    if not found.is_dir:
                        key = str(found.object_name)
                        yield ObjectInfo(key, found.size or 0, _aware(found.last_modified))
        except BucketNotFound:
            return

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        _check(bucket, key)
        try:
            with _known_errors(bucket, key):
                self._client.remove_object(bucket, key)
        except (ObjectNotFound, BucketNotFound):
            return

    def local_path(self, bucket: str, key: str) -> Path | None:
        """Say that no object here is a local file."""
        _check(bucket, key)
        return None


class _Body(io.RawIOBase):
    """The body of an answer as a readable file that gives its connection back when closed."""

    def __init__(self, response: urllib3.BaseHTTPResponse, bucket: str, key: str) -> None:
        self._response = response
        self._bucket = bucket
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        with _known_errors(self._bucket, self._key):
            data = self._response.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()


def _http_client() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        maxsize=16,
        timeout=urllib3.Timeout(connect=5, read=120),
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        retries=urllib3.Retry(
            total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], redirect=0
        ),
    )


def _check(bucket: str, key: str) -> None:
    check_bucket(bucket)
    check_key(key)


def _aware(moment: datetime | None) -> datetime:
    return datetime.fromtimestamp(0, UTC) if moment is None else moment.astimezone(UTC)


@contextmanager
def _known_errors(bucket: str, key: str = "") -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING_OBJECT:
            raise ObjectNotFound(bucket, key) from error
        if error.code == "NoSuchBucket":
            raise BucketNotFound(bucket) from error
        raise StoreUnavailable(key or bucket, str(error.code)) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StoreUnavailable(key or bucket, type(error).__name__) from error
