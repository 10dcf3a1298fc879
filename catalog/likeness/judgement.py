"""Whether another record provides already what one describes: by data elements, then by words.

The thresholds were chosen by looking at pairs of the 16,725 real records of 13 portals
(docs/decisions/0032-one-source.md): each says what was seen at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from catalog.likeness.authority import NAMES, is_authority, to_be_taken_over
from catalog.likeness.description import Description
from catalog.likeness.overlap import (
    Overlap,
    Weights,
    overlap,
    part_of_elements,
    share_elements,
    title_share,
)
from catalog.likeness.territory import Territory, territory
from standards.elements import DataElement

# from here on titles alone are enough; below it half of the pairs of one city were other tables
# of one series (一类机动车维修站点 and 三类机动车维修站点)
TITLE_ALONE: Final = 0.7
# with most of the items shared a title may differ by a word or two (宗教活动场所统计表); below it
# items say little: boilers and lifts have the same columns, and of pairs below 0.1 all were wrong
TITLE_WITH_ITEMS: Final = 0.4
ITEMS_WITH_TITLE: Final = 0.6
# fewer items than this are shared by chance: 名称, 地址, 联系电话
LEAST_ITEMS: Final = 4
# of what a record collects, by weight: so much is somebody else's by right. A name beside seven
# items of one's own weighs 0.05, name, sex and birth date 0.2
LEAST_OF_AUTHORITY: Final = 0.1
# half of what is collected points at elements that another table has, too; chosen, not measured:
# the real records name no elements
ELEMENTS_ALONE: Final = 0.5


class Verdict(StrEnum):
    """What is said of a record that is alike."""

    PROVIDED_ALREADY = "provided_already"
    DESCRIBED_ELSEWHERE = "described_elsewhere"

    @property
    def zh(self) -> str:
        return VERDICT_NAMES[self]


VERDICT_NAMES = {
    Verdict.PROVIDED_ALREADY: "已有部门提供",
    Verdict.DESCRIBED_ELSEWHERE: "别处有类似描述",
}


@dataclass(frozen=True, slots=True)
class Party:
    """A department as far as it matters here; `words` are those of all its names."""

    department_id: str
    name: str
    duty: str | None
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """`elements` are the shared ones that count, `of_authority` those of which the other
    department is the authority; `by_elements`: it is for them that the record is shown."""

    verdict: Verdict
    territory: Territory
    overlap: Overlap
    elements: tuple[str, ...]
    of_authority: tuple[str, ...]
    by_elements: bool

    @property
    def rank(self) -> tuple[float, ...]:
        """What is provided already, by elements before words; the smallest comes first."""
        shared = self.overlap
        return (
            self.verdict is Verdict.DESCRIBED_ELSEWHERE,
            not self.of_authority,
            not self.by_elements,
            -shared.elements,
            -shared.title,
            -shared.items,
        )


def judge(
    own: Description,
    provider: Party,
    other: Description,
    other_provider: Party,
    weights: Weights,
    registered: Mapping[str, DataElement],
) -> Judged | None:
    """What is to be said of another department's record; None where it is not alike."""
    if title_share(own, other, weights) < TITLE_WITH_ITEMS and not share_elements(own, other):
        return None  # most of those that are looked at end here
    where = territory(own.division, other.division)
    shared = overlap(own, other, weights)
    elements = _counting(shared, registered, provider.duty)
    theirs = tuple(each for each in elements if is_authority(registered[each], other_provider.duty))
    theirs = theirs if where.covers else ()
    by_elements = _by_elements(own, elements, theirs, weights)
    by_words = _by_words(own, shared)
    if by_words and where.covers and _speak_of_themselves(own, provider, other, other_provider):
        by_words = False
    if not (by_elements or by_words):
        return None
    same_time = not own.years or not other.years or bool(own.years & other.years)
    already = where.covers and (same_time or bool(theirs))
    return Judged(
        Verdict.PROVIDED_ALREADY if already else Verdict.DESCRIBED_ELSEWHERE,
        where,
        shared,
        elements,
        theirs,
        by_elements,
    )


def _counting(
    shared: Overlap, registered: Mapping[str, DataElement], own_duty: str | None
) -> tuple[str, ...]:
    """The shared elements that speak for another source: not those the own department is the
    source of, and none where it is names alone that are shared."""
    found = tuple(
        element.id for element in to_be_taken_over(shared.shared_elements, registered, own_duty)
    )
    return () if NAMES.issuperset(found) else found


def _by_elements(
    own: Description, elements: tuple[str, ...], theirs: tuple[str, ...], weights: Weights
) -> bool:
    part = part_of_elements(own, theirs, weights)
    if not NAMES.issuperset(theirs) and part >= LEAST_OF_AUTHORITY:
        return True
    return bool(elements) and part_of_elements(own, elements, weights) >= ELEMENTS_ALONE


def _by_words(own: Description, shared: Overlap) -> bool:
    if shared.title >= TITLE_ALONE:
        return True
    enough = min(len(own.collected), len(shared.shared_items)) >= LEAST_ITEMS
    return enough and shared.title >= TITLE_WITH_ITEMS and shared.items >= ITEMS_WITH_TITLE


def _speak_of_themselves(
    own: Description, provider: Party, other: Description, other_provider: Party
) -> bool:
    """Whether what is different in the titles is whose they are: 市残联2019年度部门决算公开 and
    市档案馆2019年度部门决算公开 are two budgets, each with its one source."""
    mine, others = own.title - other.title, other.title - own.title
    return not (
        mine.isdisjoint(provider.words - other_provider.words)
        or others.isdisjoint(other_provider.words - provider.words)
    )
