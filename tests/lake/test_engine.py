"""The engine: quoting, bounds, and nothing from the network or the home folder."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake import engine
from lake.engine import load_iceberg, open_engine, quote_name, quote_value, quote_values
from lake.errors import ExtensionMissing
from lake.location import StoreLocation
from tests.lake.makers import rows_of

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return open_engine()


@given(text=texts)
@settings(deadline=None)
def test_a_quoted_value_is_that_value(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    assert rows_of(connection, f"SELECT {quote_value(text)}") == [(text,)]
    assert rows_of(connection, f"SELECT {quote_values([text, 'b'])}") == [([text, "b"],)]


@given(name=texts.filter(bool))
@settings(deadline=None)
def test_a_quoted_name_is_that_name(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(f"SELECT 1 AS {quote_name(name)}")
    assert [column[0] for column in connection.description or []] == [name]


def test_what_no_sql_can_hold_is_not_quoted() -> None:
    for quote in (quote_name, quote_value):
        with pytest.raises(ValueError, match="NUL"):
            quote("a\0b")
    with pytest.raises(ValueError, match="empty"):
        quote_name("")


def test_the_engine_is_bounded_as_asked(tmp_path: Path) -> None:
    spill = tmp_path / "spill 文"
    connection = open_engine(threads=1, memory_limit="200MB", temp_directory=spill)
    names = ("threads", "memory_limit", "temp_directory")
    current = ", ".join(f"current_setting('{name}')" for name in names)
    assert rows_of(connection, f"SELECT {current}") == [(1, "190.7 MiB", str(spill))]


def test_the_engine_loads_nothing_by_itself() -> None:
    connection = open_engine()
    for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
        assert rows_of(connection, f"SELECT current_setting('{name}')") == [(False,)]
    with pytest.raises(duckdb.Error):
        connection.execute("SELECT * FROM read_parquet('s3://dept-a/x.parquet')")


def test_extensions_come_from_the_installed_wheels() -> None:
    connection = open_engine(StoreLocation.s3("127.0.0.1:9", "key", "secret"))
    load_iceberg(connection)
    sql = "SELECT extension_name FROM duckdb_extensions() WHERE loaded"
    loaded = {name for (name,) in rows_of(connection, sql)}
    assert {"avro", "httpfs", "iceberg"} <= loaded


def test_a_missing_wheel_is_named() -> None:
    with pytest.raises(ExtensionMissing, match="duckdb-extension-spatial=="):
        engine._extension_path("spatial")
