"""Opens DuckDB, offline and bounded, and holds the one way to quote a name or a value in SQL."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from lake.errors import ExtensionMissing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lake.location import StoreLocation


def quote_name(name: str) -> str:
    """Write a table, column or schema name for SQL. ValueError for an empty name or NUL."""
    if not name or "\0" in name:
        raise ValueError("a name in SQL is neither empty nor holds NUL")
    return '"' + name.replace('"', '""') + '"'


def quote_value(text: str) -> str:
    """Write a text value for SQL. ValueError for NUL, which no SQL text can hold."""
    if "\0" in text:
        raise ValueError("a value in SQL holds no NUL")
    return "'" + text.replace("'", "''") + "'"


def quote_values(texts: Iterable[str]) -> str:
    """Write a DuckDB list of text values: `['a', 'b']`."""
    return "[" + ", ".join(quote_value(text) for text in texts) + "]"


def open_engine(
    location: StoreLocation | None = None,
    *,
    threads: int = 2,
    memory_limit: str = "1GB",
    temp_directory: Path | None = None,
    preserve_insertion_order: bool = True,
) -> duckdb.DuckDBPyConnection:
    """Open an in-memory DuckDB that loads nothing from the network or the home folder.

    With an S3 `location` it can read and write `s3://` there (httpfs from its wheel).
    `memory_limit` is DuckDB's (`"1GB"`); spills go to `temp_directory`, made if absent.
    One connection belongs to one thread. ExtensionMissing if a needed wheel is absent.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_persistent_secrets": "false",
        "threads": str(threads),
        "memory_limit": memory_limit,
        "preserve_insertion_order": str(preserve_insertion_order).lower(),
    }
    if temp_directory is not None:
        temp_directory.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(temp_directory)
    connection = duckdb.connect(":memory:", config=config)
    if location is not None:
        _use_location(connection, location)
    return connection


def load_iceberg(connection: duckdb.DuckDBPyConnection) -> None:
    """Give this connection `iceberg_scan`; only an independent reader needs it."""
    for name in ("avro", "iceberg"):
        _load_extension(connection, name)


def _use_location(connection: duckdb.DuckDBPyConnection, location: StoreLocation) -> None:
    statements = location.duckdb_settings()
    if statements:
        _load_extension(connection, "httpfs")
    for statement in statements:
        connection.execute(statement)


def _load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    connection.execute(f"LOAD {quote_value(str(_extension_path(name)))}")


def _extension_path(name: str) -> Path:
    """Find the one signed extension file inside the installed wheel `duckdb-extension-<name>`."""
    spec = importlib.util.find_spec(f"duckdb_extension_{name}")
    if spec is None or not spec.submodule_search_locations:
        raise ExtensionMissing(name, duckdb.__version__)
    for folder in spec.submodule_search_locations:
        wanted = f"v{duckdb.__version__}/{name}.duckdb_extension"
        for path in sorted(Path(folder).rglob("*.duckdb_extension")):
            if path.as_posix().endswith(wanted):
                return path
    raise ExtensionMissing(name, duckdb.__version__)
