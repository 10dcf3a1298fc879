"""How calls to an S3 service are made, and what goes wrong there in the words of the lake."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import certifi
import urllib3
from minio.error import MinioException, S3Error

from lake.errors import BucketNotFound, ObjectNotFound, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_MISSING_OBJECT = frozenset({"NoSuchKey", "NoSuchUpload", "NotFound", "ResourceNotFound"})


class ConditionFailed(Exception):
    """The object is another one than the call was about."""


def http_client() -> urllib3.PoolManager:
    """Make the connections of a client: certificates are checked, a call is tried four times."""
    return urllib3.PoolManager(
        maxsize=16,
        timeout=urllib3.Timeout(connect=5, read=120),
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
        retries=urllib3.Retry(
            total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504], redirect=0
        ),
    )


def parse_xml(body: bytes) -> ElementTree.Element:
    """Read the answer of a service; StoreUnavailable where it is none of an S3 service."""
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - of the platform's own store
    except ElementTree.ParseError as error:
        raise StoreUnavailable("S3", "XML") from error


@contextmanager
def known_errors(bucket: str, key: str = "") -> Iterator[None]:
    """Raise what the client says of a missing thing or a failing service as a LakeError."""
    try:
        yield
    except S3Error as error:
        if error.code in _MISSING_OBJECT:
            raise ObjectNotFound(bucket, key) from error
        if error.code == "NoSuchBucket":
            raise BucketNotFound(bucket) from error
        if error.code == "PreconditionFailed":
            raise ConditionFailed from error
        raise StoreUnavailable(key or bucket, str(error.code)) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise StoreUnavailable(key or bucket, type(error).__name__) from error


class Body(io.RawIOBase):
    """The body of an answer as a readable file that gives its connection back when closed."""

    def __init__(self, response: urllib3.BaseHTTPResponse, bucket: str, key: str) -> None:
        self._response = response
        self._bucket = bucket
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        with known_errors(self._bucket, self._key):
            data = self._response.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._response.release_conn()
        super().close()
