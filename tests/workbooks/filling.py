"""Fills in a workbook as it lies there: by writing cells into its XML, where no spreadsheet program
is at hand. The format of a column is that of its cells, as a program would keep it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from catalog.workbooks.parts import column_number, visible_sheets

Entries = Mapping[str, Mapping[str, object]]
"""What to write, by sheet and address; a number is written as one, anything else as text."""

_COLUMN = re.compile(r'<col min="(\d+)" max="(\d+)"[^>]*? style="(\d+)"')


def fill_in(template: Path, out: Path, entries: Entries) -> Path:
    """Copy a workbook with the entries in it."""
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(out, "w") as target:
        parts = {part: name for name, part in visible_sheets(source)}
        for info in source.infolist():
            content = source.read(info)
            if info.filename in parts:
                wanted = entries.get(parts[info.filename], {})
                content = _filled(content.decode(), wanted).encode()
            target.writestr(info, content)
    return out


def _filled(sheet: str, entries: Mapping[str, object]) -> str:
    styles = {
        place: style
        for first, last, style in _COLUMN.findall(sheet)
        for place in range(int(first), int(last) + 1)
    }
    rows: dict[int, dict[int, str]] = {}
    for address, value in entries.items():
        letters = address.rstrip("0123456789")
        column, row = column_number(letters), int(address.removeprefix(letters))
        style = f' s="{styles[column]}"' if column in styles else ""
        rows.setdefault(row, {})[column] = _cell(address, style, value)
    text = "".join(
        f'<row r="{row}">{"".join(cells[column] for column in sorted(cells))}</row>'
        for row, cells in sorted(rows.items())
    )
    assert "</sheetData>" in sheet
    return sheet.replace("</sheetData>", f"{text}</sheetData>")


def _cell(address: str, style: str, value: object) -> str:
    if isinstance(value, int | float):
        return f'<c r="{address}"{style}><v>{value}</v></c>'
    text = escape(str(value))
    return f'<c r="{address}"{style} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
