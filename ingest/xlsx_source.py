"""Read a sheet of an .xlsx workbook cell by cell, with the type each cell really has."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from ingest import refusals
from ingest.exact_csv import BATCH, text_schema
from ingest.header import match_header
from ingest.intake import Limits
from ingest.refusals import FileRefused
from ingest.source import Note, TextSource
from ingest.xlsx_parts import SheetFacts, find_sheet
from lake.engine import quote_value
from standards.records import Item, Record

Cell = str | float | int | bool | time | date | datetime | timedelta

TEXT_TYPES = frozenset({"C", "M"})
EXACT = 1e15


@dataclass(slots=True)
class _Batch:
    """Rows gathered for the next write: texts, marks (row, line, fault, raw), odd cells."""

    cells: list[list[str | None]] = field(default_factory=list)
    marks: list[tuple[int, int, str | None, str | None]] = field(default_factory=list)
    odd: list[str | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet as read: its rows from the first line on, the line of the header, its items."""

    facts: SheetFacts
    rows: list[list[Cell]]
    start: int
    items: list[Item | None]


def xlsx_source(record: Record, path: Path, scratch: Path, limits: Limits) -> TextSource:
    """Return the rows of the first visible sheet with data; its first filled row is the header."""
    if path.stat().st_size > limits.workbook_bytes:
        raise FileRefused(refusals.too_large(".xlsx", limits.workbook_bytes))
    facts, rows = _read(path, limits)
    start = next((place for place, row in enumerate(rows) if any(c != "" for c in row)), None)
    if start is None:
        raise FileRefused(refusals.empty_file())
    layout = match_header(record, [str(cell) for cell in _trimmed(rows[start])])
    items = [None if item is None else record.item(item) for item in layout.columns]
    target = scratch / "sheet.parquet"
    count, blank = _write(target, _Sheet(facts, rows, start, items))
    if count == 0:
        raise FileRefused(refusals.header_only())
    return TextSource(
        parts=(f"read_parquet({quote_value(str(target))})",),
        rows=count,
        encoding=None,
        notes=(*_sheet_note(facts), *_blank_note(blank)),
        spoiled=True,
        marked=True,
        typed_cells=True,
    )


def _read(path: Path, limits: Limits) -> tuple[SheetFacts, list[list[Cell]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            facts = find_sheet(archive, limits)
        if facts is None:
            raise FileRefused(refusals.empty_file())
        with CalamineWorkbook.from_path(str(path)) as workbook:
            sheet = workbook.get_sheet_by_name(facts.name)
            # Addresses shift unless the empty area before the first cell is kept.
            return facts, sheet.to_python(skip_empty_area=False)
    except _UNREADABLE as error:
        raise FileRefused(refusals.unreadable(".xlsx")) from error


_UNREADABLE = (CalamineError, zipfile.BadZipFile, OSError, KeyError, UnicodeDecodeError, zlib.error)


def _trimmed(row: list[Cell]) -> list[Cell]:
    """Cut the empty cells that formatting leaves behind the last head."""
    end = len(row)
    while end and row[end - 1] == "":
        end -= 1
    return row[:end]


def _write(target: Path, sheet: _Sheet) -> tuple[int, int]:
    """Write the text table; return the number of rows, and of blank ones passed over."""
    ids = tuple(item.id for item in sheet.items if item is not None)
    batch, count, blank = _Batch(), 0, 0
    with pq.ParquetWriter(target, text_schema(ids), compression="lz4") as writer:
        for line, row in enumerate(sheet.rows[sheet.start + 1 :], sheet.start + 2):
            if all(cell == "" for cell in row) and not _errors_in(sheet, line):
                blank += 1
                continue
            count += 1
            _add(batch, sheet, row, (count, line))
            if len(batch.marks) == BATCH:
                writer.write_table(_table(batch, ids))
                batch = _Batch()
        writer.write_table(_table(batch, ids))
    return count, blank


def _errors_in(sheet: _Sheet, line: int) -> bool:
    return any((line, place + 1) in sheet.facts.errors for place in range(len(sheet.items)))


def _add(batch: _Batch, sheet: _Sheet, row: list[Cell], mark: tuple[int, int]) -> None:
    number, line = mark
    cells: list[str | None] = []
    odd: list[str] = []
    for place, item in enumerate(sheet.items):
        if item is None:
            continue
        cell = row[place] if place < len(row) else ""
        failed = sheet.facts.errors.get((line, place + 1))
        cells.append(failed or _text(cell, item))
        if failed is not None:
            odd.append(f"!{item.id}")
        elif _lost_its_text(cell, item):
            odd.append(item.id)
    beyond = any(cell != "" for cell in row[len(sheet.items) :])
    raw = "\t".join(str(cell) for cell in row) if beyond else None
    batch.cells.append([None] * len(cells) if beyond else cells)
    batch.marks.append((number, line, "row.ragged" if beyond else None, raw))
    batch.odd.append(f"|{'|'.join(odd)}|" if odd else None)


def _lost_its_text(cell: Cell, item: Item) -> bool:
    """Whether the workbook holds as a number what a number cannot hold without loss."""
    if item.data_type in TEXT_TYPES:
        return not isinstance(cell, str)
    # A spreadsheet keeps 15 digits of a number and makes the rest up.
    return isinstance(cell, float) and abs(cell) >= EXACT


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
    if isinstance(cell, date) and item.data_type == "T":
        moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
        return moment.isoformat(sep=" ")
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _table(batch: _Batch, ids: tuple[str, ...]) -> pa.Table:
    columns = list(zip(*batch.cells, strict=True)) if batch.cells else [()] * len(ids)
    rows, lines, faults, raws = zip(*batch.marks, strict=True) if batch.marks else ((),) * 4
    arrays = [pa.array(column, pa.string()) for column in columns]
    arrays += [pa.array(rows, pa.int64()), pa.array(lines, pa.int64())]
    arrays += [pa.array(faults, pa.string()), pa.array(raws, pa.string())]
    arrays.append(pa.array(batch.odd, pa.string()))
    return pa.Table.from_arrays(arrays, schema=text_schema(ids))


def _sheet_note(facts: SheetFacts) -> Iterator[Note]:
    if facts.others:
        yield Note(
            "xlsx.one_sheet",
            f"只读取了工作表“{facts.name}”，其余 {facts.others} 张未读取",
            f"only the sheet {facts.name!r} was read, {facts.others} others were not",
        )


def _blank_note(count: int) -> Iterator[Note]:
    if count:
        yield Note(
            "xlsx.blank_rows", f"忽略了 {count} 个空行", f"{count} blank rows were passed over"
        )
