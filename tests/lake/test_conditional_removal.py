"""An object is removed only while it is the one that was read: the contract, on every adapter."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from minio.error import S3Error

from lake.folder_store import FolderStore
from lake.location import StoreLocation
from lake.objects import ObjectInfo, ObjectStore
from lake.s3_store import S3Store

KEY = "incoming/户籍/文 件.csv"


def put(store: ObjectStore, bucket: str, content: bytes) -> ObjectInfo:
    store.put(bucket, KEY, io.BytesIO(content))
    found = store.stat(bucket, KEY)
    assert found is not None
    return found


def content(store: ObjectStore, bucket: str) -> bytes:
    with store.open(bucket, KEY) as stream:
        return stream.read()


def test_a_listing_and_a_look_tell_the_same_etag(store: ObjectStore, bucket: str) -> None:
    small = put(store, bucket, b"abc")
    assert small.etag
    assert [found.etag for found in store.list(bucket)] == [small.etag]
    of_many_parts = put(store, bucket, b"x" * (17 << 20))
    assert of_many_parts.etag not in {"", small.etag}
    assert [found.etag for found in store.list(bucket)] == [of_many_parts.etag]


def test_what_was_read_is_removed(store: ObjectStore, bucket: str) -> None:
    for data in (b"abc", b"x" * (17 << 20)):
        assert store.remove_if_unchanged(bucket, KEY, put(store, bucket, data)) is True
        assert store.stat(bucket, KEY) is None


@pytest.mark.parametrize("newer", [b"xyz", b"longer than before"])
def test_what_was_replaced_meanwhile_stays(store: ObjectStore, bucket: str, newer: bytes) -> None:
    before = put(store, bucket, b"abc")
    put(store, bucket, newer)
    assert store.remove_if_unchanged(bucket, KEY, before) is False
    assert content(store, bucket) == newer


def test_an_object_that_is_gone_was_not_removed(store: ObjectStore, bucket: str) -> None:
    before = put(store, bucket, b"abc")
    store.remove(bucket, KEY)
    assert store.remove_if_unchanged(bucket, KEY, before) is False
    assert store.remove_if_unchanged("dept-none", KEY, before) is False


def test_knowing_nothing_of_an_object_removes_none(store: ObjectStore, bucket: str) -> None:
    found = put(store, bucket, b"abc")
    assert store.remove_if_unchanged(bucket, KEY, replace(found, etag="")) is False
    assert content(store, bucket) == b"abc"


def delete_if(location: StoreLocation, bucket: str, etag: str) -> str:
    """What the service says to a DELETE under a condition: an error code, or nothing."""
    client: Any = S3Store(location)._client
    try:
        client._execute("DELETE", bucket, KEY, headers={"If-Match": f'"{etag}"'})
    except S3Error as error:
        return str(error.code)
    return ""


def a_bucket(location: StoreLocation, name: str) -> ObjectStore:
    store = S3Store(location)
    store.ensure_bucket(name)
    return store


def test_seaweedfs_honours_the_condition_of_a_removal(seaweedfs: StoreLocation) -> None:
    store = a_bucket(seaweedfs, "dept-condition")
    found = put(store, "dept-condition", b"abc")
    assert delete_if(seaweedfs, "dept-condition", "0" * 32) == "PreconditionFailed"
    assert content(store, "dept-condition") == b"abc"
    assert delete_if(seaweedfs, "dept-condition", found.etag) == ""
    assert store.stat("dept-condition", KEY) is None


def test_minio_ignores_the_condition_of_a_removal(minio: StoreLocation) -> None:
    """So a look just before is all there is; the day this fails, it has become exact."""
    store = a_bucket(minio, "dept-condition")
    put(store, "dept-condition", b"abc")
    assert delete_if(minio, "dept-condition", "0" * 32) == ""
    assert store.stat("dept-condition", KEY) is None


class _ReplacedInBetween(FolderStore):
    """A folder in which somebody replaces the file after the first look at it."""

    def __init__(self, root: Path, newer: Iterator[bytes]) -> None:
        super().__init__(root)
        self._newer = newer

    def _new_partial(self, bucket: str) -> Path:
        path = self._path(bucket, KEY)
        for data in self._newer:
            another = path.with_name("another")
            another.write_bytes(data)
            another.replace(path)
        return super()._new_partial(bucket)


def test_a_file_replaced_between_look_and_removal_is_put_back(tmp_path: Path) -> None:
    plain = FolderStore(tmp_path)
    plain.ensure_bucket("dept-a")
    before = put(plain, "dept-a", b"abc")
    store = _ReplacedInBetween(tmp_path, iter([b"xyz"]))
    assert store.remove_if_unchanged("dept-a", KEY, before) is False
    assert content(plain, "dept-a") == b"xyz"
    assert [path.name for path in (tmp_path / ".partial").rglob("*") if path.is_file()] == []


def test_a_file_changed_in_its_place_is_another(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.ensure_bucket("dept-a")
    before = put(store, "dept-a", b"abc")
    path = tmp_path / "dept-a" / KEY
    path.write_bytes(b"xyz")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1))
    assert store.remove_if_unchanged("dept-a", KEY, before) is False
