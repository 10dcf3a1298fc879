"""Describe a file once it can be read: a relation of text cells, and how many rows it must have."""

from dataclasses import dataclass

# Columns that a marked source carries beside one text column an item, named by its id:
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

    `parts` are SQL table expressions that together hold its rows, to be read side by side; `rows`
    was counted apart from the engine's reader. `spoiled` says that replacement or private-use
    characters occur somewhere, `blanks` that cells may have blanks around them, `empties` that an
    empty cell may come as empty text and not as NULL, `typed_cells` that `_cells` can be other
    than NULL. What cannot occur need not be looked for in every cell. `marked`: the parts carry
    all columns below; else only `_row`, each row on the line after the last.
    """

    parts: tuple[str, ...]
    rows: int
    encoding: str | None
    notes: tuple[Note, ...] = ()
    spoiled: bool = False
    blanks: bool = True
    empties: bool = True
    marked: bool = False
    typed_cells: bool = False

    @property
    def whole(self) -> str:
        """All parts as one table expression."""
        if len(self.parts) == 1:
            return self.parts[0]
        return f"({' UNION ALL '.join(f'SELECT * FROM {part}' for part in self.parts)})"
