"""How often the record that is meant is among the first ones: real titles, in an index of them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.search.finding import Query, Search
from tests.search.kinds import Kind, text_of
from tests.search.makers import an_index
from tests.search.portals import PORTALS, PortalRecord, portal_records

QUERIES = Path(__file__).parent / "queries.csv"
FIRST = 5


@dataclass(frozen=True, slots=True)
class Missed:
    """A query that did not lead to its record, and what it led to instead."""

    kind: Kind
    text: str
    meant: str
    found: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relevance:
    """Queries by kind: how many were asked, how many found the record or one of its title."""

    asked: Counter[Kind]
    hit: Counter[Kind]
    missed: tuple[Missed, ...]

    @property
    def rate(self) -> float:
        return self.hit.total() / self.asked.total()

    def rates(self) -> dict[str, float]:
        return {kind.value: round(self.hit[kind] / self.asked[kind], 3) for kind in Kind}


def chosen() -> Iterator[tuple[Kind, str, int]]:
    """The queries of the file: kind, portal, position."""
    with QUERIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Kind(row["kind"]), row["portal"], int(row["position"])


def measure_relevance(folder: Path, portals: Path = PORTALS) -> Relevance:
    """Index every record of the portals in a new folder, and ask."""
    records = {(each.portal, each.position): each for each in portal_records(portals)}
    search = an_index(folder, (each.indexed() for each in records.values()))
    asked: Counter[Kind] = Counter()
    hit: Counter[Kind] = Counter()
    missed = []
    for kind, portal, position in chosen():
        miss = _ask(search, kind, records[portal, position])
        asked[kind] += 1
        if miss is None:
            hit[kind] += 1
        else:
            missed.append(miss)
    return Relevance(asked, hit, tuple(missed))


def _ask(search: Search, kind: Kind, meant: PortalRecord) -> Missed | None:
    text = text_of(kind, meant)
    assert text is not None, meant
    names = tuple(each.name for each in search.find(Query(text, limit=FIRST)).hits)
    return None if meant.title in names else Missed(kind, text, meant.title, names)
