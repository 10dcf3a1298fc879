"""Curated tables: the columns of a record's table, and which of its rows are current."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from lake.content_hash import canonical_text_sql
from lake.engine import quote_name, quote_value, quote_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from standards.records import Item, Record

BUCKETS = 64
LARGEST_PRECISION = 38

DELIVERY, ROW, OP, BUCKET = "_delivery", "_row", "_op", "_bucket"
SYSTEM_COLUMNS: Mapping[str, str] = {
    DELIVERY: "VARCHAR",
    ROW: "BIGINT",
    OP: "VARCHAR",
    BUCKET: "INTEGER",
}
UPSERT, DELETE = "upsert", "delete"
FULL = "full"
POSITION = "_position"

# Data types of domain list 1.4.6; N depends on the item.
_DUCKDB_TYPES: Mapping[str, str] = {
    "C": "VARCHAR",
    "M": "VARCHAR",
    "Y": "DECIMAL(18,2)",
    "D": "DATE",
    "T": "TIMESTAMP",
    "L": "BOOLEAN",
    "I": "BIGINT",
    "B": "DOUBLE",
    "F": "DOUBLE",
    "G": "BLOB",
}
_ARROW_TYPES: Mapping[str, pa.DataType] = {
    "C": pa.string(),
    "M": pa.string(),
    "Y": pa.decimal128(18, 2),
    "D": pa.date32(),
    "T": pa.timestamp("us"),
    "L": pa.bool_(),
    "I": pa.int64(),
    "B": pa.float64(),
    "F": pa.float64(),
    "G": pa.binary(),
}
_SYSTEM_FIELDS = (
    pa.field(DELIVERY, pa.string()),
    pa.field(ROW, pa.int64()),
    pa.field(OP, pa.string()),
    pa.field(BUCKET, pa.int32()),
)


@dataclass(frozen=True, slots=True)
class LoadedDelivery:
    """What decides the precedence of a delivery: `mode` (`full` or not) and its data time."""

    delivery_id: str
    mode: str
    data_time: datetime


def arrow_schema(record: Record) -> pa.Schema:
    """Give the columns of a record's table: its items in order, then the system columns.

    All are nullable: "required" is a check of the delivery, not a constraint of the table.
    """
    items = [pa.field(item.id, arrow_type(item)) for item in record.items]
    return pa.schema([*items, *_SYSTEM_FIELDS])


def arrow_type(item: Item) -> pa.DataType:
    """Give the Arrow type of an item."""
    if item.data_type == "N":
        return pa.decimal128(*_digits(item))
    return _ARROW_TYPES[item.data_type]


def duckdb_type(item: Item) -> str:
    """Give the DuckDB type of an item. N without a length has 38 digits; without a scale, none."""
    if item.data_type == "N":
        precision, scale = _digits(item)
        return f"DECIMAL({precision},{scale})"
    return _DUCKDB_TYPES[item.data_type]


def column_types(record: Record) -> dict[str, str]:
    """Give the DuckDB types of all columns of a record's table, in order."""
    return {item.id: duckdb_type(item) for item in record.items} | dict(SYSTEM_COLUMNS)


def bucket_sql(text: str) -> str:
    """Compute the bucket, 0 to 63, of a text expression; NULL falls into 0.

    The first two hexadecimal digits of its MD5, modulo 64, in functions every engine has.
    """
    high, low = (_hex_digit_sql(f"substr(md5({text}), {place}, 1)") for place in (1, 2))
    return f"CAST(coalesce({high} % 4 * 16 + {low}, 0) AS INTEGER)"


def bucket_of_text(text: str | None) -> int:
    """Compute the same bucket in plain Python."""
    if text is None:
        return 0
    digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:2], 16) % BUCKETS


def key_text_sql(record: Record, alias: str | None = None) -> str:
    """Write the key of a row as one text: the item itself, or each with its length before it.

    ValueError for a record without key items.
    """
    prefix = "" if alias is None else f"{quote_name(alias)}."
    texts = [
        canonical_text_sql(duckdb_type(item), f"{prefix}{quote_name(item.id)}")
        for item in record.key_items
    ]
    if not texts:
        raise ValueError(f"record {record.resource_id} has no key")
    if len(texts) == 1:
        return texts[0]
    # Lengths keep ('ab', 'c') and ('a', 'bc') apart whatever the values hold.
    return " || ".join(f"CAST(length({text}) AS VARCHAR) || ':' || {text}" for text in texts)


def relation_sql(files: Sequence[str], record: Record | None = None) -> str:
    """Write the rows of these Parquet files as something to select FROM.

    With a record the columns are its own, in order: those that older files lack are NULL,
    narrower types widen, and no files give no rows. ValueError for no files and no record.
    """
    if record is None:
        return _read_parquet_sql(files)
    types = column_types(record)
    names = ", ".join(quote_name(name) for name in types)
    empty = ", ".join(f"CAST(NULL AS {kind}) AS {quote_name(name)}" for name, kind in types.items())
    if not files:
        return f"(SELECT {empty} WHERE false)"
    return (
        f"(SELECT {names} FROM (SELECT * FROM {_read_parquet_sql(files)} "
        f"UNION ALL BY NAME SELECT {empty} WHERE false))"
    )


