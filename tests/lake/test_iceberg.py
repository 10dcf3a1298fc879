"""Iceberg tables on both kinds of store and of database, read back by an independent reader."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lake.curated import arrow_schema, column_types, relation_sql
from lake.engine import load_iceberg, open_engine, quote_value
from lake.errors import (
    CommitConflict,
    IncompatibleSchema,
    ObjectNotFound,
    SnapshotNotFound,
    TableNotFound,
)
from lake.iceberg import ATTEMPT_PROPERTY, DELIVERY_PROPERTY, Snapshot, Tables
from lake.layout import curated_data_key, curated_prefix, table_identifier
from lake.location import StoreLocation
from lake.objects import ObjectStore
from standards.records import Record
from tests.lake.makers import a_record, an_item, rows_of, write_rows

RECORD = a_record(an_item("id", key=True), an_item("name"), an_item("n", "N", length=6, scale=2))
WIDER = a_record(
    an_item("id", key=True),
    an_item("name"),
    an_item("n", "N", length=12, scale=2),
    an_item("born", "D"),
)


class Lake:
    """A lake of one department with the table of one resource."""

    def __init__(
        self, location: StoreLocation, store: ObjectStore, bucket: str, tables: Tables, tmp: Path
    ) -> None:
        self.location, self.store, self.bucket = location, store, bucket
        self.tables, self.tmp = tables, tmp
        # One catalogue serves a test, one S3 server the session: names follow the bucket.
        self.identifier = table_identifier(bucket.removeprefix("dept-"), "household", 1)

    def ensure(self, record: Record = RECORD) -> str:
        prefix = curated_prefix("household", 1)
        return self.tables.ensure_table(self.bucket, self.identifier, arrow_schema(record), prefix)

    def write(self, delivery: str, names: list[str], record: Record = RECORD) -> str:
        key = curated_data_key("household", 1, delivery, 0)
        path = write_rows(self.tmp / f"{delivery}.parquet", record, delivery, names)
        self.store.put_file(self.bucket, key, path)
        return self.location.url(self.bucket, key)

    def load(self, delivery: str, names: list[str], record: Record = RECORD) -> Snapshot:
        return self.commit(delivery, [self.write(delivery, names, record)])

    def commit(self, delivery: str, urls: list[str]) -> Snapshot:
        properties = {DELIVERY_PROPERTY: delivery, ATTEMPT_PROPERTY: "1"}
        return self.tables.append_files(self.identifier, urls, properties)

    def names(self, snapshot: Snapshot) -> list[str]:
        files = self.tables.data_files(self.identifier, snapshot.snapshot_id)
        sql = f"SELECT name FROM {relation_sql(files, RECORD)} ORDER BY _delivery, _row"
        return [str(name) for (name,) in rows_of(open_engine(self.location), sql)]

    def names_by_iceberg_scan(self, snapshot: Snapshot) -> list[str]:
        engine = open_engine(self.location)
        load_iceberg(engine)
        metadata = quote_value(snapshot.metadata_location)
        sql = (
            f"SELECT name FROM iceberg_scan({metadata}, snapshot_from_id = "
            f"{snapshot.snapshot_id}) ORDER BY _delivery, _row"
        )
        return [str(name) for (name,) in rows_of(engine, sql)]


@pytest.fixture(
    params=[("folder", "sqlite"), ("seaweedfs", "postgresql"), ("minio", "postgresql")],
    ids="-".join,
)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Give each kind of store, with one kind of database: the two know nothing of each other."""
    kinds: tuple[str, str] = request.param
    return kinds


@pytest.fixture
def store_location(
    place: tuple[str, str], request: pytest.FixtureRequest, tmp_path: Path
) -> StoreLocation:
    if place[0] == "folder":
        return StoreLocation.folder(tmp_path / "lake")
    location: StoreLocation = request.getfixturevalue(place[0])
    return location


@pytest.fixture
def database_kind(place: tuple[str, str]) -> str:
    return place[1]


@pytest.fixture
def lake(
    store_location: StoreLocation,
    store: ObjectStore,
    bucket: str,
    catalog_url: str,
    tmp_path: Path,
) -> Iterator[Lake]:
    tables = Tables(catalog_url, store_location)
    yield Lake(store_location, store, bucket, tables, tmp_path)
    tables.close()


def test_what_is_committed_is_read_by_an_independent_reader_as_of_each_snapshot(
    lake: Lake,
) -> None:
    lake.ensure()
    first = lake.load("d1", ["张三", "李 四"])
    second = lake.load("d2", ["𠮷"])
    assert lake.names(first) == ["张三", "李 四"]
    assert lake.names(second) == ["张三", "李 四", "𠮷"]
    newest = first.snapshot_id, second.metadata_location
    assert lake.names_by_iceberg_scan(Snapshot(*newest)) == ["张三", "李 四"]
    assert lake.names_by_iceberg_scan(second) == ["张三", "李 四", "𠮷"]


