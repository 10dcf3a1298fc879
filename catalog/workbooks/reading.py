"""Reads metadata records from a workbook: our own with a sheet for each list, or one sheet with a
row for each item, as provincial templates have it. What the cells say becomes the document that
YAML would give; the check of records judges both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.workbooks.cell_values import value_of
from catalog.workbooks.columns import Column, RecordTables, Shape
from catalog.workbooks.faults import (
    differing_rows,
    failed_formula,
    no_record,
    record_again,
    row_of_no_record,
)
from catalog.workbooks.grids import Cell, Grid, read_grids
from catalog.workbooks.headers import Header, Heads
from standards.code_lists import CodeLists
from standards.violations import Violation

Document = Mapping[str, object]
Check = Callable[[Document], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class RecordCells:
    """A record of a workbook. `places` leads from paths of the document to cells, `anchor` is the
    first of them; `faults` are cells that hold no value at all (failed formulas, two rows that
    disagree), `numbers` the paths of cells that hold a number where text is due."""

    document: Document
    places: Mapping[str, str]
    anchor: str
    faults: tuple[Violation, ...]
    numbers: frozenset[str]

    def check(self, check: Check) -> tuple[Violation, ...]:
        """What the cells and what the check find wrong, each with its place in the workbook."""
        broken = {fault.path for fault in self.faults}
        found = [fault for fault in check(self.document) if not _lies_in(fault.path, broken)]
        return (*self.faults, *(self._placed(each) for each in found))

    def place(self, path: str) -> str:
        """The cell of a path, or the one nearest to it."""
        parts = path.split("/")
        while parts:
            found = self.places.get("/".join(parts))
            if found is not None:
                return found
            parts.pop()
        return self.anchor

    def _placed(self, violation: Violation) -> Violation:
        place = self.place(violation.path)
        if not _lies_in(violation.path, self.numbers):
            return replace(violation, place=place)
        zh = f"{place} 是数字单元格，长号码的末位和开头的 0 已经丢失；请先设为文本格式再重新填写"
        en = f"{place} is a number cell, which loses digits of long numbers and leading zeros; "
        return replace(
            violation,
            place=place,
            zh=f"{zh}。{violation.zh}",
            en=f"{en}format it as text and type it again. {violation.en}",
        )


@dataclass(frozen=True, slots=True)
class ReadWorkbook:
    """The records of a workbook in the order of their first rows, and what is wrong with the
    workbook itself: heads that nobody knows, rows that belong to no record."""

    records: tuple[RecordCells, ...]
    faults: tuple[Violation, ...]


def read_workbook(path: Path, code_lists: CodeLists) -> ReadWorkbook:
    """Read every record of a workbook; WorkbookUnreadable or WorkbookTooLarge where none can."""
    tables = RecordTables(code_lists)
    heads = Heads(tables)
    gathering = _Gathering()
    grids = read_grids(path)
    found = [header for header in map(heads.find_header, grids) if header is not None]
    # what belongs to a record is read when all records are there
    for header in sorted(found, key=lambda header: header.own is not None):
        gathering.faults += header.faults
        for row in range(header.start, len(header.grid.rows)):
            gathering.take(_Row(header, row))
    if not gathering.records:
        gathering.faults.append(no_record(tuple(grid.name for grid in grids)))
    return ReadWorkbook(
        tuple(each.finished() for each in gathering.records), tuple(gathering.faults)
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a sheet, by the fields of its header."""

    header: Header
    row: int

    @property
    def grid(self) -> Grid:
        return self.header.grid

    def cells(self, *, of: str) -> Iterator[tuple[int, Column]]:
        """The columns of the table at path `of`, in the order of the sheet."""
        for place, found in self.header.fields.items():
            if found.table.path == of:
                yield place, found.column

    def is_blank(self, fields: Iterable[tuple[int, Column]]) -> bool:
        return all(
            self.cell(place) == "" and self.grid.error(self.row, place) is None
            for place, _ in fields
        )

    def cell(self, place: int) -> Cell:
        cell = self.grid.cell(self.row, place)
        return "" if isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\u00a0") else cell

    def text(self, path: str) -> str:
        """What a cell of the record's own says, as text; empty where it says nothing."""
        for place, column in self.cells(of=""):
            if column.path == path and self.cell(place) != "":
                return str(value_of(column, self.cell(place)))
        return ""

    @property
    def named(self) -> str:
        """What the row calls its record, empty where it says nothing."""
        return self.text("resource_id") or self.text("name")

    def place(self, place: int = 0) -> str:
        return self.grid.place(self.row, place)

    @property
    def list_path(self) -> str:
        """The list that the row holds an object of: that of its sheet, else the items."""
        return self.header.own.path if self.header.own is not None else "items"


