"""What is current in a table, against a slow plain model of the rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.curated import (
    BUCKETS,
    LoadedDelivery,
    arrow_schema,
    bucket_of_text,
    bucket_sql,
    column_types,
    current_deliveries,
    current_sql,
    duckdb_type,
    key_text_sql,
    relation_sql,
    superseded_sql,
)
from lake.engine import open_engine
from tests.lake.makers import a_record, an_item, rows_of

START = datetime(2026, 1, 1, tzinfo=UTC)
# Names that the SQL itself might want for its own.
KEYED = a_record(an_item("id", key=True), an_item("rank", "I", key=True), an_item("v"))
UNKEYED = a_record(an_item("id"), an_item("rank", "I"), an_item("v"))
VALUES = ("id", "rank", "v", "_delivery", "_row")


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    rank: int
    v: str | None
    op: str


Delivery = tuple[LoadedDelivery, list[Row]]


def model(deliveries: list[Delivery], keyed: bool) -> list[tuple[object, ...]]:
    """Replay the whole history, delivery by delivery and row by row."""
    state: dict[object, tuple[object, ...]] = {}
    ordered = sorted(deliveries, key=lambda one: (one[0].data_time, one[0].delivery_id))
    for delivery, rows in ordered:
        if delivery.mode == "full":
            state.clear()
        for number, row in enumerate(rows):
            key = (row.id, row.rank) if keyed else (delivery.delivery_id, number)
            state.pop(key, None)
            if row.op != "delete":
                state[key] = (row.id, row.rank, row.v, delivery.delivery_id, number)
    return sorted(state.values(), key=repr)


rows = st.builds(
    Row,
    id=st.sampled_from(["", "x", "张"]),
    rank=st.integers(0, 2),
    v=st.none() | st.sampled_from(["", "1", "2"]),
    op=st.sampled_from(["upsert", "upsert", "delete"]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Delivery]:
    """Draw up to six deliveries, in an order of loading that need not be that of their data."""
    count = draw(st.integers(0, 6))
    ids = draw(st.permutations([f"d{number}" for number in range(count)]))
    return [
        (
            LoadedDelivery(
                delivery_id,
                draw(st.sampled_from(["full", "incremental", "incremental"])),
                START + timedelta(days=draw(st.integers(0, 3))),
            ),
            draw(st.lists(rows, max_size=6)),
        )
        for delivery_id in ids
    ]


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return open_engine()


def load(engine: duckdb.DuckDBPyConnection, history: list[Delivery]) -> None:
    columns = {name: kind for name, kind in column_types(KEYED).items() if name != "_bucket"}
    created = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    engine.execute(f"CREATE OR REPLACE TEMP TABLE loaded ({created}, _bucket INTEGER)")
    found = [
        (row.id, row.rank, row.v, delivery.delivery_id, number, row.op, None)
        for delivery, contained in history
        for number, row in enumerate(contained)
    ]
    if found:
        engine.executemany("INSERT INTO loaded VALUES (?, ?, ?, ?, ?, ?, ?)", found)


@given(history=histories(), keyed=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_is_current_is_what_a_replay_of_the_history_leaves(
    engine: duckdb.DuckDBPyConnection, history: list[Delivery], keyed: bool
) -> None:
    record = KEYED if keyed else UNKEYED
    load(engine, history)
    deliveries = [delivery for delivery, _ in history]
    sql = current_sql(record, deliveries, "loaded", columns=VALUES)
    assert sorted(rows_of(engine, sql), key=repr) == model(history, keyed)


@given(history=histories())
@settings(max_examples=30, deadline=None)
def test_the_replaced_rows_may_be_found_once_and_used_for_many_queries(
    engine: duckdb.DuckDBPyConnection, history: list[Delivery]
) -> None:
    load(engine, history)
    deliveries = [delivery for delivery, _ in history]
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE older AS {superseded_sql(KEYED, deliveries, 'loaded')}"
    )
    found: list[tuple[object, ...]] = []
    for rank in range(3):
        sql = current_sql(
            KEYED, deliveries, "loaded", columns=VALUES, superseded="older", where=f"rank = {rank}"
        )
        found += rows_of(engine, sql)
    assert sorted(found, key=repr) == model(history, keyed=True)


def test_only_the_newest_full_delivery_and_what_came_after_can_be_current() -> None:
    def one(name: str, mode: str, day: int) -> LoadedDelivery:
        return LoadedDelivery(name, mode, START + timedelta(days=day))

    history = [
        one("d5", "incremental", 9), one("d1", "full", 1), one("d2", "incremental", 2),
        one("d3", "full", 3), one("d4", "incremental", 3), one("d0", "incremental", 3),
    ]  # fmt: skip
    assert [each.delivery_id for each in current_deliveries(history)] == ["d3", "d4", "d5"]


def test_rows_of_a_delivery_that_is_not_recorded_are_seen_by_nobody(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    known = LoadedDelivery("d1", "full", START)
    unrecorded = LoadedDelivery("d2", "full", START + timedelta(days=1))
    load(
        engine, [(known, [Row("x", 1, "1", "upsert")]), (unrecorded, [Row("x", 1, "2", "upsert")])]
    )
    for record in (KEYED, UNKEYED):
        assert rows_of(engine, current_sql(record, [known], "loaded", columns=["v"])) == [("1",)]
        assert rows_of(engine, current_sql(record, [], "loaded", columns=["v"])) == []


def test_the_columns_are_the_items_then_the_system_columns(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    system = ["_delivery", "_row", "_op", "_bucket"]
    assert arrow_schema(KEYED).names == ["id", "rank", "v", *system]
    known = LoadedDelivery("d1", "full", START)
    load(engine, [(known, [])])
    engine.execute(current_sql(KEYED, [known], "loaded"))
    assert [column[0] for column in engine.description or []] == [
        "id", "rank", "v", "_delivery", "_row", "_bucket",
    ]  # fmt: skip


EVERY_TYPE = a_record(
    *(an_item(letter.lower(), letter, key=letter == "C") for letter in "CMNYDTLIBFG"),
    an_item("p", "N", length=18, scale=6),
)


def test_every_data_type_has_one_type_in_arrow_and_duckdb(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = tmp_path / "empty.parquet"
    pq.write_table(arrow_schema(EVERY_TYPE).empty_table(), path)
    described = rows_of(engine, f"DESCRIBE SELECT * FROM {relation_sql([str(path)])}")
    assert {row[0]: row[1] for row in described} == column_types(EVERY_TYPE)
    assert duckdb_type(an_item("n", "N")) == "DECIMAL(38,0)"
    assert duckdb_type(an_item("n", "N", length=50, scale=2)) == "DECIMAL(38,2)"
    assert duckdb_type(an_item("n", "N", length=18, scale=6)) == "DECIMAL(18,6)"


def test_files_written_before_a_column_came_or_widened_are_read_with_it(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = a_record(an_item("id", key=True), an_item("n", "N", length=4, scale=1))
    new = a_record(
        an_item("id", key=True), an_item("extra", "D"), an_item("n", "N", length=20, scale=1)
    )
    path = tmp_path / "old.parquet"
    row = {"id": "1", "n": 2, "_delivery": "d1", "_row": 0, "_op": "upsert", "_bucket": 0}
    pq.write_table(pa.Table.from_pylist([row], schema=arrow_schema(old)), path)
    relation = relation_sql([str(path)], new)
    described = rows_of(engine, f"DESCRIBE SELECT * FROM {relation}")
    assert {found[0]: found[1] for found in described} == column_types(new)
    assert len(rows_of(engine, f"SELECT * FROM {relation} WHERE extra IS NULL")) == 1


def test_no_files_give_no_rows_but_all_columns(engine: duckdb.DuckDBPyConnection) -> None:
    relation = relation_sql([], EVERY_TYPE)
    assert rows_of(engine, f"SELECT * FROM {relation}") == []
    described = rows_of(engine, f"DESCRIBE SELECT * FROM {relation}")
    assert {row[0]: row[1] for row in described} == column_types(EVERY_TYPE)
    with pytest.raises(ValueError, match="no record"):
        relation_sql([])


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(texts=st.lists(st.none() | texts, min_size=1))
@settings(max_examples=50, deadline=None)
def test_the_bucket_of_a_text_is_the_same_in_sql_and_in_python(
    engine: duckdb.DuckDBPyConnection, texts: list[str | None]
) -> None:
    found = engine.execute(
        f"SELECT {bucket_sql('t')} FROM (SELECT unnest(?::VARCHAR[]) AS t)", [texts]
    ).fetchall()
    assert [bucket for (bucket,) in found] == [bucket_of_text(text) for text in texts]


def test_buckets_are_of_about_one_size(engine: duckdb.DuckDBPyConnection) -> None:
    counts = rows_of(
        engine,
        f"SELECT {bucket_sql('CAST(i AS VARCHAR)')} AS bucket, count(*) AS n "
        "FROM range(64000) AS r(i) GROUP BY bucket ORDER BY bucket",
    )
    assert [bucket for bucket, _ in counts] == list(range(BUCKETS))
    assert all(800 < int(str(n)) < 1200 for _, n in counts)


def test_keys_of_several_items_are_told_apart_whatever_they_hold(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    record = a_record(an_item("a", key=True), an_item("b", key=True))
    pairs = "(VALUES ('ab', 'c'), ('a', 'bc'), ('a:1', ''), ('a', ':1')) AS k(a, b)"
    found = rows_of(engine, f"SELECT DISTINCT {key_text_sql(record, 'k')} FROM {pairs}")
    assert len(found) == 4


def test_the_key_of_one_item_is_its_text(engine: duckdb.DuckDBPyConnection) -> None:
    record = a_record(an_item("a", "D", key=True))
    sql = f"SELECT {key_text_sql(record)} FROM (SELECT DATE '2026-01-31' AS a)"
    assert rows_of(engine, sql) == [("2026-01-31",)]
    with pytest.raises(ValueError, match="no key"):
        key_text_sql(UNKEYED)
