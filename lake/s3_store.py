"""The object store of a shared installation: any service with the S3 API."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.error import S3Error

from lake.errors import BucketNotFound, ObjectNotFound
from lake.objects import (
    BLOCK_BYTES,
    ExactStream,
    ObjectInfo,
    UnfinishedUpload,
    check_bucket,
    check_key,
    check_prefix,
    write_whole,
)
from lake.s3_calls import Body, ConditionFailed, http_client, known_errors, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from minio.datatypes import Object

    from lake.location import StoreLocation

_PART = 16 * 1024 * 1024
# Beyond this S3 copies only in parts.
_LARGEST_SIMPLE_COPY = 5 * 1024**3


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
            http_client=http_client(),
        )

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket if there is none."""
        check_bucket(bucket)
        with known_errors(bucket):
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
        with known_errors(bucket, key):
            self._client.put_object(bucket, key, exact, length=-1, part_size=_PART)

    def put_file(self, bucket: str, key: str, path: Path) -> None:
        """Store a local file."""
        with path.open("rb") as stream:
            self.put(bucket, key, stream)

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Read an object from its start, to be closed by the caller; ObjectNotFound."""
        _check(bucket, key)
        with known_errors(bucket, key):
            response = self._client.get_object(bucket, key)
        return io.BufferedReader(Body(response, bucket, key), BLOCK_BYTES)

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
        with known_errors(bucket, source):
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
        """Tell size, time and etag of an object, or None."""
        _check(bucket, key)
        try:
            with known_errors(bucket, key):
                found = self._client.stat_object(bucket, key)
        except (ObjectNotFound, BucketNotFound):
            return None
        return _info(key, found)

    def list(self, bucket: str, prefix: str = "") -> Iterator[ObjectInfo]:
        """List objects whose key begins with `prefix` (not a folder), in no promised order."""
        check_bucket(bucket)
        check_prefix(prefix)
        try:
            with known_errors(bucket, prefix):
                for found in self._client.list_objects(bucket, prefix or None, recursive=True):
                    if not found.is_dir:
                        yield _info(str(found.object_name), found)
        except BucketNotFound:
            return

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        _check(bucket, key)
        try:
            with known_errors(bucket, key):
                self._client.remove_object(bucket, key)
        except (ObjectNotFound, BucketNotFound):
            return

    def remove_if_unchanged(self, bucket: str, key: str, info: ObjectInfo) -> bool:
        """Remove an object if it is still the one that `info` tells of; say whether it was.

        Exact where the service honours If-Match on DELETE (SeaweedFS); MinIO removes
        whatever the condition says, so there the look just before is all there is.
        """
        found = self.stat(bucket, key)
        if found is None or (found.etag, found.size) != (info.etag, info.size):
            return False
        try:
            with known_errors(bucket, key):
                # The client's own call for this takes no condition.
                quoted = json.dumps(info.etag)
                self._client._execute("DELETE", bucket, key, headers={"If-Match": quoted})
        except (ObjectNotFound, ConditionFailed):
            return False
        return True

    def list_uploads(self, bucket: str, before: datetime) -> Iterator[UnfinishedUpload]:
        """List multipart uploads that began before a moment and have not come to an end.

        MinIO tells of those begun since it was started; older ones it ends by itself after a day.
        """
        check_bucket(bucket)
        try:
            for upload in self._uploads(bucket):
                if upload.started < before:
                    yield upload
        except BucketNotFound:
            return

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """Throw away the parts of an upload; one that has ended is no error."""
        _check(upload.bucket, upload.key)
        try:
            with known_errors(upload.bucket, upload.key):
                self._client._abort_multipart_upload(upload.bucket, upload.key, upload.upload_id)
        except (ObjectNotFound, BucketNotFound):
            return

    def _uploads(self, bucket: str) -> Iterator[UnfinishedUpload]:
        # Not by the client's own call: it asks for encoded keys, which SeaweedFS promises and does
        # not give, and it loses one of the two markers. No prefix, for MinIO answers one only for
        # a whole key; and no marker but those given, for SeaweedFS takes another for a filter.
        query = {"uploads": "", "max-uploads": "1000"}
        while True:
            with known_errors(bucket):
                response = self._client._execute("GET", bucket, query_params=dict(query))
            page = parse_xml(response.data)
            for found in page.iterfind("{*}Upload"):
                yield UnfinishedUpload(
                    bucket,
                    key=found.findtext("{*}Key", ""),
                    upload_id=found.findtext("{*}UploadId", ""),
                    started=datetime.fromisoformat(found.findtext("{*}Initiated", "")),
                )
            markers = {
                "key-marker": page.findtext("{*}NextKeyMarker"),
                "upload-id-marker": page.findtext("{*}NextUploadIdMarker"),
            }
            given = {name: text for name, text in markers.items() if text}
            if page.findtext("{*}IsTruncated") != "true" or not given:
                return
            query |= given

    def local_path(self, bucket: str, key: str) -> Path | None:
        """Say that no object here is a local file."""
        _check(bucket, key)
        return None


def _check(bucket: str, key: str) -> None:
    check_bucket(bucket)
    check_key(key)


def _info(key: str, found: Object) -> ObjectInfo:
    etag = (found.etag or "").strip('"')
    return ObjectInfo(key, found.size or 0, _aware(found.last_modified), etag)


def _aware(moment: datetime | None) -> datetime:
    return datetime.fromtimestamp(0, UTC) if moment is None else moment.astimezone(UTC)
