"""Read a Parquet file as text cells, so that the same checks judge it as any other format."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import refusals
from ingest.header import match_header
from ingest.refusals import FileRefused, HeaderFault
from ingest.source import TextSource
from lake.engine import quote_name, quote_value
from standards.records import Item, Record


def parquet_source(record: Record, path: Path) -> TextSource:
    """Return the rows of a flat Parquet file; nested columns are refused."""
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise FileRefused(refusals.unreadable("Parquet")) from error
    _refuse_alike_names(schema.names)
    layout = match_header(record, schema.names)
    if rows == 0:
        raise FileRefused(refusals.header_only())
    columns = []
    for column, item_id in zip(schema, layout.columns, strict=True):
        if item_id is not None:
            item = record.item(item_id)
            columns.append(f"{_text_sql(column, item)} AS {quote_name(item.id)}")
    part = (
        f"(SELECT {', '.join(columns)}, row_number() OVER () AS _row "
        f"FROM read_parquet({quote_value(str(path))}))"
    )
    return TextSource(parts=(part,), rows=rows, encoding=None, spoiled=True)


def _refuse_alike_names(names: Sequence[str]) -> None:
    """Refuse columns that differ in case alone: to the engine they are one."""
    counts = Counter(name.casefold() for name in names)
    alike = tuple(name for name in names if counts[name.casefold()] > 1)
    if alike:
        fault = HeaderFault((), (), alike, tuple(dict.fromkeys(names)), tuple(names))
        raise FileRefused(refusals.wrong_header(fault))


def _text_sql(column: pa.Field, item: Item) -> str:
    """Return the cell as text: what a careful export to CSV would have written."""
    name, kind = quote_name(column.name), column.type
    if pa.types.is_nested(kind):
        raise FileRefused(refusals.nested_column(column.name))
    if item.data_type in {"C", "M"} and pa.types.is_floating(kind):
        raise FileRefused(refusals.float_identifier(column.name))
    if _is_bytes(kind):
        # Hive and Impala write text as bytes; what is not UTF-8 stops the reading, and the file.
        return f"to_base64({name})" if item.data_type == "G" else f"decode({name})"
    if pa.types.is_timestamp(kind):
        return _moment_sql(name, kind, item)
    if pa.types.is_floating(kind) and item.data_type == "I":
        whole = f"CAST(CAST({name} AS BIGINT) AS VARCHAR)"
        # Up to 2^53 a double holds every whole number; tables of pandas have no other kind.
        exact = f"{name} = floor({name}) AND abs({name}) <= 9007199254740992"
        return f"CASE WHEN {exact} THEN {whole} ELSE CAST({name} AS VARCHAR) END"
    return f"CAST({name} AS VARCHAR)"


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    )


def _moment_sql(name: str, kind: pa.TimestampType, item: Item) -> str:
    """Return a moment as the clocks here show it; for a date item midnight is the day."""
    local = f"CAST({name} AS TIMESTAMP)"
    if kind.tz is not None:
        # Asia/Shanghai is UTC+8 all year round since 1991.
        local = f"make_timestamp(epoch_us({name}) + 28800000000)"
    if item.data_type != "D":
        return f"CAST({local} AS VARCHAR)"
    day = f"CAST({local} AS DATE)"
    return (
        f"CASE WHEN {local} = {day} THEN CAST({day} AS VARCHAR) ELSE CAST({local} AS VARCHAR) END"
    )
