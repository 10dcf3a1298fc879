"""Repeats inside one foreign catalogue: the same record again, and the same title again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.drafts import title_key
from standards.documents import canonical_json


class Likeness(StrEnum):
    """How far a later record repeats an earlier one; the strongest that holds."""

    IDENTICAL = "identical"
    SAME_PROVIDER = "same_title_and_department"
    SAME_TITLE = "same_title"


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A record that repeats an earlier one of the same source, both by position from 0.

    `as_written`: its title was there before character by character.
    """

    source: str
    position: int
    repeats: int
    name: str
    likeness: Likeness
    as_written: bool


@dataclass(frozen=True, slots=True)
class Title:
    """What records are compared by: the title as it is written, and who provides."""

    written: str
    department: str


def find_duplicates(
    source: str, records: Sequence[Mapping[str, Any]], titles: Sequence[Title]
) -> tuple[Duplicate, ...]:
    """Each record whose title was there before, with the first one that it is most like."""
    first: dict[tuple[Likeness, str], int] = {}
    written: set[str] = set()
    found = []
    for position, title in enumerate(titles):
        key = title_key(title.written)
        if not key:
            continue
        for likeness, same in (
            (Likeness.IDENTICAL, canonical_json(records[position])),
            (Likeness.SAME_PROVIDER, f"{key}\n{title_key(title.department)}"),
            (Likeness.SAME_TITLE, key),
        ):
            repeats = first.setdefault((likeness, same), position)
            if repeats != position:
                again = title.written in written
                name = title.written.strip()
                found.append(Duplicate(source, position, repeats, name, likeness, again))
                break
        written.add(title.written)
    return tuple(found)
