"""The contract of the object store, run on every adapter."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lake.errors import (
    BucketNotFound,
    LengthMismatch,
    ObjectNotFound,
    StoreUnavailable,
    UnsafeKey,
)
from lake.folder_store import FolderStore
from lake.location import StoreLocation
from lake.objects import ObjectInfo, ObjectStore
from lake.s3_store import S3Store

KEY = "raw/户籍 登记/d1/文 件.csv"
LATER = datetime(2999, 1, 1, tzinfo=UTC)
UNSAFE = ["", "/etc/passwd", "a/../../b", "..", "a//b", "a/", "./a", "a\\b", "a\nb", "a" * 1100]


def keys(store: ObjectStore, bucket: str, prefix: str = "") -> list[str]:
    return sorted(found.key for found in store.list(bucket, prefix))


def content(store: ObjectStore, bucket: str, key: str) -> bytes:
    with store.open(bucket, key) as stream:
        return stream.read()


def info_of(store: ObjectStore, bucket: str, key: str) -> ObjectInfo:
    found = store.stat(bucket, key)
    assert found is not None
    return found


class Breaking(io.RawIOBase):
    """A stream that fails after some blocks, as a connection that is cut does."""

    def __init__(self, blocks: int) -> None:
        self._left = blocks

    def read(self, size: int = -1, /) -> bytes:
        self._left -= 1
        if self._left < 0:
            raise ConnectionResetError("cut")
        return b"x" * min(size, 1 << 20)


@pytest.mark.parametrize("length", [None, 9])
def test_what_is_put_is_what_is_read(store: ObjectStore, bucket: str, length: int | None) -> None:
    store.put(bucket, KEY, io.BytesIO(b"a,b\n1,2\n\xff"), length)
    assert content(store, bucket, KEY) == b"a,b\n1,2\n\xff"


def test_an_empty_object_is_an_object(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, KEY, io.BytesIO(b""), 0)
    assert content(store, bucket, KEY) == b""
    assert keys(store, bucket) == [KEY]


def test_a_stream_of_many_parts_of_unknown_length_arrives_whole(
    store: ObjectStore, bucket: str
) -> None:
    data = bytes(range(256)) * (40 * 4096)
    store.put(bucket, KEY, io.BytesIO(data))
    assert content(store, bucket, KEY) == data


def test_size_and_time_of_an_object_are_told(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, KEY, io.BytesIO(b"abc"))
    found = store.stat(bucket, KEY)
    assert found is not None
    assert (found.key, found.size) == (KEY, 3)
    assert abs(found.modified - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_is_not_there_is_said_in_each_way(
    store: ObjectStore, bucket: str, tmp_path: Path
) -> None:
    assert store.stat(bucket, "none") is None
    assert keys(store, bucket, "none") == []
    store.remove(bucket, "none")
    with pytest.raises(ObjectNotFound):
        store.open(bucket, "none")
    with pytest.raises(ObjectNotFound):
        store.get_file(bucket, "none", tmp_path / "none")
    with pytest.raises(ObjectNotFound):
        store.copy(bucket, "none", "other")
    with pytest.raises(ObjectNotFound):
        store.move(bucket, "none", "other")
    assert list(tmp_path.glob("none*")) == []


def test_a_missing_bucket_holds_nothing_and_takes_nothing(store: ObjectStore) -> None:
    assert store.stat("dept-none", "a") is None
    assert keys(store, "dept-none") == []
    store.remove("dept-none", "a")
    with pytest.raises(BucketNotFound):
        store.put("dept-none", "a", io.BytesIO(b"a"))


def test_a_bucket_is_made_once(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "a", io.BytesIO(b"a"))
    store.ensure_bucket(bucket)
    assert keys(store, bucket) == ["a"]


def test_putting_again_replaces(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "a", io.BytesIO(b"long before"))
    store.put(bucket, "a", io.BytesIO(b"new"))
    assert content(store, bucket, "a") == b"new"


@pytest.mark.parametrize("length", [2, 4, 17 << 20])
def test_a_stream_of_another_length_than_promised_leaves_nothing(
    store: ObjectStore, bucket: str, length: int
) -> None:
    store.put(bucket, "kept", io.BytesIO(b"old"))
    for key in ("a", "kept"):
        with pytest.raises(LengthMismatch):
            store.put(bucket, key, io.BytesIO(b"abc"), length)
    assert keys(store, bucket) == ["kept"]
    assert content(store, bucket, "kept") == b"old"
    assert list(store.list_uploads(bucket, LATER)) == []


def test_a_stream_that_breaks_leaves_nothing(store: ObjectStore, bucket: str) -> None:
    with pytest.raises(ConnectionResetError):
        store.put(bucket, "a", Breaking(20))  # type: ignore[arg-type]
    assert keys(store, bucket) == []
    assert list(store.list_uploads(bucket, LATER)) == []


def test_files_go_in_and_out(store: ObjectStore, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"rows")
    store.put_file(bucket, KEY, tmp_path / "in")
    store.get_file(bucket, KEY, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"rows"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["in", "out"]


def test_a_copy_leaves_the_source_and_a_move_does_not(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "staging/a", io.BytesIO(b"abc"))
    store.copy(bucket, "staging/a", "raw/复 本")
    assert keys(store, bucket) == ["raw/复 本", "staging/a"]
    store.move(bucket, "staging/a", KEY)
    assert keys(store, bucket) == ["raw/复 本", KEY]
    assert content(store, bucket, KEY) == content(store, bucket, "raw/复 本") == b"abc"


def test_a_move_onto_itself_keeps_the_object(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "a", io.BytesIO(b"abc"))
    store.move(bucket, "a", "a")
    assert content(store, bucket, "a") == b"abc"


def test_a_listing_goes_by_prefix_not_by_folder(store: ObjectStore, bucket: str) -> None:
    written = ["a.b", "a/1", "a/b/2", "a0", "ab", "b", "z", "中/文"]
    for key in reversed(written):
        store.put(bucket, key, io.BytesIO(b"x"))
    assert keys(store, bucket) == written
    assert keys(store, bucket, "a") == ["a.b", "a/1", "a/b/2", "a0", "ab"]
    assert keys(store, bucket, "a/") == ["a/1", "a/b/2"]
    assert keys(store, bucket, "中/") == ["中/文"]


def test_a_folder_on_the_way_to_a_key_is_no_object(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, "a/b", io.BytesIO(b"x"))
    assert store.stat(bucket, "a") is None
    assert store.stat(bucket, "a/b/c") is None
    store.remove(bucket, "a")
    for key in ("a", "a/b/c"):
        with pytest.raises(ObjectNotFound):
            store.open(bucket, key)
    assert keys(store, bucket) == ["a/b"]


def test_a_removed_object_is_gone(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, KEY, io.BytesIO(b"x"))
    store.remove(bucket, KEY)
    assert store.stat(bucket, KEY) is None
    assert keys(store, bucket) == []


@pytest.mark.parametrize("key", UNSAFE)
def test_a_key_that_could_escape_is_refused_everywhere(
    store: ObjectStore, bucket: str, key: str
) -> None:
    store.put(bucket, "a", io.BytesIO(b"x"))
    calls = (
        lambda: store.put(bucket, key, io.BytesIO(b"x")),
        lambda: store.open(bucket, key),
        lambda: store.copy(bucket, "a", key),
        lambda: store.move(bucket, key, "b"),
        lambda: store.stat(bucket, key),
        lambda: store.remove(bucket, key),
        lambda: store.remove_if_unchanged(bucket, key, info_of(store, bucket, "a")),
        lambda: store.local_path(bucket, key),
    )
    for call in calls:
        with pytest.raises(UnsafeKey):
            call()


@pytest.mark.parametrize("name", ["..", ".partial", "A", "a/b", "", "ab_c"])
def test_a_bucket_name_that_could_escape_is_refused(store: ObjectStore, name: str) -> None:
    with pytest.raises(UnsafeKey):
        store.ensure_bucket(name)
    with pytest.raises(UnsafeKey):
        store.stat(name, "a")
    with pytest.raises(UnsafeKey):
        list(store.list(name))


def test_a_listing_does_not_climb(store: ObjectStore, bucket: str) -> None:
    with pytest.raises(UnsafeKey):
        list(store.list(bucket, "../"))


def test_only_a_folder_has_local_files(store: ObjectStore, bucket: str) -> None:
    store.put(bucket, KEY, io.BytesIO(b"abc"))
    path = store.local_path(bucket, KEY)
    if isinstance(store, FolderStore):
        assert path is not None
        assert path.read_bytes() == b"abc"
    else:
        assert path is None


def test_a_move_in_a_folder_copies_no_bytes(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.ensure_bucket("dept-a")
    store.put("dept-a", "staging/1", io.BytesIO(b"abc"))
    before = (tmp_path / "dept-a/staging/1").stat().st_ino
    store.move("dept-a", "staging/1", "raw/x/1")
    assert (tmp_path / "dept-a/raw/x/1").stat().st_ino == before


def test_a_folder_keeps_no_half_written_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.ensure_bucket("dept-a")
    with pytest.raises(LengthMismatch):
        store.put("dept-a", "a", io.BytesIO(b"abc"), 9)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_service_that_is_away_is_a_known_error() -> None:
    store = S3Store(StoreLocation.s3("127.0.0.1:9", "key", "secret"))
    with pytest.raises(StoreUnavailable) as caught:
        store.stat("dept-a", "a")
    assert "secret" not in str(caught.value)