@dataclass(slots=True)
class _Record:
    """A record while its rows are read."""

    anchor: str
    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[Violation] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    rows: int = 0

    def take(self, row: _Row, place: int, column: Column, base: str = "") -> None:
        """Write one cell into the document, below the path `base`."""
        path = f"{base}/{column.path}" if base else column.path
        cell, shown = row.cell(place), row.grid.error(row.row, place)
        at = row.place(place)
        if shown is not None:
            self.places[path] = at
            self.faults.append(failed_formula(path, shown, at))
        elif cell == "":
            self.places.setdefault(path, at)
        else:
            self._write(path, value_of(column, cell), at)
            if column.shape is Shape.TEXT and _holds_number(_at(self.document, path)):
                self.numbers.add(path)

    def _write(self, path: str, value: object, at: str) -> None:
        before = _at(self.document, path)
        if before is not None and before != value:
            self.faults.append(differing_rows(path, value, at, self.places[path]))
            return
        if before is None:
            _put(self.document, path, value)
            self.places[path] = at

    def add(self, row: _Row, fields: list[tuple[int, Column]]) -> None:
        """Add an object to the list that the row belongs to."""
        path = row.list_path
        members = _at(self.document, path)
        if members is None:
            members = []
            _put(self.document, path, members)
        base = f"{path}/{len(members)}"
        members.append({})
        self.places[base] = row.place(fields[0][0])
        self.places.setdefault(path, row.place(fields[0][0]))
        for place, column in fields:
            self.take(row, place, column, base)

    def finished(self) -> RecordCells:
        return RecordCells(
            self.document, self.places, self.anchor, tuple(self.faults), frozenset(self.numbers)
        )


class _Gathering:
    """The records of all sheets; a row belongs to the record that it names, or to the last one."""

    def __init__(self) -> None:
        self.records: list[_Record] = []
        self.faults: list[Violation] = []
        self._by_id: dict[str, _Record] = {}
        self._by_name: dict[tuple[str, str], _Record] = {}
        self._names: dict[str, list[_Record]] = {}
        self._last: _Record | None = None

    def take(self, row: _Row) -> None:
        own = list(row.cells(of=""))
        listed = list(row.cells(of=row.list_path))
        if row.is_blank([*own, *listed]):
            return
        record = self._linked(row) if row.header.own is not None else self._own(row)
        if record is None:
            self.faults.append(row_of_no_record(row.named, row.place()))
            return
        if row.header.own is None:
            if not listed and record.rows:
                # without items every row is a record, and this one was there already
                self.faults.append(record_again(row.named, row.place(), record.anchor))
            record.rows += 1
            for place, column in own:
                record.take(row, place, column)
        if not row.is_blank(listed):
            record.add(row, listed)

    def _linked(self, row: _Row) -> _Record | None:
        """The record that a row of a list names, by id or by name."""
        named = row.text("resource_id")
        if named:
            return self._by_id.get(named)
        found = self._names.get(row.text("name"), [])
        return found[0] if len(found) == 1 else None

    def _own(self, row: _Row) -> _Record:
        """The record whose own cells stand in the row; the last one where nothing names it."""
        named, name = row.text("resource_id"), row.text("name")
        provider = row.text("provider_code") or row.text("provider_name")
        if not (named or name):
            return self._last or self._new(row, named, name, provider)
        found = self._by_id.get(named) if named else self._by_name.get((name, provider))
        if found is None and not named and not provider:
            found = self._last if self._last and self._last.document.get("name") == name else None
        self._last = found or self._new(row, named, name, provider)
        return self._last

    def _new(self, row: _Row, named: str, name: str, provider: str) -> _Record:
        record = _Record(row.place(min(row.header.fields)))
        self.records.append(record)
        if named:
            self._by_id[named] = record
        elif name:
            self._by_name[name, provider] = record
        self._names.setdefault(name, []).append(record)
        self._last = record
        return record


def _lies_in(path: str, paths: Iterable[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in paths)


def _holds_number(value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(isinstance(each, int | float) and not isinstance(each, bool) for each in values)


def _at(document: Any, path: str) -> Any:
    for part in path.split("/"):
        document = document[int(part)] if isinstance(document, list) else document.get(part)
        if document is None:
            return None
    return document


def _put(document: Any, path: str, value: object) -> None:
    *parents, last = path.split("/")
    for part in parents:
        document = (
            document[int(part)] if isinstance(document, list) else document.setdefault(part, {})
        )
    document[last] = value
