"""Read a delimited text record by record with Python's own parser, setting apart what is ragged."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import refusals
from ingest.header import Layout
from ingest.refusals import FileRefused
from ingest.source import Note

BATCH = 50_000
# DuckDB's reader gives up at 2 MB a line, and no table of a department has a row near that.
LINE_LIMIT = 2_000_000


@dataclass(frozen=True, slots=True)
class ExactText:
    """The rows of a text as a Parquet file of text cells (columns: ingest/source.py)."""

    path: Path
    rows: int
    notes: tuple[Note, ...]


@dataclass(slots=True)
class _Rows:
    """Rows gathered for the next batch, column by column."""

    items: tuple[str, ...]
    cells: list[list[str | None]] = field(default_factory=list)
    marks: list[tuple[int, int, str | None, str | None]] = field(default_factory=list)

    def table(self) -> pa.Table:
        columns = list(zip(*self.cells, strict=True)) if self.cells else [()] * len(self.items)
        rows, lines, faults, raws = zip(*self.marks, strict=True) if self.marks else ((),) * 4
        arrays = [pa.array(column, pa.string()) for column in columns]
        arrays += [pa.array(rows, pa.int64()), pa.array(lines, pa.int64())]
        arrays += [pa.array(faults, pa.string()), pa.array(raws, pa.string())]
        arrays.append(pa.nulls(len(rows), pa.string()))
        return pa.Table.from_arrays(arrays, schema=text_schema(self.items))


def text_schema(items: tuple[str, ...]) -> pa.Schema:
    """Return the Arrow schema of a text source with these items."""
    fields = [pa.field(item, pa.string()) for item in items]
    fields += [pa.field("_row", pa.int64()), pa.field("_line", pa.int64())]
    fields += [pa.field(name, pa.string()) for name in ("_fault", "_raw", "_cells")]
    return pa.schema(fields)


def read_exactly(path: Path, layout: Layout, delimiter: str, target: Path) -> ExactText:
    """Read every record; a ragged one becomes a row with a fault, never an error of the file."""
    items = tuple(item for item in layout.columns if item is not None)
    wanted = [place for place, item in enumerate(layout.columns) if item is not None]
    width = len(layout.columns)
    blank: list[int] = []
    count = 0
    batch = _Rows(items)
    with pq.ParquetWriter(target, text_schema(items), compression="lz4") as writer:
        for record in _records(path, delimiter, width):
            if not record.cells and record.fault is None:
                blank.append(record.line)
                continue
            count += 1
            _add(batch, record, wanted, count)
            if len(batch.marks) == BATCH:
                writer.write_table(batch.table())
                batch = _Rows(items)
        writer.write_table(batch.table())
    return ExactText(target, count, _blank_note(blank))


def _add(batch: _Rows, record: _Record, wanted: list[int], row: int) -> None:
    if record.fault is None:
        batch.cells.append([record.cells[place] or None for place in wanted])
        batch.marks.append((row, record.line, None, None))
    else:
        batch.cells.append([None] * len(wanted))
        batch.marks.append((row, record.line, record.fault, record.raw))


@dataclass(frozen=True, slots=True)
class _Record:
    """One record: the line where it begins, its cells, what is wrong with it, its text if so."""

    line: int
    cells: list[str]
    fault: str | None = None
    raw: str | None = None


class _Lines:
    """Hands lines to the parser and remembers those of the record at hand."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            self.taken.append(line)
            yield line


def _records(path: Path, delimiter: str, width: int) -> Iterator[_Record]:
    """Yield what follows the header; refuse where the file itself ends too early."""
    csv.field_size_limit(LINE_LIMIT)
    ends_open = not _ends_with_line_end(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = _Lines(file)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        try:
            next(reader)
        except csv.Error as error:
            raise FileRefused(refusals.malformed_header(_line(1))) from error
        held: _Record | None = None
        while (record := _next_record(reader, lines, width)) is not None:
            if held is not None:
                _refuse_broken_quotes(held, record)
                yield held
            held = record
        if (
            held is not None
            and ends_open
            and held.fault == "row.ragged"
            and len(held.cells) < width
        ):
            raise FileRefused(refusals.truncated(_line(held.line)))
        if held is not None:
            yield held


def _next_record(reader: Any, lines: _Lines, width: int) -> _Record | None:
    line = reader.line_num + 1
    lines.taken.clear()
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise FileRefused(refusals.truncated(_line(line))) from error
        if "field larger than" in str(error):
            raise FileRefused(refusals.line_too_long(_line(line), LINE_LIMIT)) from error
        return _Record(line, [], "row.quotes", "".join(lines.taken))
    if len(cells) in (0, width):
        return _Record(line, cells)
    return _Record(line, cells, "row.ragged", "".join(lines.taken))


def _refuse_broken_quotes(record: _Record, following: _Record) -> None:
    """Refuse the file where a broken cell may reach into the next line: nobody knows its end."""
    if record.fault == "row.quotes" and (record.raw or "").count('"') % 2:
        raise FileRefused(refusals.broken_quotes(_line(record.line)))
    if record.fault == "row.quotes" and '"' in "".join(following.cells):
        raise FileRefused(refusals.broken_quotes(_line(record.line)))


def _ends_with_line_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) in b"\r\n"


def _line(line: int) -> str:
    return f"第 {line} 行 / line {line}"


def _blank_note(lines: list[int]) -> tuple[Note, ...]:
    if not lines:
        return ()
    shown = "、".join(str(line) for line in lines[:5]) + (" …" if len(lines) > 5 else "")
    return (
        Note(
            "csv.blank_lines",
            f"忽略了 {len(lines)} 个空行（第 {shown} 行）",
            f"{len(lines)} blank lines were passed over (lines {shown})",
        ),
    )
