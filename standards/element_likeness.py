"""Tells which data elements a new one may double: one thing, one element (一数一源)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from standards.elements import DataElement

NEAR = 0.7  # 车牌号 and 车牌号码 are near, 姓名 and 法定代表人姓名 are not


@dataclass(frozen=True, slots=True)
class Likeness:
    """`reason` is name (same name or synonym) or near (same type and codes, a near name)."""

    element_id: str
    name: str
    reason: str


def similar_elements(proposed: DataElement, known: Iterable[DataElement]) -> tuple[Likeness, ...]:
    """The known elements that may be the same thing, those of the same name first, then by id."""
    found = [
        Likeness(each.id, each.name, reason)
        for each in known
        if each.id != proposed.id and (reason := _reason(proposed, each)) is not None
    ]
    return tuple(sorted(found, key=lambda like: (like.reason != "name", like.element_id)))


def _reason(proposed: DataElement, other: DataElement) -> str | None:
    if _names(proposed) & _names(other):
        return "name"
    same_values = (proposed.data_type, proposed.code_list, proposed.identifier) == (
        other.data_type,
        other.code_list,
        other.identifier,
    )
    if not same_values:
        return None
    likeness = SequenceMatcher(None, _folded(proposed.name), _folded(other.name), autojunk=False)
    # the first two are upper bounds of the third, and far quicker
    bounds = (likeness.real_quick_ratio, likeness.quick_ratio, likeness.ratio)
    return "near" if all(bound() >= NEAR for bound in bounds) else None


def _names(element: DataElement) -> set[str]:
    return {_folded(name) for name in (element.name, *element.synonyms)}


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).lower().split())
