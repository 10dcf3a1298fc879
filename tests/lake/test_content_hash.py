"""The content hash of the engine against its plain definition."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import copysign, nan

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lake.content_hash import content_hash, plain_content_hash
from lake.engine import open_engine

SCHEMA = pa.schema(
    [
        ("k", pa.string()), ("t", pa.string()), ("n", pa.decimal128(20, 4)), ("i", pa.int64()),
        ("f", pa.float64()), ("d", pa.date32()), ("ts", pa.timestamp("us")), ("l", pa.bool_()),
        ("g", pa.binary()),
    ]
)  # fmt: skip
COLUMNS = {
    "k": "VARCHAR", "t": "VARCHAR", "n": "DECIMAL(20,4)", "i": "BIGINT", "f": "DOUBLE",
    "d": "DATE", "ts": "TIMESTAMP", "l": "BOOLEAN", "g": "BLOB",
}  # fmt: skip

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
some_rows = st.lists(
    st.fixed_dictionaries(
        {
            "k": st.none() | texts,
            "t": st.none() | texts | st.sampled_from(["\\N", "\t", "\\t", "\n", "\\", ""]),
            "n": st.none() | st.decimals(-(10**15), 10**15, places=4),
            "i": st.none() | st.integers(-(2**63), 2**63 - 1),
            "f": st.none() | st.floats(),
            "d": st.none() | st.dates(),
            "ts": st.none() | st.datetimes(),
            "l": st.none() | st.booleans(),
            "g": st.none() | st.binary(),
        }
    ),
    max_size=8,
)
EDGES: dict[str, object] = {
    "k": "𠮷", "t": "\\N", "n": Decimal("-0.0001"), "i": -(2**63), "f": -0.0, "d": date(1, 1, 1),
    "ts": datetime(9999, 12, 31, 23, 59, 59, 999999), "l": False, "g": b"\0\xff",  # noqa: DTZ001
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return open_engine()


def engine_hash(
    engine: duckdb.DuckDBPyConnection, rows: list[dict[str, object]], order_by: list[str]
) -> str:
    engine.register("hashed", pa.Table.from_pylist(rows, schema=SCHEMA))
    return content_hash(engine, "SELECT * FROM hashed", COLUMNS, order_by)


@given(rows=some_rows, order_by=st.sampled_from([["k"], ["d", "k"], ["i"], []]))
@example(rows=[EDGES, dict.fromkeys(COLUMNS)], order_by=["k"])
@example(rows=[dict.fromkeys(COLUMNS) | {"f": copysign(nan, -1)}], order_by=[])
@settings(max_examples=80, deadline=None)
def test_the_engine_agrees_with_the_plain_definition(
    engine: duckdb.DuckDBPyConnection, rows: list[dict[str, object]], order_by: list[str]
) -> None:
    assert engine_hash(engine, rows, order_by) == plain_content_hash(rows, list(COLUMNS), order_by)


def a_row(**values: object) -> dict[str, object]:
    return {**dict.fromkeys(COLUMNS), "k": "1", **values}


def test_the_hash_is_of_the_rows_not_of_their_order(engine: duckdb.DuckDBPyConnection) -> None:
    rows = [a_row(k=str(number), t="张") for number in range(50)]
    assert engine_hash(engine, rows, ["k"]) == engine_hash(engine, rows[::-1], ["k"])


def test_a_key_may_have_any_name(engine: duckdb.DuckDBPyConnection) -> None:
    columns = {"other": "VARCHAR", "line": "BIGINT"}
    rows = [{"other": "b", "line": 1}, {"other": "a", "line": 2}]
    engine.register("named", pa.Table.from_pylist(rows))
    found = content_hash(engine, "SELECT other, line FROM named", columns, ["line"])
    assert found == plain_content_hash(rows, ["other", "line"], ["line"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"t": None}, {"t": ""}),
        ({"t": None}, {"t": "\\N"}),
        ({"t": "\t"}, {"t": "\\t"}),
        ({"t": "1", "k": "\t"}, {"t": "\t", "k": "1"}),
        ({"i": None}, {"i": 0}),
        ({"l": None}, {"l": False}),
    ],
)
def test_different_rows_differ(
    engine: duckdb.DuckDBPyConnection, one: Mapping[str, object], other: Mapping[str, object]
) -> None:
    hashes = {engine_hash(engine, [a_row(**values)], ["k"]) for values in (one, other)}
    assert len(hashes) == 2


def test_the_text_behind_the_hash_is_the_documented_one(
    engine: duckdb.DuckDBPyConnection,
) -> None:
    columns = {"t": "VARCHAR", "n": "DECIMAL(5,2)", "d": "DATE", "l": "BOOLEAN"}
    found = content_hash(
        engine, "SELECT '张' AS t, 1.5::DECIMAL(5,2) AS n, DATE '2026-01-31' AS d, NULL AS l",
        columns, [],
    )  # fmt: skip
    # printf '张\t1.50\t2026-01-31\t\\N\n' | sha256sum
    assert found == "54fcaa4375f01eab14fc187262f1c9de3c6261aaca041c95322044b7a9e07253"


def test_a_type_without_a_rule_is_refused(engine: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="INTEGER\\[\\]"):
        content_hash(engine, "SELECT [1] AS a", {"a": "INTEGER[]"}, [])


def test_many_rows_are_hashed_batch_by_batch(engine: duckdb.DuckDBPyConnection) -> None:
    sql = "SELECT CAST(i AS VARCHAR) AS k, i FROM range(50000) AS r(i)"
    rows = [{"k": str(number), "i": number} for number in range(50000)]
    found = content_hash(engine, sql, {"k": "VARCHAR", "i": "BIGINT"}, ["k"])
    assert found == plain_content_hash(rows, ["k", "i"], ["k"])
