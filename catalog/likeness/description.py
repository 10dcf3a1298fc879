"""What a record is compared by: the words of its title, its items, its elements, its territory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from catalog.likeness.places import place_of, without_places
from catalog.likeness.territory import is_division
from catalog.search.tokens import closed_up, words
from standards.chinese.text import plain
from standards.documents import as_mapping, as_sequence

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?:年度?)?", re.ASCII)
NOWHERE = "999999"
"""A division that lies apart from all others, for a record of which none is known."""


@dataclass(frozen=True, slots=True)
class DescribedItem:
    """An item by its plain name; `label` is the name as written, `element` the one it points at.

    `collected`: neither part of the key nor a number by which one is found: those are in every
    table so that tables can be joined, and nobody is told not to keep them.
    """

    name: str
    label: str
    element: str | None
    collected: bool


@dataclass(frozen=True, slots=True)
class Description:
    """`division` is of the place the title names, else of the record, else of the department."""

    title: frozenset[str]
    years: frozenset[str]
    division: str
    items: tuple[DescribedItem, ...]

    @property
    def collected(self) -> tuple[DescribedItem, ...]:
        return tuple(item for item in self.items if item.collected)

    @property
    def elements(self) -> Mapping[str, str]:
        """The names of the items that point at an element, by that element."""
        return {item.element: item.label for item in self.items if item.element is not None}

    def as_json(self) -> str:
        """What the index keeps of it."""
        kept: dict[str, Any] = {
            "title": " ".join(sorted(self.title)),
            "years": sorted(self.years),
            "division": self.division,
            "items": [[item.label, item.element, int(item.collected)] for item in self.items],
        }
        return _COMPACT.encode(kept)


def describe(
    document: Mapping[str, Any], *, division: str | None, department_name: str
) -> Description:
    """The description of a record of a department in a division."""
    written = _text(document.get("division_code"))
    base = written if is_division(written) else division or NOWHERE
    title = _text(document.get("name"))
    core = closed_up(_YEAR.sub("", plain(without_places(title, base, department_name))))
    return Description(
        title=frozenset(words(core).split()),
        years=frozenset(_YEAR.findall(plain(title))),
        division=place_of(base, title),
        items=_items(as_sequence(document.get("items"))),
    )


def description_of(kept: bytes | str) -> Description:
    """A description as the index keeps it."""
    document = json.loads(kept)
    return Description(
        title=frozenset(document["title"].split()),
        years=frozenset(document["years"]),
        division=document["division"],
        items=tuple(
            _item(label, element, bool(collected))
            for label, element, collected in document["items"]
        ),
    )


def words_of_names(names: Iterable[str]) -> frozenset[str]:
    """The words of what a department is called."""
    return frozenset(word for name in names for word in words(closed_up(plain(name))).split())


def _items(written: Sequence[object]) -> tuple[DescribedItem, ...]:
    found: dict[str, DescribedItem] = {}
    for item in written:
        facts = as_mapping(item)
        joins = facts.get("key") is True or facts.get("identifier") is not None
        element = facts.get("element")
        pointed = None if element is None else str(element)
        described = _item(_text(facts.get("name")), pointed, not joins)
        found.setdefault(described.name, described)
    return tuple(found.values())


@lru_cache(maxsize=1 << 16)
def _item(label: str, element: str | None, collected: bool) -> DescribedItem:
    """The same ones come again and again."""
    return DescribedItem(closed_up(plain(label)), label, element, collected)


def _text(value: object) -> str:
    return "" if value is None else str(value)
