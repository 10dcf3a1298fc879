"""A sample of a file: the beginning of each of its columns, and how much of a file is looked at."""

from dataclasses import dataclass, field

from ingest.formats import FileFormat

ROWS = 20_000
# A sample of few columns ends by its rows, one of many by its cells, one of long texts by these.
CELLS, CHARACTERS = 2_000_000, 64_000_000
BLANKS = " \t\r\n\u3000\u00a0\ufeff"

Cells = list[str | None]


@dataclass(slots=True)
class SampleColumn:
    """A column: its head, its cells as text (None where empty), the type that the file itself
    gives it (D, T, I, B, L, G; None for text), how many cells a workbook holds as numbers, and how
    many of these have lost digits."""

    head: str
    cells: Cells = field(default_factory=list)
    stored: str | None = None
    numbers: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """The first `rows` rows of a file; `whole` where it has no more, `odd` counts the rows passed
    over because they have too many or too few cells or broken quotes. `encoding` and `delimiter`
    are those of a text, `sheet` that of a workbook with several."""

    format: FileFormat
    columns: tuple[SampleColumn, ...]
    rows: int
    whole: bool
    odd: int = 0
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def rows_to_read(rows: int, columns: int) -> int:
    """How many rows of so many columns a sample takes."""
    return max(100, min(rows, CELLS // max(1, columns)))
