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
MOST_TITLES, MOST_DEPARTMENTS = 8, 3
_LEAST = 2  # characters of a part that is worth asking for
_LOOKED_AT = 40
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
    made = QueryMaker(snapshot.index, snapshot.searcher)
    found: dict[str, Nearby] = {}
    for wanted, why in _instead(snapshot, made, text, typed, filters):
        if wanted in found or (wanted == text and why is not Why.FEWER_FILTERS):
            continue
        total = count(snapshot, made.matching(typed_runs(wanted)))
        if total:
            found[wanted] = Nearby(wanted, why, total)
        if len(found) == MOST_NEARBY:
            break
    return tuple(found.values())


def _instead(
    snapshot: Snapshot,
    made: QueryMaker,
    text: str,
    typed: Sequence[Run],
    filters: Mapping[Facet, Sequence[str]],
) -> Iterator[tuple[str, Why]]:
    if any(filters.values()):
        yield text, Why.FEWER_FILTERS
    yield from ((each, Why.SAME_SOUND) for each in _sounding_alike(snapshot, made, typed))
    yield from ((each, Why.FEWER_WORDS) for each in _with_less(snapshot, made, typed))
    resembling = names_of_first(snapshot, made.resembling(typed), _LOOKED_AT)
    short = (name for name in dict.fromkeys(resembling) if len(name) <= len(text) * 3)
    yield from ((name, Why.NEAR_TITLE) for name in islice(short, MOST_NEARBY))


def _sounding_alike(snapshot: Snapshot, made: QueryMaker, typed: Sequence[Run]) -> Iterator[str]:
    """The text with its Chinese as titles write it that are read alike: 企叶 for 企业."""
    written: list[str] = []
    for run in typed:
        spoken = syllables(run.text) if run.script is Script.CHINESE else []
        alike = None
        if len(spoken) >= _LEAST and len(spoken) == len(run.text):
            names = names_of_first(snapshot, made.sounding(spoken), _LEAST)
            alike = next((part for name in names for part in _parts_read(name, spoken)), None)
        written.append(alike or run.text)
    if written != [run.text for run in typed]:
        yield " ".join(written)


def _parts_read(title: str, spoken: Sequence[str]) -> Iterator[str]:
    """The parts of a title that are read so."""
    closed = closed_up(plain(title))
    for start in range(len(closed) - len(spoken) + 1):
        part = closed[start : start + len(spoken)]
        if syllables(part) == list(spoken):
            yield part


def _with_less(snapshot: Snapshot, made: QueryMaker, typed: Sequence[Run]) -> Iterator[str]:
    """The text without one of its words; a single word without its beginning or its end."""
    if len(typed) > 1:
        for left_out in reversed(range(len(typed))):
            yield " ".join(run.text for at, run in enumerate(typed) if at != left_out)
        yield from (run.text for run in typed if len(run.text) >= _LEAST)
        return
    [run] = typed
    for length in range(len(run.text) - 1, _LEAST - 1, -1):
        parts = dict.fromkeys((run.text[:length], run.text[-length:]))
        there = [each for each in parts if count(snapshot, made.matching(typed_runs(each)))]
        if there:
            yield from there
            return