def test_a_table_lies_under_the_prefix_of_its_resource(lake: Lake) -> None:
    metadata = lake.ensure()
    lake.load("d1", ["张三"])
    assert metadata.startswith(lake.location.url(lake.bucket, "curated/household/g1/metadata"))
    keys = [found.key for found in lake.store.list(lake.bucket)]
    assert all(key.startswith("curated/household/g1/") for key in keys)


def test_making_a_table_again_changes_nothing(lake: Lake) -> None:
    metadata = lake.ensure()
    assert lake.ensure() == metadata
    assert lake.tables.metadata_location(lake.identifier) == metadata
    assert lake.tables.current(lake.identifier) is None


def test_a_table_outlives_its_process_and_a_second_one_sees_it(
    lake: Lake, catalog_url: str
) -> None:
    lake.ensure()
    snapshot = lake.load("d1", ["张三"])
    other = Tables(catalog_url, lake.location)
    assert other.current(lake.identifier) == snapshot
    assert other.find_delivery(lake.identifier, "d1") == snapshot
    other.close()


def test_a_delivery_is_found_in_the_history_and_not_added_twice(lake: Lake) -> None:
    lake.ensure()
    assert lake.tables.find_delivery(lake.identifier, "d1") is None
    first = lake.load("d1", ["张三"])
    second = lake.load("d2", ["李四"])
    again = lake.load("d1", ["张三"])
    assert again.snapshot_id == first.snapshot_id
    assert lake.tables.current(lake.identifier) == second
    found = lake.tables.find_delivery(lake.identifier, "d1")
    assert found == Snapshot(first.snapshot_id, second.metadata_location)
    assert lake.names(second) == ["张三", "李四"]


def test_what_a_commit_said_of_itself_can_be_read_again(lake: Lake) -> None:
    lake.ensure()
    snapshot = lake.load("d1", ["张三"])
    properties = lake.tables.properties_of(lake.identifier, snapshot.snapshot_id)
    assert properties[DELIVERY_PROPERTY] == "d1"
    assert properties[ATTEMPT_PROPERTY] == "1"
    with pytest.raises(SnapshotNotFound):
        lake.tables.properties_of(lake.identifier, 1)


def test_files_are_known_by_the_delivery_they_belong_to(lake: Lake) -> None:
    lake.ensure()
    urls = {name: lake.write(name, [name]) for name in ("d1", "d2", "d3")}
    snapshot = [lake.commit(name, [url]) for name, url in urls.items()][-1]
    by_delivery = lake.tables.data_files_by_delivery
    everything = by_delivery(lake.identifier, snapshot.snapshot_id)
    assert everything == {name: [url] for name, url in urls.items()}
    some = by_delivery(lake.identifier, snapshot.snapshot_id, ["d1", "d3", "d9"])
    assert some == {"d1": [urls["d1"]], "d3": [urls["d3"]]}
    assert by_delivery(lake.identifier, snapshot.snapshot_id, []) == {}


def test_a_delivery_without_a_good_row_still_leaves_its_snapshot(lake: Lake) -> None:
    lake.ensure()
    snapshot = lake.commit("d1", [])
    assert lake.tables.find_delivery(lake.identifier, "d1") == snapshot
    assert lake.tables.data_files(lake.identifier, snapshot.snapshot_id) == []
    empty = lake.load("d2", [])
    assert lake.tables.data_files_by_delivery(lake.identifier, empty.snapshot_id) == {}
    assert lake.names(lake.load("d3", ["张三"])) == ["张三"]


def test_replacing_is_one_commit_and_the_old_state_stays_readable(lake: Lake) -> None:
    lake.ensure()
    first = lake.tables.replace_files(lake.identifier, [lake.write("v1", ["一", "二"])], {"v": "1"})
    replaced = lake.tables.replace_files(lake.identifier, [lake.write("v2", ["三"])], {"v": "2"})
    assert lake.names(replaced) == ["三"]
    assert lake.names_by_iceberg_scan(replaced) == ["三"]
    assert lake.names(first) == ["一", "二"]
    # The state between removing and adding is nobody's: both came with one metadata file.
    metadata = [f.key for f in lake.store.list(lake.bucket) if f.key.endswith(".metadata.json")]
    assert len(metadata) == 3


def test_a_table_takes_on_a_new_column_and_a_wider_type(lake: Lake) -> None:
    lake.ensure()
    lake.load("d1", ["张三"])
    evolved = lake.ensure(WIDER)
    assert lake.ensure(WIDER) == evolved
    # The record of then may come again, as when an old delivery is replayed.
    assert lake.ensure(RECORD) == evolved
    snapshot = lake.load("d2", ["李四"], WIDER)
    files = lake.tables.data_files(lake.identifier, snapshot.snapshot_id)
    engine = open_engine(lake.location)
    load_iceberg(engine)
    for relation in (
        relation_sql(files, WIDER),
        f"iceberg_scan({quote_value(snapshot.metadata_location)})",
    ):
        found = rows_of(engine, f"SELECT name, born, n FROM {relation} ORDER BY _delivery")
        assert found == [("张三", None, None), ("李四", None, None)]
        described = rows_of(engine, f"DESCRIBE SELECT born, n FROM {relation}")
        assert [row[1] for row in described] == ["DATE", "DECIMAL(12,2)"]


