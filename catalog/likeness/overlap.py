"""How much two descriptions share: what is rare in the catalogue counts, the rest hardly does.

Each word, item name and element weighs its IDF (ln(1 + (N - n + 0.5) / (n + 0.5)) of n records of
N). So a name, a number or the word 信息, which are in every table, weigh next to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from catalog.likeness.description import DescribedItem, Description

# a catalogue of ten records says nothing of what is rare: each counts as one of so many
LEAST_RECORDS: Final = 1000


class Weights(Protocol):
    """What a word, an item name, an element weighs in this catalogue."""

    def word(self, word: str) -> float: ...

    def item(self, name: str) -> float: ...

    def element(self, element_id: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Overlap:
    """`title` of both titles together, `items` and `elements` of what the own record collects."""

    title: float
    items: float
    elements: float
    shared_items: tuple[str, ...]
    shared_elements: tuple[str, ...]


def rarity(having: int, records: int) -> float:
    """The weight of what so many of the records have."""
    among = max(records, LEAST_RECORDS)
    return math.log1p((max(0, among - having) + 0.5) / (having + 0.5))


def overlap(own: Description, other: Description, weights: Weights) -> Overlap:
    """What the other description has of the own one."""
    names = {item.name for item in other.items}
    elements = other.elements
    collected = own.collected
    shared = [item for item in collected if item.name in names or item.element in elements]
    by_element = [item for item in collected if item.element in elements]
    return Overlap(
        title=title_share(own, other, weights),
        items=_part(shared, collected, weights),
        elements=_part(by_element, collected, weights),
        shared_items=tuple(item.label for item in shared),
        shared_elements=tuple(
            dict.fromkeys(item.element for item in by_element if item.element is not None)
        ),
    )


def title_share(own: Description, other: Description, weights: Weights) -> float:
    """The weight of the words of both titles, of the weight of all words of either."""
    both = sum(map(weights.word, own.title & other.title))
    return both / sum(map(weights.word, own.title | other.title)) if both else 0.0


def share_elements(own: Description, other: Description) -> bool:
    """Whether the other record has an element that the own one collects."""
    mine = {item.element for item in own.collected if item.element is not None}
    return bool(mine) and any(item.element in mine for item in other.items)


def part_of_elements(own: Description, elements: Iterable[str], weights: Weights) -> float:
    """How much of what the own record collects is described by these elements."""
    wanted, collected = frozenset(elements), own.collected
    return _part([item for item in collected if item.element in wanted], collected, weights)


def _part(shared: list[DescribedItem], all_: Iterable[DescribedItem], weights: Weights) -> float:
    whole = sum(_weight(item, weights) for item in all_) if shared else 0.0
    return sum(_weight(item, weights) for item in shared) / whole if whole else 0.0


def _weight(item: DescribedItem, weights: Weights) -> float:
    """An item that points at an element weighs what the element does, by whatever name."""
    return weights.item(item.name) if item.element is None else weights.element(item.element)


@dataclass(frozen=True, slots=True)
class CountedWeights:
    """Weights from counts: how many of `records` have a word, an item name, an element."""

    records: int
    words: Mapping[str, int]
    items: Mapping[str, int]
    elements: Mapping[str, int]

    def word(self, word: str) -> float:
        return rarity(self.words.get(word, 0), self.records)

    def item(self, name: str) -> float:
        return rarity(self.items.get(name, 0), self.records)

    def element(self, element_id: str) -> float:
        return rarity(self.elements.get(element_id, 0), self.records)
