"""What somebody types who looks for a record: a text made from its title, by a rule for each kind.

The rules were written, and the records drawn (choose_queries.py), before anything was measured.
Pinyin and traditional characters come from libraries that the product does not use. "The beginning"
is the first 60 % of the title's characters, but at least four.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from pypinyin import Style, lazy_pinyin

from standards.department_words import abbreviations
from tests.search.portals import PortalRecord

LEAST = 4


class Kind(StrEnum):
    TITLE_PART = "title_part"
    ALIAS = "alias"
    PINYIN = "pinyin"
    INITIALS = "initials"
    TRADITIONAL = "traditional"
    TYPING = "typing"


def text_of(kind: Kind, record: PortalRecord) -> str | None:
    """The text of a query, or None where the record makes none of this kind."""
    title = re.sub(r"\s+", "", record.title)
    if sum("\u4e00" <= character <= "\u9fff" for character in title) < LEAST:
        return None
    return _RULES[kind](title, record)


def _beginning(title: str) -> str:
    return title[: max(LEAST, -(-len(title) * 6 // 10))]


def _title_part(title: str, _record: PortalRecord) -> str:
    """The half of the title around its middle."""
    length = max(LEAST, len(title) // 2)
    start = (len(title) - length) // 2
    return title[start : start + length]


def _alias(title: str, record: PortalRecord) -> str | None:
    """A short name of the department, the shortest of several, and the beginning of the title."""
    short = sorted(abbreviations(record.department), key=lambda name: (len(name), name))
    return f"{short[0]} {_beginning(title)}" if short else None


def _pinyin(title: str, _record: PortalRecord) -> str:
    """The beginning in pinyin, what is no Chinese as it is, signs left out."""
    return _letters("".join(lazy_pinyin(_beginning(title))))


def _initials(title: str, _record: PortalRecord) -> str:
    """The first letters of the beginning, what is no Chinese as it is, signs left out."""
    return _letters("".join(lazy_pinyin(_beginning(title), style=Style.FIRST_LETTER)))


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _traditional(title: str, _record: PortalRecord) -> str:
    """The beginning in traditional characters as Taiwan writes them."""
    return str(_converter().convert(_beginning(title)))


def _typing(title: str, _record: PortalRecord) -> str:
    """The beginning, as it stands there while somebody types the title."""
    return _beginning(title)


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("s2tw")


_RULES: Mapping[Kind, Callable[[str, PortalRecord], str | None]] = {
    Kind.TITLE_PART: _title_part,
    Kind.ALIAS: _alias,
    Kind.PINYIN: _pinyin,
    Kind.INITIALS: _initials,
    Kind.TRADITIONAL: _traditional,
    Kind.TYPING: _typing,
}
