"""Finds the header of a sheet below its title rows, and the field that each column holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from catalog.workbooks.columns import RECORDS, Column, RecordTables, Table, plain_head
from catalog.workbooks.faults import repeated_head, unknown_head
from catalog.workbooks.grids import Grid
from standards.violations import Violation

# A template explains itself in some lines above its header, but not on a whole page.
SEARCHED = 20
# Titles and explanations hold a known head by chance, never several.
FEWEST = 2
# The number of a row says nothing of the record.
IGNORED = frozenset(map(plain_head, ("序号", "编号", "行号")))
# Sheets that are there to be read by people.
ASIDE = ("说明", "填报说明", "填表说明", "示例", "样例", "代码表", "字典")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table of records, as one column of a sheet holds it."""

    table: Table
    column: Column

    @property
    def path(self) -> str:
        return f"{self.table.path}/{self.column.path}"


@dataclass(frozen=True, slots=True)
class Header:
    """Where the data of a sheet begin, and its fields by column; `own` is the list of a sheet that
    holds one list alone, None for a sheet of records (with or without their items)."""

    grid: Grid
    start: int
    fields: Mapping[int, Field]
    own: Table | None
    faults: tuple[Violation, ...]


class Heads:
    """Every head that a sheet of a kind may carry."""

    def __init__(self, tables: RecordTables) -> None:
        self._tables = tables
        self._flat = _lookup((tables.items, tables.records))
        self._lists = {
            plain_head(table.name): (table, _list_lookup(table, tables.links))
            for table in tables.lists
        }

    def find_header(self, grid: Grid) -> Header | None:
        """The header of a sheet; None where it has none, or is there to be read by people."""
        name = plain_head(grid.name)
        if any(name.startswith(aside) for aside in ASIDE):
            return None
        own, known = self._lists.get(name, (None, self._flat))
        best = max(
            (_Found.at(grid, row, depth, known) for row, depth in _candidates(grid)),
            key=lambda found: found.matches,
            default=None,
        )
        if best is None or best.matches < FEWEST:
            return None
        return Header(grid, best.row + best.depth, best.fields, own, tuple(best.faults(known)))


def _candidates(grid: Grid) -> Iterator[tuple[int, int]]:
    """Rows where a header may begin, and over how many rows it may go."""
    for row in range(min(SEARCHED, len(grid.rows))):
        yield row, 1
        if row + 1 < len(grid.rows):
            yield row, 2


def _lookup(tables: tuple[Table, ...]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for table in tables:
        for column in table.columns:
            prefix = f"{table.path}/" if table.path else ""
            for head in (column.head, *column.aliases, prefix + column.path):
                found.setdefault(plain_head(head), Field(table, column))
    return found


def _list_lookup(table: Table, links: tuple[Column, ...]) -> dict[str, Field]:
    found = _lookup((table,))
    for column in table.columns:
        for head in (column.title, column.path):
            found.setdefault(plain_head(head), Field(table, column))
    of_record = Table("", RECORDS, links)
    for head, field in _lookup((of_record,)).items():
        found.setdefault(head, field)
    return found


def _known(text: str, known: Mapping[str, Field]) -> Field | None:
    head = plain_head(text)
    # some platforms write the field's name behind the head: 涉密属性_shemishuxing
    return known.get(head) or known.get(head.split("_")[0])


@dataclass(frozen=True, slots=True)
class _Found:
    """A header as it would be, were it at this row."""

    grid: Grid
    row: int
    depth: int
    heads: Mapping[int, str]
    fields: Mapping[int, Field]
    repeated: tuple[int, ...]

    @classmethod
    def at(cls, grid: Grid, row: int, depth: int, known: Mapping[str, Field]) -> _Found:
        heads = {}
        for column in range(grid.width):
            text = _text(grid, row, column, depth, known)
            if text:
                heads[column] = text
        fields: dict[int, Field] = {}
        repeated, seen = [], set()
        for column, text in heads.items():
            field = _known(text, known)
            if field is None:
                continue
            if field.path in seen:
                repeated.append(column)
            else:
                fields[column] = field
            seen.add(field.path)
        return cls(grid, row, depth, heads, fields, tuple(repeated))

    @property
    def matches(self) -> float:
        # where both fit alike, the lower of two rows is data
        return len(self.fields) - (0.5 if self.depth == 2 else 0)

    def faults(self, known: Mapping[str, Field]) -> Iterator[Violation]:
        """A violation for each column whose head means nothing, or what another one means."""
        for column, text in self.heads.items():
            place = self.grid.place(self.row + self.depth - 1, column)
            if column in self.repeated:
                yield repeated_head(text, place)
            elif column not in self.fields and plain_head(text) not in IGNORED:
                yield unknown_head(text, place, _nearest(text, known))


def _text(grid: Grid, row: int, column: int, depth: int, known: Mapping[str, Field]) -> str:
    """The head of a column; of two rows the lower one, with the upper one where that is needed."""
    upper = str(grid.cell(row, column)).strip()
    if depth == 1:
        return upper
    lower = str(grid.cell(row + 1, column)).strip()
    if not lower or lower == upper:
        return upper
    joined = upper + lower
    return joined if _known(joined, known) else lower


def _nearest(text: str, known: Mapping[str, Field]) -> str | None:
    near = get_close_matches(plain_head(text), known, n=1, cutoff=0.4)
    return known[near[0]].column.head if near else None