def current_deliveries(deliveries: Sequence[LoadedDelivery]) -> tuple[LoadedDelivery, ...]:
    """Choose the deliveries that can hold current rows, oldest first.

    That is the newest full one by (data time, id) and the increments after it; without a full
    one, all increments.
    """
    ordered = sorted(deliveries, key=_precedence)
    fulls = [place for place, one in enumerate(ordered) if one.mode == FULL]
    return tuple(ordered[fulls[-1] :] if fulls else ordered)


def current_sql(
    record: Record,
    deliveries: Sequence[LoadedDelivery],
    relation: str,
    *,
    columns: Sequence[str] | None = None,
    superseded: str | None = None,
    where: str | None = None,
    positions: bool = False,
) -> str:
    """Select the current rows of a table, with all its columns but `_op`, or those named.

    `relation` holds the rows of at least the current deliveries (a table name already quoted,
    or `relation_sql`). By key the row of the newest delivery wins, in it the last row; a
    deleted key has none. Without a key every row that is not a deletion counts.
    `superseded` names a table already filled by `superseded_sql`, for many queries over one
    state; it serves tables without a key as well. `where` filters what is selected, never the
    choice of the newest row; in it the columns may stand bare. With `positions` the place of a row
    in the order of all rows stands beside it (see `rank_sql`).
    """
    names = columns if columns is not None else [n for n in column_types(record) if n != OP]
    listed = ", ".join(f"r.{quote_name(name)}" for name in names)
    if positions:
        listed += f", {_POSITION_SQL} AS {POSITION}"
    conditions = [f"r.{OP} IS DISTINCT FROM {quote_value(DELETE)}"]
    if where is not None:
        conditions.append(f"({where})")
    chosen = current_deliveries(deliveries)
    query = f"SELECT {listed}\nFROM {relation} AS r\n{_order_join_sql(chosen)}"
    if record.key_items or superseded is not None:
        older = superseded or f"({superseded_sql(record, deliveries, relation)})"
        query += f"ANTI JOIN {older} AS s ON s.{POSITION} = {_POSITION_SQL}\n"
    return query + "WHERE " + "\n  AND ".join(conditions)


def superseded_sql(record: Record, deliveries: Sequence[LoadedDelivery], relation: str) -> str:
    """Select `_position` of every row that a newer row of its key replaces.

    Only keys with more than one row come out of the grouping, so the result is small. Positions
    belong to one list of deliveries: use the same for `current_sql`.
    """
    keys = [quote_name(item.id) for item in record.key_items]
    selected = ", ".join(f"r.{key}" for key in keys)
    equal = " AND ".join(f"n.{key} IS NOT DISTINCT FROM o.{key}" for key in keys)
    narrow = (
        f"SELECT {selected}, {_POSITION_SQL} AS {POSITION}\n"
        f"FROM {relation} AS r\n{_order_join_sql(current_deliveries(deliveries))}"
    )
    return (
        f"WITH narrow AS ({narrow}),\n"
        f"newest AS (SELECT {', '.join(keys)}, max({POSITION}) AS {POSITION} FROM narrow\n"
        f"GROUP BY {', '.join(keys)} HAVING count(*) > 1)\n"
        f"SELECT o.{POSITION} FROM narrow AS o JOIN newest AS n\n"
        f"ON {equal} AND o.{POSITION} < n.{POSITION}"
    )


def rank_sql(position: str) -> str:
    """The rank, 0 is the oldest, that a row's delivery has among `current_deliveries`."""
    return f"({position} // {_ROWS_OF_A_DELIVERY})"


# The rank of the delivery above the row in it: one number orders all rows of a table.
_ROWS_OF_A_DELIVERY = 1 << 40
_POSITION_SQL = f"(d._rank * {_ROWS_OF_A_DELIVERY} + r.{ROW})"


def _order_join_sql(chosen: Sequence[LoadedDelivery]) -> str:
    """Join rows `r` to their deliveries `d`, ranked oldest first; other rows fall away."""
    ids = quote_values(one.delivery_id for one in chosen) if chosen else "CAST([] AS VARCHAR[])"
    return (
        f"JOIN (SELECT unnest({ids}) AS _id, CAST(unnest(range({len(chosen)})) AS BIGINT) AS _rank)"
        f" AS d ON d._id = r.{DELIVERY}\n"
    )


def _precedence(delivery: LoadedDelivery) -> tuple[datetime, str]:
    return delivery.data_time, delivery.delivery_id


def _read_parquet_sql(files: Sequence[str]) -> str:
    if not files:
        raise ValueError("no files to read, and no record to say which columns there would be")
    return f"read_parquet({quote_values(files)}, union_by_name = true, hive_partitioning = false)"


def _digits(item: Item) -> tuple[int, int]:
    precision = min(item.length or LARGEST_PRECISION, LARGEST_PRECISION)
    return precision, min(item.scale or 0, precision)


def _hex_digit_sql(digit: str) -> str:
    return f"(strpos('0123456789abcdef', {digit}) - 1)"
