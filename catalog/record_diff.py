"""What differs between two versions of a record; items are matched by their permanent ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place, e.g. `items/id_number/length`; `before` of an added and `after` of a removed
    place are None, those of a moved item are its positions counted from 0."""

    path: str
    change: Change
    before: Any
    after: Any


def compare_documents(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """The differences from one document to the other, in the order of their paths' first part."""
    return tuple(_compare(before, after, ""))


def _compare(
    before: Mapping[str, Any], after: Mapping[str, Any], path: str
) -> Iterator[Difference]:
    for key in [*before, *(key for key in after if key not in before)]:
        place = f"{path}{key}"
        if key not in before:
            yield Difference(place, Change.ADDED, None, after[key])
        elif key not in after:
            yield Difference(place, Change.REMOVED, before[key], None)
        elif _are_items(before[key]) and _are_items(after[key]):
            yield from _compare_items(before[key], after[key], f"{place}/")
        elif isinstance(before[key], Mapping) and isinstance(after[key], Mapping):
            yield from _compare(before[key], after[key], f"{place}/")
        elif before[key] != after[key]:
            yield Difference(place, Change.CHANGED, before[key], after[key])


def _are_items(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and "id" in each for each in value
    )


def _compare_items(
    before: list[dict[str, Any]], after: list[dict[str, Any]], path: str
) -> Iterator[Difference]:
    yield from _compare(
        {item["id"]: item for item in before}, {item["id"]: item for item in after}, path
    )
    kept = {item["id"] for item in before} & {item["id"] for item in after}
    old = [item["id"] for item in before if item["id"] in kept]
    new = [item["id"] for item in after if item["id"] in kept]
    for position, item_id in enumerate(new):
        if old[position] != item_id:
            yield Difference(f"{path}{item_id}", Change.MOVED, old.index(item_id), position)
