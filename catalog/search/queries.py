"""From what somebody types to a query of the index.

Every run of characters has to be found somewhere in a record. Where it is found decides the rank:
title before department, items (and key words), abstract; then what was spelled in pinyin, then
initials. A place counts for so much that no frequency of a word lifts a lower one above it; inside
a place the shorter text and the more frequent word come first (BM25), and a title that begins with
what was typed before others.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from catalog.search.facets import Facet
from catalog.search.schema import CHARACTERS
from catalog.search.tokens import BEGIN, INITIALS, Run, Script, beginning, pairs, syllable_pairs
from standards.chinese.pinyin import readings

if TYPE_CHECKING:
    import tantivy

RANKS: Mapping[str, float] = {
    "title": 100,
    "department": 60,
    "keywords": 50,
    "items": 50,
    "title_pinyin": 36,
    "abstract": 28,
    "department_pinyin": 20,
    "title_initials": 12,
    "department_initials": 4,
}
_WRITTEN = ("title", "department", "keywords", "items", "abstract")
# BM25 without the rarity of its words lies between 0 and 2.2; what is added up stays below one rank
_WITHIN_A_RANK = 2.0
_SHORTER = 1.0
_BEGINS = 4.0
LONGEST_SPELLED = 60  # letters of one run that are read as pinyin
_LEAST_INITIALS = 2


@dataclass(frozen=True, slots=True)
class _Match:
    """How a run may be found in a place; `rarity` of its words, 0 where it is unknown."""

    place: str
    query: tantivy.Query
    rarity: float = 0.0


@dataclass(frozen=True, slots=True)
class TextQuery:
    """One text as two queries: `ranked` has the best first, `matching` is for counting alone."""

    ranked: tantivy.Query
    matching: tantivy.Query


class QueryMaker:
    """Makes queries for one state of the index, whose word frequencies it asks for."""

    def __init__(self, index: tantivy.Index, searcher: tantivy.Searcher) -> None:
        self._schema, self._searcher = index.schema, searcher

    def text(self, typed: Sequence[Run], places: Container[str] = RANKS) -> TextQuery:
        """Records in which each run is found in one of the places; all where there is no run."""
        from tantivy import Occur, Query

        if not typed:
            every = Query.all_query()
            return TextQuery(Query.const_score_query(every, 0.0), every)
        found = self._found_in(typed, places)
        parts = [(Occur.Must, _best(matches)) for matches in found]
        parts.append((Occur.Should, self._begins_with(typed[0])))
        shorter = self._words("title", "title", [BEGIN])
        parts.append((Occur.Should, Query.boost_query(shorter.query, _SHORTER / shorter.rarity)))
        return TextQuery(Query.boolean_query(parts), _each_of(found))

    def matching(self, typed: Sequence[Run], places: Container[str] = RANKS) -> tantivy.Query:
        """The same records in no order, for who only counts them."""
        return _each_of(self._found_in(typed, places))

    def _found_in(self, typed: Sequence[Run], places: Container[str]) -> list[list[_Match]]:
        return [[match for match in self._matches(run) if match.place in places] for run in typed]

    def narrowed(
        self, query: tantivy.Query, filters: Mapping[Facet, Sequence[str]]
    ) -> tantivy.Query:
        """Those of the records that have one of the values of each facet."""
        from tantivy import Occur, Query

        if not filters:
            return query
        parts = [(Occur.Must, query)]
        for facet, codes in filters.items():
            has = [
                (Occur.Should, Query.term_query(self._schema, facet.codes, code, "basic"))
                for code in codes
            ]
            one_of = has[0][1] if len(has) == 1 else Query.boolean_query(has)
            parts.append((Occur.Must, Query.const_score_query(one_of, 0.0)))
        return Query.boolean_query(parts)

    def sounding(self, spoken: Sequence[str]) -> tantivy.Query:
        """Titles in which these syllables follow each other, the last one whole."""
        from tantivy import Query

        *before, last = syllable_pairs(list(spoken))
        found = self._begun("title_pinyin", last).query
        if before:
            found = Query.phrase_prefix_query(self._schema, "title_pinyin", [*before, last])
        return found

    def resembling(self, typed: Sequence[Run]) -> tantivy.Query:
        """Titles that hold half of the pairs of characters, those with more of them first."""
        from tantivy import Occur, Query

        terms = dict.fromkeys(pair for run in typed for pair in pairs(run.text))
        found = [(Occur.Should, self._words("title", "title", [term]).query) for term in terms]
        return Query.boolean_query(found, minimum_number_should_match=-(-len(found) // 2))

    def _begins_with(self, run: Run) -> tantivy.Query:
        """Titles that begin with a run, for a higher place among those that hold it."""
        from tantivy import Query

        following = pairs(run.text) if run.script is Script.CHINESE and len(run.text) > 1 else []
        match = self._words("title", "title", [beginning(run), *following])
        return Query.const_score_query(match.query, _BEGINS)

    def _matches(self, run: Run) -> Iterator[_Match]:
        if run.script is Script.CHINESE:
            return self._chinese(run.text)
        typed = self._typed(run.text)
        return chain(typed, self._spelled(run.text)) if run.script is Script.LETTERS else typed

    def _chinese(self, text: str) -> Iterator[_Match]:
        if len(text) == 1:
            for place, field in CHARACTERS.items():
                yield self._words(place, field, [text])
        else:
            for place in _WRITTEN:
                yield self._words(place, place, pairs(text))

    def _typed(self, text: str) -> Iterator[_Match]:
        """A word that may still be being typed; as a whole it is found by its frequency, too."""
        for place in _WRITTEN:
            yield self._words(place, place, [text])
        for place in ("title", "keywords"):
            yield self._begun(place, text)

    def _spelled(self, letters: str) -> Iterator[_Match]:
        for reading in readings(letters[:LONGEST_SPELLED]):
            for place in ("title_pinyin", "department_pinyin"):
                yield self._syllables(place, reading)
        if len(letters) >= _LEAST_INITIALS:
            for place in ("title_initials", "department_initials"):
                yield self._initials(place, letters)

    def _syllables(self, place: str, reading: Sequence[str]) -> _Match:
        """Syllables of which the last one may be only begun: `xin.x` for the last two."""
        from tantivy import Query

        if len(reading) == 1:
            return self._begun(place, reading[0])
        *before, begun, _ = syllable_pairs(list(reading))
        if not before:
            return self._begun(place, begun)
        found = Query.phrase_prefix_query(self._schema, place, [*before, begun])
        return _Match(place, found, sum(self._rarity(place, each) for each in before))

    def _initials(self, place: str, letters: str) -> _Match:
        if len(letters) < INITIALS:
            return self._begun(place, letters)
        starts = range(len(letters) - INITIALS + 1)
        return self._words(place, place, [letters[at : at + INITIALS] for at in starts])

    def _begun(self, place: str, beginning_of: str) -> _Match:
        """Any word of a place that begins so: letters, digits, the dot between two syllables."""
        from tantivy import Query

        pattern = beginning_of.replace(".", r"\.") + ".*"
        return _Match(place, Query.regex_query(self._schema, place, pattern))

    def _words(self, place: str, field: str, terms: Sequence[str]) -> _Match:
        """Terms side by side."""
        from tantivy import Query

        if len(terms) == 1:
            found = Query.term_query(self._schema, field, terms[0], "freq")
        else:
            found = Query.phrase_query(self._schema, field, list(terms))
        return _Match(place, found, sum(self._rarity(field, term) for term in terms))

    def _rarity(self, field: str, term: str) -> float:
        """What BM25 multiplies the frequency of a term with."""
        having, records = self._searcher.doc_freq(field, term), self._searcher.num_docs
        return math.log1p((max(0, records - having) + 0.5) / (having + 0.5))


def _each_of(found: Sequence[Sequence[_Match]]) -> tantivy.Query:
    """For each run, one of its matches."""
    from tantivy import Occur, Query

    anywhere = [
        Query.boolean_query([(Occur.Should, match.query) for match in matches]) for matches in found
    ]
    return Query.boolean_query([(Occur.Must, each) for each in anywhere])


def _best(matches: Sequence[_Match]) -> tantivy.Query:
    """The rank of the best place, and within it BM25 without the rarity of the words."""
    from tantivy import Occur, Query

    ranked = []
    for match in matches:
        rank = Query.const_score_query(match.query, RANKS[match.place])
        if match.rarity:
            within = Query.boost_query(match.query, _WITHIN_A_RANK / match.rarity)
            rank = Query.boolean_query([(Occur.Must, within), (Occur.Must, rank)])
        ranked.append(rank)
    return Query.disjunction_max_query(ranked)
