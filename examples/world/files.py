"""Writes a table in the form in which a department sends it, always the same bytes."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from examples.world.plan import Column, FilePlan
from examples.world.sightings import Row
from examples.world.spoil import EXTRA_CELL

_CREATED: Final = datetime(2026, 10, 1, tzinfo=UTC).replace(
    tzinfo=None
)  # XlsxWriter wants it naive


def write_file(folder: Path, plan: FilePlan, rows: Sequence[Row]) -> Path:
    """Write `rows` as `plan` says; return the path of the file."""
    path = folder / plan.name
    if plan.form == "xlsx":
        _write_xlsx(path, plan, rows)
    elif plan.form == "parquet":
        _write_parquet(path, plan, rows)
    else:
        path.write_bytes(_csv_bytes(plan, rows))
    return path


def _csv_bytes(plan: FilePlan, rows: Sequence[Row]) -> bytes:
    lines = [_csv_line(plan, [column.head for column in plan.columns])]
    for row in rows:
        cells = [_shown(plan, row[column.item]) for column in plan.columns]
        if EXTRA_CELL in row:
            cells.append(str(row[EXTRA_CELL]))
        lines.append(_csv_line(plan, cells))
    if plan.form != "mixed":
        return "".join(lines).encode(plan.form)
    half = len(lines) // 2
    return "".join(lines[:half]).encode("utf-8") + "".join(lines[half:]).encode("gb18030")


def _csv_line(plan: FilePlan, cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    # A GB18030 file comes from a spreadsheet on Windows and ends its lines accordingly.
    end = "\r\n" if plan.form == "gb18030" else "\n"
    csv.writer(buffer, lineterminator=end).writerow(cells)
    return buffer.getvalue()


def _shown(plan: FilePlan, value: str | int | None) -> str:
    return plan.null_text if value is None else str(value)


def _write_xlsx(path: Path, plan: FilePlan, rows: Sequence[Row]) -> None:
    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "constant_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": _CREATED})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("数据")
        for place, column in enumerate(plan.columns):
            sheet.write_string(0, place, column.head, text)
        for line, row in enumerate(rows, start=1):
            for place, column in enumerate(plan.columns):
                value = row[column.item]
                if isinstance(value, int):
                    sheet.write_number(line, place, value)
                elif value is not None or plan.null_text:
                    sheet.write_string(line, place, _shown(plan, value), text)


def _write_parquet(path: Path, plan: FilePlan, rows: Sequence[Row]) -> None:
    columns = {column.head: _arrow_column(plan, column, rows) for column in plan.columns}
    pq.write_table(pa.table(columns), path, compression="zstd")


def _arrow_column(plan: FilePlan, column: Column, rows: Sequence[Row]) -> pa.Array:
    values = [row[column.item] for row in rows]
    if column.item.endswith(("_date", "_on")):
        return pa.array([None if v is None else date.fromisoformat(str(v)) for v in values])
    return pa.array([_shown(plan, v) or None for v in values], pa.string())
