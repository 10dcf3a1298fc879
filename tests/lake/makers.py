"""Makers of records, files and deliveries that leave only what a test is about."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lake.curated import arrow_schema
from standards.records import Item, Record, ResourceKind


def an_item(
    item_id: str,
    data_type: str = "C",
    *,
    length: int | None = None,
    scale: int | None = None,
    key: bool = False,
) -> Item:
    return Item(
        id=item_id,
        name=item_id,
        data_type=data_type,
        length=length,
        scale=scale,
        key=key,
        nullable=not key,
        null_values=(),
        aliases=(),
        code_list=None,
        identifiers=(),
        element=None,
        level=2,
        share_type=2,
        minimum=None,
        maximum=None,
        pattern=None,
    )


def a_record(*items: Item) -> Record:
    return Record(
        resource_id="household",
        kind=ResourceKind.TABLE,
        name="户籍",
        provider_code="",
        share_type=2,
        items=items,
        ignored_columns=(),
        null_values=(),
        document={},
    )


def write_rows(path: Path, record: Record, delivery: str, names: list[str]) -> Path:
    """Write a delivery of `name` values; the key `id` is the row's number."""
    rows = [
        {"id": f"{row:03d}", "name": name, "_delivery": delivery, "_row": row, "_op": "upsert"}
        for row, name in enumerate(names)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=arrow_schema(record)), path)
    return path


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return connection.execute(sql).fetchall()
