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
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>/])[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row(?=[\s>/])[^>]*>")
_ROW_NUMBER = re.compile(rb'\sr="([0-9]{1,7})"')
_ADDRESS = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
# the value of a cell, or the next cell where this one has none
_VALUE = re.compile(rb"<(?:\w+:)?(v|c)(?=[\s>/])[^>]*>([^<]*)")
STRINGS = "xl/sharedStrings.xml"
# the reader holds each, with 130 bytes at the least: a million rows of five texts of their own
MOST_STRINGS = 5_000_000
_STRING = re.compile(rb"<(?:\w+:)?si[\s>/]")
# parts that are read whole: names and styles of some hundred sheets need a hundredth of that
MOST_BYTES_OF_A_PART = 16 << 20
# a row that is not closed within this is no row: 16,384 cells of a thousand characters fit
MOST_BYTES_OF_A_ROW = 64 << 20


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
    relations = _small_part(archive, "xl/_rels/workbook.xml.rels")
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target") for tag in _RELATION.findall(relations)
    }
    for tag in _SHEET.findall(_small_part(archive, "xl/workbook.xml")):
        target = targets.get(_attribute(tag, r"\w+:id"), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if _attribute(tag, "state") in {"", "visible"} and "worksheets/" in part:
            yield html.unescape(_attribute(tag, "name")), part


def _small_part(archive: zipfile.ZipFile, part: str) -> str:
    if archive.getinfo(part).file_size > MOST_BYTES_OF_A_PART:
        raise TooManyBytes
    return archive.read(part).decode()


def check_strings(archive: zipfile.ZipFile, *, most_bytes: int) -> None:
    """Walk through the texts that cells share, before a reader holds them all in memory.

    A few bytes can unpack to millions of empty ones. Raises TooManyBytes, TooManyCells.
    """
    if STRINGS not in archive.namelist():
        return
    size = count = 0
    with archive.open(STRINGS) as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            count += len(_STRING.findall(chunk))
            if size > most_bytes:
                raise TooManyBytes
            if count > MOST_STRINGS:
                raise TooManyCells(STRINGS)


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
        bare = False
        for match in _CELL.finditer(text):
            address = _ADDRESS.search(match[0])
            if address is None:
                bare = True
                continue
            row, column = int(address[2]), column_number(address[1].decode())
            rows, columns = max(rows, row), max(columns, column)
            if b' t="e"' in match[0]:
                value = _VALUE.search(text, match.end())
                if value is not None and value[1] == b"v":
                    errors[row, column] = value[2].decode()
        if bare:
            rows, columns = _reach_of_bare_cells(text, rows, columns)
        if rows * columns > most_cells:
            raise TooManyCells(f"{column_name(columns)}{rows}")
    return SheetExtent(rows, columns, errors)


def _reach_of_bare_cells(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """How far a piece reaches in which a cell without an address follows the one before it."""
    last = rows
    for tag, row in zip(_ROW.findall(text), _ROW.split(text)[1:], strict=True):
        number = _ROW_NUMBER.search(tag)
        last = last + 1 if number is None else int(number[1])
        cells = len(_CELL.findall(row))
        if cells:
            rows, columns = max(rows, last), max(columns, cells)
    return rows, columns


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
            if len(rest) > MOST_BYTES_OF_A_ROW:
                raise TooManyBytes
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
