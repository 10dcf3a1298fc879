"""Looks into the parts of an .xlsx file for what its reader does not tell: which sheets are shown,
how far they reach, where formulas failed (ECMA-376 part 1, 18.3.1.4: a cell of type "e")."""

import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

CHUNK = 4 << 20
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_ADDRESS = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(
    rb'<(?:\w+:)?c(?=\s[^>]*\st="e")[^>]*\sr="([A-Z]{1,3})([0-9]{1,7})"[^>]*>'
    rb".*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)


class TooManyBytes(Exception):
    """A sheet unpacks to more bytes than allowed."""


class TooManyCells(Exception):
    """A sheet reaches so far out that it would fill the memory; `place` is its last cell."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class SheetExtent:
    """How many rows and columns a sheet reaches, and its failed formulas by (row, column), all
    counted from 1."""

    rows: int
    columns: int
    errors: Mapping[tuple[int, int], str]


def visible_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield name and part of each visible worksheet, in the order of their tabs."""
    relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(relations)
    }
    for tag in _SHEET.findall(archive.read("xl/workbook.xml").decode()):
        target = targets.get(_attribute(tag, r"\w+:id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if _attribute(tag, "state") in {"", "visible"} and "worksheets/" in part:
            yield html.unescape(_attribute(tag, "name")), part


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""


def scan_sheet(
    archive: zipfile.ZipFile, part: str, *, most_bytes: int, most_cells: int
) -> SheetExtent:
    """Walk through the cells of a sheet without reading them; TooManyBytes, TooManyCells."""
    rows = columns = 0
    errors: dict[tuple[int, int], str] = {}
    for text in _whole_cells(archive, part, most_bytes):
        for cell in _CELL.findall(text):
            if address := _ADDRESS.search(cell):
                rows = max(rows, int(address[2]))
                columns = max(columns, column_number(address[1].decode()))
        if b' t="e"' in text:
            for column, row, shown in _ERROR.findall(text):
                errors[int(row), column_number(column.decode())] = shown.decode()
        if rows * columns > most_cells:
            raise TooManyCells(f"{column_name(columns)}{rows}")
    return SheetExtent(rows, columns, errors)


def _whole_cells(archive: zipfile.ZipFile, part: str, limit: int) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces that cut no cell in two."""
    rest = b""
    size = 0
    with archive.open(part) as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooManyBytes
            text = rest + chunk
            # Behind the last closed row (prefixed or not) nothing is complete yet.
            cut = max(text.rfind(b"</row>"), text.rfind(b":row>"), 0)
            yield text[:cut]
            rest = text[cut:]
    yield rest


def column_number(letters: str) -> int:
    """Return the number of a column from 1: A is 1, XFD is 16,384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_name(number: int) -> str:
    """Return the letters of a column: 1 is A, 16,384 is XFD."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(65 + place) + letters
    return letters
