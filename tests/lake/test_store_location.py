"""One location: what one of the three clients writes, the two others read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyiceberg.io import load_file_io

from lake.engine import open_engine, quote_value
from lake.errors import InvalidLocation, UnsafeKey
from lake.location import LocationKind, StoreLocation, parse_location
from lake.objects import ObjectStore
from tests.lake.makers import rows_of

TABLE = pa.table({"name": ["张三", "李 四", None], "n": [1, 2, 3]})
ROWS = [("张三", 1), ("李 四", 2), (None, 3)]
KEYS = [
    "curated/household/g1/part-0.parquet",
    "curated/户籍 登记/数 据.parquet",
    "a+b=c&d'e/%41.parquet",
]

Place = tuple[StoreLocation, ObjectStore, str]


@pytest.fixture
def place(store_location: StoreLocation, store: ObjectStore, bucket: str) -> Place:
    return store_location, store, bucket


@pytest.fixture
def engine(store_location: StoreLocation) -> duckdb.DuckDBPyConnection:
    return open_engine(store_location)


def parquet_bytes() -> bytes:
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


def write_by_store(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> None:
    _, store, bucket = place
    store.put(bucket, key, io.BytesIO(parquet_bytes()))


def write_by_file_io(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> None:
    location, _, bucket = place
    url = location.url(bucket, key)
    with load_file_io(location.pyiceberg_properties(), url).new_output(url).create() as out:
        out.write(parquet_bytes())


def write_by_engine(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> None:
    location, store, bucket = place
    if location.kind is LocationKind.FOLDER:
        # Folders are the store's to make: DuckDB makes none.
        store.put(bucket, key, io.BytesIO(b""))
    engine.register("written", TABLE)
    url = quote_value(location.url(bucket, key))
    engine.execute(f"COPY (SELECT name, n FROM written) TO {url} (FORMAT parquet)")


def read_by_store(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> pa.Table:
    _, store, bucket = place
    with store.open(bucket, key) as stream:
        return pq.read_table(io.BytesIO(stream.read()))


def read_by_file_io(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> pa.Table:
    location, _, bucket = place
    url = location.url(bucket, key)
    with load_file_io(location.pyiceberg_properties(), url).new_input(url).open() as stream:
        return pq.read_table(io.BytesIO(stream.read()))


def read_by_engine(place: Place, key: str, engine: duckdb.DuckDBPyConnection) -> pa.Table:
    location, _, bucket = place
    url = quote_value(location.url(bucket, key))
    return engine.execute(f"SELECT name, n FROM read_parquet([{url}])").to_arrow_table()


WRITERS = [write_by_store, write_by_file_io, write_by_engine]
READERS = [read_by_store, read_by_file_io, read_by_engine]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("write", WRITERS)
def test_what_one_client_writes_all_read(
    place: Place, engine: duckdb.DuckDBPyConnection, write: Callable[..., None], key: str
) -> None:
    write(place, key, engine)
    assert [found.key for found in place[1].list(place[2])] == [key]
    for read in READERS:
        found = read(place, key, engine).to_pylist()
        assert [(row["name"], row["n"]) for row in found] == ROWS


def test_an_address_is_read_into_a_location(tmp_path: Path) -> None:
    folder = parse_location(f"file://{tmp_path}/政务 湖")
    assert folder.kind is LocationKind.FOLDER
    assert folder.url("dept-a", "x/y") == f"file://{tmp_path}/政务 湖/dept-a/x/y"
    remote = parse_location("s3://store:8333", access_key="k", secret_key="s", secure=True)
    assert remote == StoreLocation.s3("store:8333", "k", "s", secure=True)
    assert remote.url("dept-a", "x/y") == "s3://dept-a/x/y"
    assert remote.pyiceberg_properties()["s3.endpoint"] == "https://store:8333"


@pytest.mark.parametrize(
    "url",
    [
        "", "lake", "file://relative", "/lake", "http://store:1", "s3://", "s3://store/bucket",
        "s3://user:password@store:1", "file:///lake/*", "file:///lake[1]",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(InvalidLocation):
        parse_location(url, access_key="k", secret_key="s")


@pytest.mark.parametrize(
    "url",
    [
        "s3://user:pass/word@store:1",
        "ftp://user:pass/word@h/x",
        "s3://store?key=pass/word",
        "s3://[x",
    ],
)
def test_keys_in_an_address_are_not_repeated(url: str) -> None:
    with pytest.raises(InvalidLocation) as refused:
        parse_location(url, access_key="k", secret_key="s")
    assert "pass/word" not in f"{refused.value} {refused.value.facts}"


def test_an_s3_address_without_keys_is_refused() -> None:
    with pytest.raises(InvalidLocation):
        parse_location("s3://store:8333")


def test_a_url_never_leaves_its_bucket(store_location: StoreLocation) -> None:
    with pytest.raises(UnsafeKey):
        store_location.url("dept-a", "../dept-b/x")


def test_the_secret_is_not_shown() -> None:
    location = StoreLocation.s3("store:1", "the-key", "the-secret")
    assert "the-secret" not in repr(location)
    assert "the-key" not in repr(location)


def test_a_quote_in_a_secret_stays_in_the_secret(seaweedfs: StoreLocation) -> None:
    odd = StoreLocation.s3(seaweedfs.endpoint, "k'; DROP", "s'')")
    assert rows_of(open_engine(odd), "SELECT name FROM duckdb_secrets()") == [("datong_lake",)]
