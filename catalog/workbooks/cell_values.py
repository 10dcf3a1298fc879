"""Turns a cell into the value of a field as YAML would have it. It judges nothing: what it cannot
turn stays what it is, and the check of the record says what would be right."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time

from catalog.workbooks.columns import Column, Shape
from catalog.workbooks.grids import Cell

_BLANKS = " \t\r\n\u3000\u00a0"
_SEPARATORS = re.compile(r"[、,，;；]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
# A code with its name as people write them: `2 有条件共享`, `2-有条件共享`, `字符型(C)`.
_CODE_FIRST = re.compile(r"([0-9A-Za-z_.]+?)\s*[-—.、:：]?\s*([^\x00-\x7f].*)")
_CODE_LAST = re.compile(r"(.*?[^\x00-\x7f])\s*[(（]?\s*([0-9A-Za-z_.]+)\s*[)）]?")


def value_of(column: Column, cell: Cell) -> object:
    """The value of a cell that is not empty: a list where the column holds one."""
    if not (column.many or column.one_or_many):
        return _one(column, cell)
    members = [_one(column, part) for part in _parts(cell)]
    return members[0] if column.one_or_many and len(members) == 1 else members


def _parts(cell: Cell) -> list[Cell]:
    """The members of a list: by lines where there are several, else by 、 , and ;"""
    if not isinstance(cell, str):
        return [cell]
    parts = cell.splitlines() if "\n" in cell else _SEPARATORS.split(cell)
    return [part for part in parts if part.strip(_BLANKS)]


def _one(column: Column, cell: Cell) -> object:
    if isinstance(cell, str):
        return _of_text(column, cell.strip(_BLANKS))
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float):
        return _of_number(column, cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _of_text(column: Column, text: str) -> object:
    found = _meant(column.options, text)
    if found is not None:
        return found
    if column.shape in {Shape.INTEGER, Shape.NUMBER, Shape.BOUND}:
        if _INTEGER.fullmatch(text):
            return int(text)
        if column.shape is not Shape.INTEGER and _DECIMAL.fullmatch(text):
            return float(text)
    return text


def _of_number(column: Column, number: float) -> object:
    whole = int(number) if float(number).is_integer() else number
    # a code that was typed as a number has lost nothing, where it is one of a list
    return column.options.get(str(whole), whole)


def _meant(options: Mapping[str, object], text: str) -> object:
    if text in options:
        return options[text]
    for pattern, code, name in ((_CODE_FIRST, 1, 2), (_CODE_LAST, 2, 1)):
        found = pattern.fullmatch(text)
        if found is not None:
            meant = options.get(found[name].strip(_BLANKS))
            # both halves have to say the same
            if meant is not None and options.get(found[code]) == meant:
                return meant
    return None
