"""Choose the sheet of a delivered workbook; see how far it reaches, and which formulas failed."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from catalog.workbooks.parts import (
    TooManyBytes,
    TooManyCells,
    check_strings,
    scan_sheet,
    visible_sheets,
)
from ingest import refusals
from ingest.intake import Limits
from ingest.refusals import FileRefused


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A sheet before it is read: its name, how many others were passed over, how many rows and
    columns it reaches, and its failed formulas by (row, column), both from 1."""

    name: str
    others: int
    rows: int
    columns: int
    errors: Mapping[tuple[int, int], str]


def find_sheet(archive: zipfile.ZipFile, limits: Limits) -> SheetFacts | None:
    """Return the first visible sheet that holds a cell; None where no sheet does."""
    try:
        check_strings(archive, most_bytes=limits.sheet_bytes)
        sheets = list(visible_sheets(archive))
    except TooManyBytes as error:
        raise FileRefused(refusals.too_large(".xlsx", limits.sheet_bytes)) from error
    except TooManyCells as error:
        raise FileRefused(refusals.stray_cell(error.place, limits.sheet_cells)) from error
    for name, part in sheets:
        found = _scan(archive, name, part, len(sheets) - 1, limits)
        if found.rows:
            return found
    return None


def _scan(
    archive: zipfile.ZipFile, name: str, part: str, others: int, limits: Limits
) -> SheetFacts:
    try:
        extent = scan_sheet(
            archive, part, most_bytes=limits.sheet_bytes, most_cells=limits.sheet_cells
        )
    except TooManyBytes as error:
        raise FileRefused(refusals.too_large(".xlsx", limits.sheet_bytes)) from error
    except TooManyCells as error:
        raise FileRefused(refusals.stray_cell(error.place, limits.sheet_cells)) from error
    return SheetFacts(name, others, extent.rows, extent.columns, extent.errors)
