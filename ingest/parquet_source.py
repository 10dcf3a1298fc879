"""Read a Parquet file as text cells, so that the same checks judge it as any other format."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import refusals
from ingest.header import match_header
from ingest.refusals import FileRefused
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
    layout = match_header(record, schema.names)
    if rows == 0:
        raise FileRefused(refusals.header_only())
    columns = []
    for column, item_id in zip(schema, layout.columns, strict=True):
        if item_id is not None:
            item = record.item(item_id)
            columns.append(f"{_text_sql(column, item)} AS {quote_name(item.id)}")
    relation = (
        f"(SELECT {', '.join(columns)}, file_row_number + 1 AS _row "
        f"FROM read_parquet({quote_value(str(path))}, file_row_number = true))"
    )
    return TextSource(relation=relation, rows=rows, encoding=None, spoiled=True)


def _text_sql(column: pa.Field, item: Item) -> str:
    """Return the cell as text: what a careful export to CSV would have written."""
    name, kind = quote_name(column.name), column.type
    if pa.types.is_nested(kind):
        raise FileRefused(refusals.nested_column(column.name))
    if item.data_type in {"C", "M"} and pa.types.is_floating(kind):
        raise FileRefused(refusals.float_identifier(column.name))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return f"to_base64({name})"
    if pa.types.is_timestamp(kind) and item.data_type == "D":
        whole = f"CAST(CAST({name} AS DATE) AS VARCHAR)"
        return (
            f"CASE WHEN CAST({name} AS TIMESTAMP) = CAST({name} AS DATE) THEN {whole} "
            f"ELSE CAST({name} AS VARCHAR) END"
        )
    return f"CAST({name} AS VARCHAR)"
