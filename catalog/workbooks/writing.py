"""What the writers of workbooks share: a book that says the same bytes for the same content, a
sheet of the words to choose from, and notes within the limits of the format."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

# What does not change with the clock of the machine is the same file every time.
CREATED = datetime(2026, 1, 1)  # noqa: DTZ001 (the format knows no zone)
OPTIONS = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}

# ECMA-376 part 1, 18.3.1.32: a title of 32 and a text of 255 characters at most.
TITLE, TEXT = 32, 255
TEXT_FORMAT, DATE_FORMAT, MOMENT_FORMAT = "@", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
LISTS = "代码表"


@contextmanager
def new_book(path: Path) -> Iterator[Any]:
    """A workbook that is written when the block is left. What the writer would only warn of (a list
    or a note that it leaves out) is an error here."""
    import xlsxwriter

    with warnings.catch_warnings():
        warnings.simplefilter("error", category=UserWarning)
        with xlsxwriter.Workbook(str(path), OPTIONS) as book:
            book.set_properties({"created": CREATED, "author": "大同 Datong"})
            yield book


class WordLists:
    """A sheet that holds every list to choose from; a cell refers to it by a name, however long.

    The name of a list must not repeat; `notes` stand beside the words (the name of a code).
    """

    def __init__(self, book: Any) -> None:
        self._book = book
        self._lists: dict[str, tuple[str, Sequence[str], Sequence[str]]] = {}

    def add(self, name: str, title: str, words: Sequence[str], notes: Sequence[str] = ()) -> str:
        """Keep a list, once; gives what a drop-down names as its source."""
        kept = self._lists.setdefault(name, (title, words, notes))
        if tuple(kept[1]) != tuple(words):
            raise ValueError(f"two lists of the name {name}")
        return f"={_defined(name)}"

    def write(self, *, visible: bool) -> None:
        """Write the sheet, behind all that are there already."""
        from xlsxwriter.utility import quote_sheetname, xl_range_abs

        if not self._lists:
            return
        sheet = self._book.add_worksheet(LISTS)
        text = self._book.add_format({"num_format": TEXT_FORMAT})
        bold = self._book.add_format({"bold": True, "num_format": TEXT_FORMAT})
        column = 0
        for name, (title, words, notes) in self._lists.items():
            sheet.write_string(0, column, title, bold)
            sheet.write_column(1, column, words, text)
            sheet.write_column(1, column + 1, notes, text)
            sheet.set_column(column, column + 1, 18)
            area = f"={quote_sheetname(LISTS)}!{xl_range_abs(1, column, len(words), column)}"
            self._book.define_name(_defined(name), area)
            column += 2
        sheet.freeze_panes(1, 0)
        if not visible:
            sheet.hide()


def _defined(name: str) -> str:
    return "list_" + "".join(sign if sign.isalnum() else "_" for sign in name)


def validation(rule: Mapping[str, Any], title: str, note: str) -> dict[str, Any]:
    """The options of a validation with its note, cut to what the format takes."""
    return {
        **rule,
        "input_title": within(title, TITLE),
        "input_message": within(note, TEXT),
        "ignore_blank": True,
    }


def within(text: str, most: int) -> str:
    """The text, cut where it is longer; the format counts in UTF-16."""
    if _units(text) <= most:
        return text
    while _units(text) > most - 1:
        text = text[:-1]
    return f"{text}…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def name_of_sheet(text: str) -> str:
    """A text as the name of a sheet: without what such a name may not hold, 31 characters."""
    return within("".join("_" if sign in "[]:*?/\\'" else sign for sign in text), 31)
