"""Read the first sheet of an .xlsx workbook cell by cell, with the type each cell really has."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from ingest import refusals
from ingest.exact_csv import BATCH, text_schema
from ingest.header import match_header
from ingest.refusals import FileRefused
from ingest.source import Note, TextSource
from lake.engine import quote_value
from standards.records import Item, Record

Cell = str | float | int | bool | time | date | datetime | timedelta

TEXT_TYPES = frozenset({"C", "M"})


@dataclass(slots=True)
class _Sheet:
    """Rows gathered for the next batch: texts, marks (row, line), items that hold numbers."""

    cells: list[list[str | None]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    typed: list[str | None] = field(default_factory=list)


def xlsx_source(record: Record, path: Path, scratch: Path, limit: int) -> TextSource:
    """Return the rows of the first sheet; its first non-empty row is the header."""
    if path.stat().st_size > limit:
        raise FileRefused(refusals.too_large(".xlsx", limit))
    name, others, rows = _read(path)
    start = next((place for place, row in enumerate(rows) if any(c != "" for c in row)), None)
    if start is None:
        raise FileRefused(refusals.empty_file())
    head = [str(cell) for cell in _trimmed(rows[start])]
    layout = match_header(record, head)
    items = [None if item is None else record.item(item) for item in layout.columns]
    target = scratch / "sheet.parquet"
    count, blank = _write(target, items, rows, start)
    if count == 0:
        raise FileRefused(refusals.header_only())
    return TextSource(
        relation=f"read_parquet({quote_value(str(target))})",
        rows=count,
        encoding=None,
        notes=(*_sheet_note(name, others), *_blank_note(blank)),
        spoiled=True,
        typed_cells=True,
    )


def _read(path: Path) -> tuple[str, int, list[list[Cell]]]:
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            names = workbook.sheet_names
            sheet = workbook.get_sheet_by_index(0)
            # Addresses shift unless the empty area before the first cell is kept.
            return names[0], len(names) - 1, sheet.to_python(skip_empty_area=False)
    except (CalamineError, BadZipFile, OSError, IndexError) as error:
        raise FileRefused(refusals.unreadable(".xlsx")) from error


def _trimmed(row: list[Cell]) -> list[Cell]:
    """Cut the empty cells that formatting leaves behind the last head."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _write(
    target: Path, items: list[Item | None], rows: list[list[Cell]], start: int
) -> tuple[int, int]:
    """Write the text table; return the number of rows, and of blank ones passed over."""
    ids = tuple(item.id for item in items if item is not None)
    batch, count, blank = _Sheet(), 0, 0
    with pq.ParquetWriter(target, text_schema(ids), compression="lz4") as writer:
        for line, row in enumerate(rows[start + 1 :], start + 2):
            if all(cell == "" for cell in row):
                blank += 1
                continue
            count += 1
            _add(batch, items, row, (count, line))
            if len(batch.marks) == BATCH:
                writer.write_table(_table(batch, ids))
                batch = _Sheet()
        writer.write_table(_table(batch, ids))
    return count, blank


def _add(batch: _Sheet, items: list[Item | None], row: list[Cell], mark: tuple[int, int]) -> None:
    cells: list[str | None] = []
    typed: list[str] = []
    for place, item in enumerate(items):
        if item is None:
            continue
        cell = row[place] if place < len(row) else ""
        cells.append(_text(cell, item))
        if item.data_type in TEXT_TYPES and not isinstance(cell, str):
            typed.append(item.id)
    batch.cells.append(cells)
    batch.marks.append(mark)
    batch.typed.append(f"|{'|'.join(typed)}|" if typed else None)


def _text(cell: Cell, item: Item) -> str | None:
    """Return what the cell shows: numbers without exponent, dates as ISO 8601."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime) and item.data_type == "D" and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _table(batch: _Sheet, ids: tuple[str, ...]) -> pa.Table:
    columns = list(zip(*batch.cells, strict=True)) if batch.cells else [()] * len(ids)
    rows, lines = zip(*batch.marks, strict=True) if batch.marks else ((), ())
    arrays = [pa.array(column, pa.string()) for column in columns]
    arrays += [pa.array(rows, pa.int64()), pa.array(lines, pa.int64())]
    arrays += [pa.nulls(len(rows), pa.string()), pa.nulls(len(rows), pa.string())]
    arrays.append(pa.array(batch.typed, pa.string()))
    return pa.Table.from_arrays(arrays, schema=text_schema(ids))


def _sheet_note(name: str, others: int) -> Iterator[Note]:
    if others:
        yield Note(
            "xlsx.first_sheet",
            f"只读取了第一张工作表“{name}”，其余 {others} 张未读取",
            f"only the first sheet {name!r} was read, {others} others were not",
        )


def _blank_note(count: int) -> Iterator[Note]:
    if count:
        yield Note(
            "xlsx.blank_rows", f"忽略了 {count} 个空行", f"{count} blank rows were passed over"
        )
