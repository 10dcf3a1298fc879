"""Describe a file once it can be read: a relation of text cells, and how many rows it must have."""

from dataclasses import dataclass

# Columns that a numbered source carries beside one text column an item, named by its id:
# _row    the number of the row in the file, from 1, the header not counted
# _line   the line of the file (or row of the sheet) where it begins, from 1
# _fault  the rule code of what is wrong with the row as a whole, else NULL
# _raw    the text of such a row as it stands in the file, else NULL
# _cells  the ids of cells that a workbook holds as numbers where that loses digits, and with ! of
#         those whose formula failed, as |id|!id|, else NULL


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling about a file that is no violation of a row."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


@dataclass(frozen=True, slots=True)
class TextSource:
    """A file as text cells.

    `relation` is SQL for a table expression; `rows` was counted apart from the engine's reader;
    `spoiled` says that replacement or private-use characters occur somewhere, `blanks` that cells
    may have blanks around them, `empties` that an empty cell may come as empty text and not as
    NULL, `typed_cells` that `_cells` can be other than NULL. What cannot occur need not be looked
    for in every cell. `numbered`: the relation carries the columns below; else its rows are
    numbered in the order in which they come, each on the line after the last.
    """

    relation: str
    rows: int
    encoding: str | None
    notes: tuple[Note, ...] = ()
    spoiled: bool = False
    blanks: bool = True
    empties: bool = True
    numbered: bool = False
    typed_cells: bool = False
