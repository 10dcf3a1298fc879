"""Finding records: what is asked for, what is found, how many there are in each facet.

The facets are counted as shops count them: each by what the text and the *other* facets leave, so
that beside a chosen value one sees what choosing another one would give. Nothing here asks the
database: an answer is made from the index alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from catalog.search.errors import QueryTooLong
from catalog.search.facets import Facet
from catalog.search.place import Place
from catalog.search.queries import QueryMaker
from catalog.search.reader import Reader, Snapshot
from catalog.search.schema import SUMMARY
from catalog.search.tokens import Run, runs, words_apart
from standards.chinese.text import plain

if TYPE_CHECKING:
    import tantivy

MOST_CHARACTERS = 100
# values that an answer lists of a facet, the most frequent first
VALUES_SHOWN = 30
# of a facet with more values than this, the counts of the rarer ones would not be exact
_VALUES_COUNTED = 65_000
# values as the index has them, of which several may be one value by several names
_VALUES_NAMED = 200
# records of one score that are put in the order of their ids, before and after a page
_TIES = 64


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: a text, and of each facet any of some values."""

    text: str = ""
    filters: Mapping[Facet, Sequence[str]] = field(default_factory=dict)
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found; `summary` is what the index keeps to show of it."""

    resource_id: str
    name: str
    department_id: str
    provider_name: str | None
    score: float
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A value of a facet; `name` where the index knows one."""

    value: str
    name: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """`complete` is False while the index is still being made: then more may be there.

    `apart`: no record holds what was typed in one, and these hold its words apart.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[Facet, tuple[FacetCount, ...]]
    complete: bool
    apart: bool = False


NOTHING_YET = Found(0, (), dict.fromkeys(Facet, ()), complete=False)


class Search:
    """The search of one machine; safe to share between threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._reader = Reader(place)

    def newest(self) -> Snapshot | None:
        return self._reader.newest()

    def find(self, query: Query) -> Found:
        """The records of a page, their number, and the facets. QueryTooLong."""
        typed = typed_runs(query.text)
        snapshot = self.newest()
        if snapshot is None:
            return NOTHING_YET
        if query.text.strip() and not typed:  # signs alone are in no word
            nothing: dict[Facet, tuple[FacetCount, ...]] = dict.fromkeys(Facet, ())
            return Found(0, (), nothing, snapshot.state.complete)
        found = _found(snapshot, typed, query)
        split = words_apart(typed)
        if found.total or split == typed:
            return found
        # 出生证明 is in no title, and 出生医学证明 is what was meant
        looser = _found(snapshot, split, query)
        return replace(looser, apart=True) if looser.total else found

    def has_value(self, facet: Facet, code: str) -> bool:
        """Whether a record of the index has this value of a facet."""
        snapshot = self.newest()
        return snapshot is not None and snapshot.searcher.doc_freq(facet.codes, code) > 0


def _found(snapshot: Snapshot, typed: Sequence[Run], query: Query) -> Found:
    made = QueryMaker(snapshot.index, snapshot.searcher)
    narrowed = {facet: codes for facet, codes in query.filters.items() if codes}
    text = made.text(typed)
    total, hits = _page(snapshot.searcher, made.narrowed(text.ranked, narrowed), query)
    facets: dict[Facet, tuple[FacetCount, ...]] = dict.fromkeys(Facet, ())
    if total or narrowed:
        facets = _facets(snapshot.searcher, made, text.matching, narrowed)
    return Found(total, hits, facets, snapshot.state.complete)


def typed_runs(text: str) -> list[Run]:
    """The runs of what somebody typed. QueryTooLong."""
    if len(text) > MOST_CHARACTERS:
        raise QueryTooLong(len(text), most=MOST_CHARACTERS)
    return list(dict.fromkeys(runs(plain(text))))


def _page(
    searcher: tantivy.Searcher, asked: tantivy.Query, query: Query
) -> tuple[int, tuple[Hit, ...]]:
    start = max(0, query.offset - _TIES)
    end = query.offset + query.limit
    result = searcher.search(asked, limit=end - start + _TIES, offset=start)
    total = int(result.count)  # type: ignore[attr-defined]  # tantivy's stub leaves it out
    if query.limit == 0:
        return total, ()
    ordered: list[Hit] = []
    for score, group in groupby(result.hits, key=lambda hit: float(hit[0])):
        addresses = [address for _, address in group]
        after, before = len(ordered) + len(addresses), len(ordered)
        if after <= query.offset - start or before >= end - start:
            ordered += [_NO_HIT] * len(addresses)  # on another page
            continue
        tied = [_hit(searcher.doc(address), score) for address in addresses]
        ordered += sorted(tied, key=lambda hit: hit.resource_id)
    return total, tuple(ordered[query.offset - start : end - start])


_NO_HIT = Hit("", "", "", None, 0.0, {})


def _hit(document: tantivy.Document, score: float) -> Hit:
    summary = json.loads(document[SUMMARY][0])
    return Hit(
        resource_id=summary["resource_id"],
        name=summary["name"],
        department_id=summary["department_id"],
        provider_name=summary["provider_name"],
        score=score,
        summary=summary,
    )


def _facets(
    searcher: tantivy.Searcher,
    made: QueryMaker,
    matching: tantivy.Query,
    narrowed: Mapping[Facet, Sequence[str]],
) -> dict[Facet, tuple[FacetCount, ...]]:
    others = [facet for facet in Facet if facet not in narrowed]
    counted = facet_counts(searcher, made.narrowed(matching, narrowed), others)
    for facet in narrowed:
        rest = {other: codes for other, codes in narrowed.items() if other is not facet}
        counted |= facet_counts(searcher, made.narrowed(matching, rest), [facet])
    return {facet: counted[facet] for facet in Facet}


def facet_counts(
    searcher: tantivy.Searcher, asked: tantivy.Query, facets: Sequence[Facet]
) -> dict[Facet, tuple[FacetCount, ...]]:
    """How many of the records have which value of each facet."""
    if not facets:
        return {}
    sizes = {"size": _VALUES_NAMED, "segment_size": _VALUES_COUNTED}
    terms = {facet.value: {"terms": {"field": facet.field, **sizes}} for facet in facets}
    result = searcher.aggregate(asked, terms)
    return {facet: _values(facet, result[facet.value]["buckets"]) for facet in facets}


def _values(facet: Facet, buckets: Sequence[Mapping[str, Any]]) -> tuple[FacetCount, ...]:
    """The most frequent values; one that is called by several names is one value."""
    counts: Counter[str] = Counter()
    names: dict[str, str | None] = {}
    for bucket in buckets:
        for code in facet.codes_of(bucket["key"]):
            counts[code] += bucket["doc_count"]
            names.setdefault(code, facet.name_in(bucket["key"]))
    shown = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:VALUES_SHOWN]
    return tuple(FacetCount(code, names[code], count) for code, count in shown)


def count(snapshot: Snapshot, asked: tantivy.Query) -> int:
    """How many records a query finds."""
    return int(snapshot.searcher.search(asked, limit=1).count)  # type: ignore[attr-defined]


def names_of_first(snapshot: Snapshot, asked: tantivy.Query, limit: int) -> list[str]:
    """The titles of the best records that a query finds."""
    hits = snapshot.searcher.search(asked, limit=limit, count=False).hits
    return [_hit(snapshot.searcher.doc(address), score).name for score, address in hits]
