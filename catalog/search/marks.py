"""How far a follower of the catalogue's changes has read, and which numbers it still waits for.

PostgreSQL gives a number when a change is written and shows it when it is committed, so a lower one
may come after a higher one. A number that was missing is looked for again until it is ten minutes
old: no transaction of ours lasts so long, and one that was rolled back leaves its number unused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers in a row that had not been seen at a moment when higher ones were there."""

    first: int
    last: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything up to `sequence` has been read, but for the gaps."""

    sequence: int = 0
    gaps: tuple[Gap, ...] = ()

    def after(self, numbers: Iterable[int], now: datetime) -> Mark:
        """The mark once these numbers have been read; gaps that are too old are given up."""
        found = sorted(set(numbers))
        gaps = [rest for gap in self.gaps for rest in _without(gap, found)]
        expected = self.sequence + 1
        for number in found:
            if number > expected:
                gaps.append(Gap(expected, number - 1, now))
            expected = max(expected, number + 1)
        young = tuple(gap for gap in gaps if now - gap.since < PATIENCE)
        return Mark(expected - 1, young)

    def as_json(self) -> dict[str, Any]:
        gaps = [[gap.first, gap.last, gap.since.isoformat()] for gap in self.gaps]
        return {"sequence": self.sequence, "gaps": gaps}


def mark_of(document: Mapping[str, Any]) -> Mark:
    """A mark from its JSON; ValueError, KeyError or TypeError for what is none."""
    gaps = (
        Gap(int(first), int(last), datetime.fromisoformat(since))
        for first, last, since in document["gaps"]
    )
    return Mark(int(document["sequence"]), tuple(gaps))


def _without(gap: Gap, found: list[int]) -> Iterator[Gap]:
    """What is left of a gap when some of its numbers have come."""
    first = gap.first
    for number in found:
        if first <= number <= gap.last:
            if number > first:
                yield Gap(first, number - 1, gap.since)
            first = number + 1
    if first <= gap.last:
        yield Gap(first, gap.last, gap.since)