@pytest.mark.parametrize(
    ("data_type", "length", "scale"),
    [("I", None, None), ("G", None, None), ("N", 12, 3), ("D", None, None)],
)
def test_another_type_needs_a_new_generation(
    lake: Lake, data_type: str, length: int | None, scale: int | None
) -> None:
    before = lake.ensure()
    item = "n" if data_type == "N" else "name"
    changed = a_record(
        an_item("id", key=True), an_item(item, data_type, length=length, scale=scale)
    )
    with pytest.raises(IncompatibleSchema, match="household_g1"):
        lake.ensure(changed)
    assert lake.tables.metadata_location(lake.identifier) == before


def test_values_of_every_type_come_back_from_the_independent_reader(
    store_location: StoreLocation, lake: Lake
) -> None:
    record = a_record(*(an_item(letter.lower(), letter, scale=2) for letter in "CMNYDTLIBFG"))
    lake.ensure(record)
    engine = open_engine(store_location)
    load_iceberg(engine)
    key = curated_data_key("household", 1, "d1", 0)
    lake.store.put_file(lake.bucket, key, write_rows(lake.tmp / "d1", record, "d1", []))
    url = lake.location.url(lake.bucket, key)
    values = (
        "'张' AS c, '' AS m, 12345678901234567890.12 AS n, -1.5 AS y, DATE '1949-10-01' AS d, "
        "TIMESTAMP '2026-01-31 08:00:00.000001' AS t, true AS l, -9223372036854775808 AS i, "
        "0.1 AS b, 1e300 AS f, 'a'::BLOB AS g, 'd1' AS _delivery, 0 AS _row, 'upsert' AS _op, "
        "63 AS _bucket"
    )
    cast = ", ".join(
        f"CAST({name} AS {kind}) AS {name}" for name, kind in column_types(record).items()
    )
    engine.execute(
        f"COPY (SELECT {cast} FROM (SELECT {values})) TO {quote_value(url)} (FORMAT parquet)"
    )
    snapshot = lake.commit("d1", [url])
    scanned = f"iceberg_scan({quote_value(snapshot.metadata_location)})"
    [row] = rows_of(engine, f"SELECT * FROM {scanned}")
    [written] = rows_of(engine, f"SELECT * FROM {relation_sql([url], record)}")
    assert row == written
    assert row[2] == Decimal("12345678901234567890.12")


def test_writers_without_a_lease_conflict_and_no_commit_is_lost(lake: Lake) -> None:
    lake.ensure()
    urls = {f"d{number}": lake.write(f"d{number}", [str(number)]) for number in range(8)}
    done: list[str] = []
    conflicts: list[CommitConflict] = []

    def write(delivery: str) -> None:
        try:
            lake.commit(delivery, [urls[delivery]])
            done.append(delivery)
        except CommitConflict as conflict:
            conflicts.append(conflict)

    threads = [threading.Thread(target=write, args=[name]) for name in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) + len(conflicts) == len(urls)
    assert done
    current = lake.tables.current(lake.identifier)
    assert current is not None
    held = lake.tables.data_files_by_delivery(lake.identifier, current.snapshot_id)
    assert sorted(held) == sorted(done)
    assert all("household_g1" in str(conflict) for conflict in conflicts)


def test_many_commits_leave_few_metadata_files(lake: Lake) -> None:
    lake.ensure()
    for number in range(25):
        lake.commit(f"d{number}", [])
    prefix = "curated/household/g1/metadata/"
    kept = [f for f in lake.store.list(lake.bucket, prefix) if f.key.endswith(".metadata.json")]
    assert len(kept) <= 21


def test_what_is_missing_is_said_by_name(lake: Lake) -> None:
    with pytest.raises(TableNotFound, match="household_g1"):
        lake.commit("d1", [])
    with pytest.raises(TableNotFound):
        lake.tables.data_files(lake.identifier, 1)
    assert lake.tables.metadata_location(lake.identifier) is None
    assert lake.tables.find_delivery(lake.identifier, "d1") is None
    lake.ensure()
    with pytest.raises(SnapshotNotFound):
        lake.tables.data_files(lake.identifier, 1)
    absent = lake.location.url(lake.bucket, curated_data_key("household", 1, "d1", 0))
    with pytest.raises(ObjectNotFound):
        lake.commit("d1", [absent])
    assert lake.tables.current(lake.identifier) is None


def test_a_table_without_partitions_serves_a_view(lake: Lake) -> None:
    schema = pa.schema([("subject_id", pa.string()), ("name", pa.string())])
    name = lake.identifier[0], "person"
    lake.tables.ensure_table(lake.bucket, name, schema, "curated/person", partition_by=None)
    path = lake.tmp / "person.parquet"
    pq.write_table(pa.table({"subject_id": ["1", "2"], "name": ["张三", None]}), path)
    key = "curated/person/data/v000001/part-00000.parquet"
    lake.store.put_file(lake.bucket, key, path)
    urls = [lake.location.url(lake.bucket, key)]
    snapshot = lake.tables.replace_files(name, urls, {})
    assert lake.tables.data_files(name, snapshot.snapshot_id) == urls
