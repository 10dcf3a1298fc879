"""Read a delimited text record by record with Python's own parser, setting apart what is ragged."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import refusals
from ingest.header import Layout
from ingest.refusals import FileRefused
from ingest.source import Note

BATCH = 50_000
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
        for line, cells, fault in _records(path, delimiter, width):
            if not cells and fault is None:
                blank.append(line)
                continue
            count += 1
            _add(batch, cells, wanted, (count, line, fault))
            if len(batch.marks) == BATCH:
                writer.write_table(batch.table())
                batch = _Rows(items)
        writer.write_table(batch.table())
    return ExactText(target, count, _blank_note(blank))


def _add(
    batch: _Rows, cells: list[str], wanted: list[int], mark: tuple[int, int, str | None]
) -> None:
    row, line, fault = mark
    if fault is None:
        batch.cells.append([cells[place] or None for place in wanted])
        batch.marks.append((row, line, None, None))
    else:
        batch.cells.append([None] * len(wanted))
        batch.marks.append((row, line, fault, json.dumps(cells, ensure_ascii=False)))


def _records(path: Path, delimiter: str, width: int) -> Iterator[tuple[int, list[str], str | None]]:
    """Yield (line, cells, fault) after the header; refuse where the file itself ends too early."""
    csv.field_size_limit(LINE_LIMIT)
    ends_open = not _ends_with_line_end(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        next(reader)
        held: tuple[int, list[str], str | None] | None = None
        while (record := _next_record(reader, width)) is not None:
            if held is not None:
                yield held
            held = record
        if held is not None and ends_open and held[2] == "row.ragged" and len(held[1]) < width:
            raise FileRefused(refusals.truncated(_line(held[0])))
        if held is not None:
            yield held


def _next_record(reader: Any, width: int) -> tuple[int, list[str], str | None] | None:
    line = reader.line_num + 1
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise FileRefused(refusals.truncated(_line(line))) from error
        if "field larger than" in str(error):
            raise FileRefused(refusals.line_too_long(_line(line), LINE_LIMIT)) from error
        return line, [], "row.quotes"
    return line, cells, None if len(cells) in (0, width) else "row.ragged"


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
