"""Which published records may be alike, by the index: the rarest words, item names, elements.

Three questions, for one would crowd out what matters: what is there in the own territory and those
around it; what do the authorities of the own elements have; and what is there anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from catalog.likeness.description import Description, description_of
from catalog.likeness.overlap import LEAST_RECORDS, rarity
from catalog.likeness.territory import covering
from catalog.search.facets import Facet
from catalog.search.reader import Snapshot
from catalog.search.schema import DESCRIPTION, DIVISION, ELEMENTS, ITEM_NAMES, SUMMARY

if TYPE_CHECKING:
    import tantivy

# of each kind the rarest are asked for: the others are in a large part of all records
MOST_WORDS: Final = 12
MOST_ITEMS: Final = 12
MOST_ELEMENTS: Final = 24
# of all records; a word that more of them have finds nothing
TOO_COMMON: Final = 0.1
LEAST_WORDS: Final = 3
# records looked at closely, of each question
CLOSE_BY: Final = 30
OF_AUTHORITIES: Final = 15
# weights that are remembered of one state of the index; a catalogue has some 300,000
MOST_KNOWN: Final = 100_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A published record that may be alike."""

    resource_id: str
    name: str
    department_id: str
    description: Description


class IndexedWeights:
    """Weights by the counts of one state of the index, which are asked for once each."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._searcher = snapshot.searcher
        self._records = snapshot.searcher.num_docs
        self._known: dict[tuple[str, str], float] = {}

    def word(self, word: str) -> float:
        return self._of("title", word)

    def item(self, name: str) -> float:
        return self._of(ITEM_NAMES, name)

    def element(self, element_id: str) -> float:
        return self._of(ELEMENTS, element_id)

    def _of(self, field: str, term: str) -> float:
        known = self._known.get((field, term))
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = rarity(self._searcher.doc_freq(field, term), self._records)
            self._known[field, term] = known
        return known

    @cached_property
    def common(self) -> float:
        """What a word weighs that is too common to be asked for."""
        among = max(self._records, LEAST_RECORDS)
        return rarity(int(among * TOO_COMMON), among)


@lru_cache(maxsize=1)
def weights_of(snapshot: Snapshot) -> IndexedWeights:
    """The weights of a state of the index, which stay the same as long as it is the newest."""
    return IndexedWeights(snapshot)


class Candidates:
    """Asks one state of the index for what may be like one description."""

    def __init__(
        self, snapshot: Snapshot, weights: IndexedWeights, own: Description, department_id: str
    ) -> None:
        self._snapshot, self._weights, self._own = snapshot, weights, own
        self._department_id = department_id

    def find(self, authorities: Iterable[str], anywhere: int) -> list[Candidate]:
        """Records of other departments: those close by, those of the `authorities` among them, and
        so many from `anywhere`."""
        alike = list(self._alike())
        if not alike:
            return []
        around = [self._of_any(DIVISION, covering(self._own.division))]
        found = list(self._asked(alike, around, CLOSE_BY))
        wanted, elements = sorted(authorities), list(self._element_queries())
        if wanted and elements:
            theirs = self._of_any(Facet.DEPARTMENT.codes, wanted)
            found += self._asked(elements, [theirs], OF_AUTHORITIES)
        found += self._asked(alike, [], anywhere)
        return list({each.resource_id: each for each in found}.values())

    def _alike(self) -> Iterator[tantivy.Query]:
        words = _rarest(self._own.title, self._weights.word, MOST_WORDS)
        rare = [word for word in words if self._weights.word(word) >= self._weights.common]
        for word in rare if len(rare) >= LEAST_WORDS else words[:LEAST_WORDS]:
            yield self._term("title", word)
        names = [item.name for item in self._own.collected]
        for name in _rarest(names, self._weights.item, MOST_ITEMS):
            if self._weights.item(name) >= self._weights.common:
                yield self._term(ITEM_NAMES, name)
        yield from self._element_queries()

    def _element_queries(self) -> Iterator[tantivy.Query]:
        elements = {item.element for item in self._own.collected if item.element is not None}
        for element in _rarest(elements, self._weights.element, MOST_ELEMENTS):
            yield self._term(ELEMENTS, element)

    def _asked(
        self, alike: list[tantivy.Query], among: list[tantivy.Query], limit: int
    ) -> Iterator[Candidate]:
        from tantivy import Occur, Query

        own = self._of_any(Facet.DEPARTMENT.codes, [self._department_id])
        parts = [(Occur.Must, Query.boolean_query([(Occur.Should, each) for each in alike]))]
        parts += [(Occur.Must, each) for each in among]
        query = Query.boolean_query([*parts, (Occur.MustNot, own)])
        result = self._snapshot.searcher.search(query, limit=limit, count=False)
        for _, address in result.hits:
            yield _candidate(self._snapshot.searcher.doc(address))

    def _term(self, field: str, term: str) -> tantivy.Query:
        from tantivy import Query

        return Query.term_query(self._snapshot.index.schema, field, term, "freq")

    def _of_any(self, field: str, terms: Iterable[str]) -> tantivy.Query:
        from tantivy import Query

        has = Query.term_set_query(self._snapshot.index.schema, field, list(terms))
        return Query.const_score_query(has, 0.0)


def _candidate(document: tantivy.Document) -> Candidate:
    summary = json.loads(document[SUMMARY][0])
    return Candidate(
        summary["resource_id"],
        summary["name"],
        summary["department_id"],
        description_of(document[DESCRIPTION][0]),
    )


def _rarest(terms: Iterable[str], weigh: Callable[[str], float], most: int) -> list[str]:
    """The terms that weigh most, the heaviest first; of equal ones in their own order."""
    return sorted(set(terms), key=lambda term: (-weigh(term), term))[:most]
