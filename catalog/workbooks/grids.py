"""Reads the visible sheets of a workbook as grids of cells, each with the type it really has."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from catalog.workbooks.errors import WorkbookTooLarge, WorkbookUnreadable
from catalog.workbooks.parts import (
    SheetExtent,
    TooManyBytes,
    TooManyCells,
    check_strings,
    column_name,
    scan_sheet,
    visible_sheets,
)

Cell = str | float | int | bool | time | date | datetime | timedelta
Spot = tuple[int, int]  # row and column, from 0

# A catalogue of 10,000 records with 30 items each is a tenth of this.
MOST_BYTES, MOST_SHEET_BYTES, MOST_CELLS = 100_000_000, 1_000_000_000, 20_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its rows from the first line on, failed formulas by their spots, and the spots
    inside merged areas with that of the corner that holds their value."""

    name: str
    rows: list[list[Cell]]
    errors: Mapping[Spot, str]
    corners: Mapping[Spot, Spot]

    def cell(self, row: int, column: int) -> Cell:
        """The cell; inside a merged area that of its corner; empty text where there is none."""
        row, column = self.corners.get((row, column), (row, column))
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def error(self, row: int, column: int) -> str | None:
        """What a failed formula shows there, such as #REF!"""
        return self.errors.get(self.corners.get((row, column), (row, column)))

    def place(self, row: int, column: int) -> str:
        """Where a person finds the cell: 信息项!C7."""
        row, column = self.corners.get((row, column), (row, column))
        return f"{self.name}!{column_name(column + 1)}{row + 1}"

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def is_workbook(path: Path) -> bool:
    """Whether a file is to be read as a workbook: by its first bytes, whatever its name."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def read_grids(path: Path) -> tuple[Grid, ...]:
    """The visible sheets that hold a cell, in the order of their tabs.

    Raises WorkbookUnreadable and WorkbookTooLarge.
    """
    from python_calamine import CalamineError

    if path.stat().st_size > MOST_BYTES:
        raise WorkbookTooLarge(path.name, f"{path.stat().st_size} B", MOST_BYTES)
    try:
        return tuple(_grids(path))
    except TooManyBytes as error:
        raise WorkbookTooLarge(path.name, "XML", MOST_SHEET_BYTES) from error
    except TooManyCells as error:
        raise WorkbookTooLarge(path.name, error.place, MOST_CELLS) from error
    except (CalamineError, zipfile.BadZipFile, OSError, KeyError, ValueError, zlib.error) as error:
        raise WorkbookUnreadable(path.name) from error


def _grids(path: Path) -> Iterator[Grid]:
    from python_calamine import CalamineWorkbook

    with zipfile.ZipFile(path) as archive:
        check_strings(archive, most_bytes=MOST_SHEET_BYTES)
        extents = {
            name: scan_sheet(archive, part, most_bytes=MOST_SHEET_BYTES, most_cells=MOST_CELLS)
            for name, part in visible_sheets(archive)
        }
    with CalamineWorkbook.from_path(str(path)) as workbook:
        for name, extent in extents.items():
            if extent.rows:
                sheet = workbook.get_sheet_by_name(name)
                # Addresses shift unless the empty area before the first cell is kept.
                rows = sheet.to_python(skip_empty_area=False)
                merged = sheet.merged_cell_ranges or []
                yield Grid(name, rows, _errors(extent), _corners(merged, extent))


def _errors(extent: SheetExtent) -> dict[Spot, str]:
    return {(row - 1, column - 1): shown for (row, column), shown in extent.errors.items()}


def _corners(merged: list[tuple[Spot, Spot]], extent: SheetExtent) -> dict[Spot, Spot]:
    """Which cell speaks for each that is merged with it; beyond the last cell there are none."""
    return {
        (row, column): (top, left)
        for (top, left), (bottom, right) in merged
        for row in range(top, min(bottom + 1, extent.rows))
        for column in range(left, min(right + 1, extent.columns))
        if (row, column) != (top, left)
    }
