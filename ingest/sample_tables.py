"""Reads the beginning of an .xlsx workbook or a Parquet file as columns of text."""

from __future__ import annotations

import zipfile
import zlib
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from ingest import refusals
from ingest.formats import FileFormat
from ingest.intake import Limits
from ingest.refusals import FileRefused
from ingest.sample_columns import BLANKS, Cells, Sample, SampleColumn, rows_to_read
from ingest.xlsx_parts import find_sheet

# From here on a spreadsheet has made up the last digits of a number.
_EXACT = 1e15


def workbook_sample(path: Path, rows: int) -> Sample:
    limits = Limits()
    if path.stat().st_size > limits.workbook_bytes:
        raise FileRefused(refusals.too_large(".xlsx", limits.workbook_bytes))
    try:
        with zipfile.ZipFile(path) as archive:
            facts = find_sheet(archive, limits)
        if facts is None:
            raise FileRefused(refusals.empty_file())
        with CalamineWorkbook.from_path(str(path)) as workbook:
            sheet = workbook.get_sheet_by_name(facts.name)
            wanted = rows_to_read(rows, facts.columns) + 1
            found = sheet.to_python(skip_empty_area=False, nrows=wanted)
    except _UNREADABLE as error:
        raise FileRefused(refusals.unreadable(".xlsx")) from error
    filled = [row for row in found if any(cell != "" for cell in row)]
    if not filled:
        raise FileRefused(refusals.empty_file())
    head = [str(cell).strip(BLANKS) for cell in filled[0]]
    while head and not head[-1]:
        head.pop()
    columns = tuple(SampleColumn(name) for name in head)
    odd = 0
    for row in filled[1:]:
        if any(cell != "" for cell in row[len(head) :]):
            odd += 1
            continue
        for place, column in enumerate(columns):
            _take(column, row[place] if place < len(row) else "")
    whole = facts.rows <= wanted
    name = facts.name if facts.others else None
    return Sample(FileFormat.XLSX, columns, len(filled) - 1 - odd, whole, odd, sheet=name)


_UNREADABLE = (CalamineError, zipfile.BadZipFile, OSError, KeyError, UnicodeDecodeError, zlib.error)


def _take(column: SampleColumn, cell: object) -> None:
    """Add a cell as the text that it shows."""
    if isinstance(cell, str):
        column.cells.append(cell or None)
        return
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        column.numbers += 1
        column.lost += abs(cell) >= _EXACT
    column.cells.append(_shown(cell))


def _shown(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e17 else repr(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        midnight = value.time() == time()
        plain = value.replace(tzinfo=None)
        return plain.date().isoformat() if midnight else plain.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


def parquet_sample(path: Path, rows: int) -> Sample:
    try:
        with pq.ParquetFile(path) as file:
            schema, total = file.schema_arrow, file.metadata.num_rows
            _refuse_nested(schema)
            columns = tuple(SampleColumn(each.name.strip(BLANKS)) for each in schema)
            limit = rows_to_read(rows, max(1, len(columns)))
            count = 0
            for batch in file.iter_batches(batch_size=min(limit, 5_000)):
                part = batch.slice(0, limit - count)
                for column, values in zip(columns, part.columns, strict=True):
                    column.cells += map(_shown, _plain(values))
                count += part.num_rows
                if count >= limit:
                    break
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FileRefused(refusals.unreadable("Parquet")) from error
    for column, each in zip(columns, schema, strict=True):
        column.stored = _stored(each.type, column.cells)
    return Sample(FileFormat.PARQUET, columns, count, count >= total)


def _refuse_nested(schema: pa.Schema) -> None:
    for each in schema:
        if pa.types.is_nested(each.type):
            raise FileRefused(refusals.nested_column(each.name))


def _plain(values: pa.Array) -> list[object]:
    """The values in Python; moments as the clocks here show them, spans and the like as text."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        zone = "Asia/Shanghai" if kind.tz is not None else None
        values = values.cast(pa.timestamp("us", zone), safe=False)
    elif pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return [str(value) for value in values]
    found: list[object] = values.to_pylist()
    return found


def _stored(kind: pa.DataType, cells: Cells) -> str | None:
    types = pa.types
    if types.is_date(kind):
        return "D"
    if types.is_timestamp(kind):
        # Some programs have no other type for a day.
        return "D" if all(cell is None or len(cell) == 10 for cell in cells) else "T"
    if types.is_boolean(kind):
        return "L"
    if types.is_floating(kind):
        return "B"
    if types.is_integer(kind):
        return "I"
    binary = types.is_binary(kind) or types.is_large_binary(kind)
    return "G" if binary and any(cell and "\ufffd" in cell for cell in cells) else None
