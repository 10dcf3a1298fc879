"""Uploads that never came to an end are found and thrown away: the contract, on every adapter."""

from __future__ import annotations

import io
import os
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lake.errors import UnsafeKey
from lake.folder_store import FolderStore
from lake.location import StoreLocation
from lake.objects import ObjectStore, UnfinishedUpload
from lake.s3_store import S3Store
from tests.servers.minio import find_minio, minio_server

KEY = "incoming/户籍/文 件+1.csv"
LATER = datetime(2999, 1, 1, tzinfo=UTC)


def begin(store: ObjectStore, bucket: str, key: str = KEY) -> None:
    """Begin to send an object and fall silent."""
    if isinstance(store, FolderStore):
        path = store._new_partial(bucket)
        path.write_bytes(b"half")
        an_hour_ago = datetime.now(UTC).timestamp() - 3600
        os.utime(path, (an_hour_ago, an_hour_ago))
    else:
        client: Any = store._client  # type: ignore[attr-defined]
        upload_id = client._create_multipart_upload(bucket, key, {})
        client._upload_part(bucket, key, b"half", None, upload_id, 1)


def unfinished(store: ObjectStore, bucket: str, before: datetime = LATER) -> list[UnfinishedUpload]:
    return list(store.list_uploads(bucket, before))


def test_an_unfinished_upload_is_told_and_is_no_object(store: ObjectStore, bucket: str) -> None:
    begin(store, bucket)
    [found] = unfinished(store, bucket)
    assert found.bucket == bucket
    assert found.key == ("" if isinstance(store, FolderStore) else KEY)
    assert timedelta() <= datetime.now(UTC) - found.started + timedelta(seconds=5)
    assert list(store.list(bucket)) == []
    assert store.stat(bucket, KEY) is None


def test_only_what_began_before_the_moment_is_told(store: ObjectStore, bucket: str) -> None:
    begin(store, bucket)
    [found] = unfinished(store, bucket)
    assert unfinished(store, bucket, found.started) == []
    assert unfinished(store, bucket, found.started + timedelta(microseconds=1)) == [found]


def test_an_aborted_upload_is_gone_and_may_be_aborted_again(
    store: ObjectStore, bucket: str
) -> None:
    store.put(bucket, KEY, io.BytesIO(b"whole"))
    begin(store, bucket)
    begin(store, bucket)
    first, second = unfinished(store, bucket)
    store.abort_upload(first)
    assert unfinished(store, bucket) == [second]
    store.abort_upload(first)
    store.abort_upload(second)
    assert unfinished(store, bucket) == []
    assert [found.size for found in store.list(bucket)] == [5]


def test_uploads_of_another_bucket_are_not_told(store: ObjectStore, bucket: str) -> None:
    other = f"dept-{uuid.uuid4().hex[:12]}"
    store.ensure_bucket(other)
    begin(store, other)
    assert unfinished(store, bucket) == []
    assert len(unfinished(store, other)) == 1


def test_a_missing_bucket_has_no_uploads(store: ObjectStore) -> None:
    assert unfinished(store, "dept-none") == []
    store.abort_upload(UnfinishedUpload("dept-none", "a", "0" * 32, LATER))


def test_more_uploads_than_a_page_holds_are_all_told(s3_location: StoreLocation) -> None:
    store = S3Store(s3_location)
    bucket = f"dept-{uuid.uuid4().hex[:12]}"
    store.ensure_bucket(bucket)
    client: Any = store._client
    wanted = {f"staging/{number:04d}" for number in range(1005)}
    for key in wanted:
        client._create_multipart_upload(bucket, key, {})
    found = unfinished(store, bucket)
    assert len(found) == len(wanted)
    assert {upload.key for upload in found} == wanted


@pytest.mark.parametrize("name", ["../dept-a/x", "/x", ""])
def test_no_file_outside_of_the_unfinished_is_removed(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path)
    store.ensure_bucket("dept-a")
    store.put("dept-a", "x", io.BytesIO(b"kept"))
    with pytest.raises(UnsafeKey):
        store.abort_upload(UnfinishedUpload("dept-a", "", name, LATER))
    assert store.stat("dept-a", "x") is not None


def test_minio_forgets_an_upload_when_it_is_started_again(
    minio: StoreLocation, tmp_path: Path
) -> None:
    """It ends those by itself after a day; the day this fails, the port's word can go."""
    del minio
    program = find_minio()
    assert program is not None
    with minio_server(program, tmp_path) as server:
        store = S3Store(server.location)
        store.ensure_bucket("dept-a")
        store.put("dept-a", "x", io.BytesIO(b"kept"))
        begin(store, "dept-a")
        assert len(unfinished(store, "dept-a")) == 1
        server.stop()
        server.start()
        assert unfinished(store, "dept-a") == []
        assert [found.key for found in store.list("dept-a")] == ["x"]
