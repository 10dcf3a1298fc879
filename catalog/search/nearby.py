"""What somebody may have meant whose search found nothing, and what a text being typed may become.

Nothing of what was typed is kept, and a number that may be somebody's is never repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from catalog.search.facets import Facet
from catalog.search.finding import (
    FacetCount,
    Search,
    count,
    facet_counts,
    names_of_first,
    typed_runs,
)
from catalog.search.queries import QueryMaker
from catalog.search.reader import Snapshot
from catalog.search.tokens import Run, Script, closed_up
from standards.chinese.pinyin import syllables
from standards.chinese.text import plain
from standards.identifiers.hide import without_numbers

MOST_NEARBY = 5
MOST_TITLES_NEAR = 2
MOST_TITLES, MOST_DEPARTMENTS = 8, 3
_LEAST = 2  # characters of a part that is worth asking for
_LOOKED_AT, _LOOKED_AT_NEAR = 40, 10
_TITLE = ("title", "title_pinyin", "title_initials")
_DEPARTMENT = ("department", "department_pinyin", "department_initials")


class Why(StrEnum):
    """How a text that finds something was made from one that found nothing."""

    FEWER_FILTERS = "fewer_filters"
    FEWER_WORDS = "fewer_words"
    SAME_SOUND = "same_sound"
    NEAR_TITLE = "near_title"


@dataclass(frozen=True, slots=True)
class Nearby:
    """A text to search for instead, and how many records it finds."""

    text: str
    why: Why
    total: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Titles and departments that a text being typed may be meant to become."""

    titles: tuple[str, ...]
    departments: tuple[FacetCount, ...]


def suggest(search: Search, text: str) -> Suggestions:
    """Titles and departments by what has been typed of them so far. QueryTooLong."""
    typed = typed_runs(text)
    snapshot = search.newest()
    if snapshot is None or not typed:
        return Suggestions((), ())
    made = QueryMaker(snapshot.index, snapshot.searcher)
    titles = names_of_first(snapshot, made.text(typed, _TITLE).ranked, _LOOKED_AT)
    matching = made.matching(typed, _DEPARTMENT)
    found = facet_counts(snapshot.searcher, matching, [Facet.DEPARTMENT])[Facet.DEPARTMENT]
    distinct = tuple(dict.fromkeys(titles))
    return Suggestions(distinct[:MOST_TITLES], found[:MOST_DEPARTMENTS])


def nearby(search: Search, text: str, filters: Mapping[Facet, Sequence[str]]) -> tuple[Nearby, ...]:
    """What to search for instead of a text that finds nothing with these filters."""
    snapshot = search.newest()
    typed = typed_runs(text)
    if snapshot is None or not typed or without_numbers(text) != text:
        return ()
    looking = _Looking(snapshot, QueryMaker(snapshot.index, snapshot.searcher))
    found: dict[str, Nearby] = {}
    for near in looking.instead(text, typed, narrowed=any(filters.values())):
        if near.total and near.text not in found:
            found[near.text] = near
        if len(found) == MOST_NEARBY:
            break
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of what was typed, and how many records hold it."""

    run: Run
    total: int


class _Looking:
    """Looks for what finds something in one state of the index."""

    def __init__(self, snapshot: Snapshot, made: QueryMaker) -> None:
        self._snapshot, self._made = snapshot, made

    def instead(self, text: str, typed: Sequence[Run], *, narrowed: bool) -> Iterator[Nearby]:
        if narrowed:
            yield Nearby(text, Why.FEWER_FILTERS, self._count(typed))
        parts = [_Part(run, self._count([run])) for run in typed]
        alike = self._sounding_alike(parts)
        if alike is not None:
            yield self._nearby(alike, Why.SAME_SOUND)
        fewer = self._fewer(parts) if len(parts) > 1 else self._shorter(parts[0])
        yield from fewer
        names = names_of_first(self._snapshot, self._made.resembling(typed), _LOOKED_AT_NEAR)
        short = (name for name in dict.fromkeys(names) if len(name) <= len(text) * 3)
        yield from (self._nearby(name, Why.NEAR_TITLE) for name in islice(short, MOST_TITLES_NEAR))

    def _nearby(self, text: str, why: Why) -> Nearby:
        return Nearby(text, why, self._count(typed_runs(text)))

    def _count(self, typed: Sequence[Run]) -> int:
        return count(self._snapshot, self._made.matching(typed))

    def _sounding_alike(self, parts: Sequence[_Part]) -> str | None:
        """The text with what no record holds as titles write it that are read alike: 企叶, 企业."""
        written = [part.run.text if part.total else self._alike(part.run) for part in parts]
        if all(written) and any(not part.total for part in parts):
            return " ".join(each for each in written if each)
        return None

    def _alike(self, run: Run) -> str | None:
        spoken = syllables(run.text) if run.script is Script.CHINESE else []
        if len(spoken) < _LEAST or len(spoken) != len(run.text):
            return None
        names = names_of_first(self._snapshot, self._made.sounding(spoken), _LEAST)
        return next((part for name in names for part in _parts_read(name, spoken)), None)

    def _fewer(self, parts: Sequence[_Part]) -> Iterator[Nearby]:
        """Without the words that no record holds, else without one of them; the rarest alone."""
        there = [part for part in parts if part.total]
        if there and len(there) < len(parts):
            yield self._nearby(_text_of(there), Why.FEWER_WORDS)
        else:
            for left_out in reversed(range(len(parts))):
                rest = [part for at, part in enumerate(parts) if at != left_out]
                yield self._nearby(_text_of(rest), Why.FEWER_WORDS)
        worth_asking = (part for part in there if len(part.run.text) >= _LEAST)
        for part in sorted(worth_asking, key=lambda part: part.total)[:_LEAST]:
            yield Nearby(part.run.text, Why.FEWER_WORDS, part.total)

    def _shorter(self, part: _Part) -> Iterator[Nearby]:
        """The longest beginning and the longest end of a word that are found."""
        text = part.run.text
        for length in range(len(text) - 1, _LEAST - 1, -1):
            parts = dict.fromkeys((text[:length], text[-length:]))
            found = [self._nearby(each, Why.FEWER_WORDS) for each in parts]
            if any(each.total for each in found):
                yield from found
                return


def _text_of(parts: Sequence[_Part]) -> str:
    return " ".join(part.run.text for part in parts)


def _parts_read(title: str, spoken: Sequence[str]) -> Iterator[str]:
    """The parts of a title that are read so."""
    closed = closed_up(plain(title))
    for start in range(len(closed) - len(spoken) + 1):
        part = closed[start : start + len(spoken)]
        if syllables(part) == list(spoken):
            yield part
