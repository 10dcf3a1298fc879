"""Real titles are found by what people type: 360 queries over the 16,725 records of 13 portals."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.conftest import require_part
from tests.search.kinds import Kind
from tests.search.portals import PORTALS
from tests.search.relevance import FIRST, chosen, measure_relevance

LEAST, LEAST_OF_A_KIND = 0.90, 0.80


def test_the_file_names_enough_queries_of_each_kind() -> None:
    counted = Counter(kind for kind, _, _ in chosen())
    assert counted.total() >= 300
    assert min(counted[kind] for kind in Kind) >= 50


def test_the_record_that_is_meant_is_among_the_first_five(tmp_path: Path) -> None:
    if not PORTALS.is_dir():
        require_part("data", "no catalog-cn")
    relevance = measure_relevance(tmp_path)
    rates = relevance.rates()
    print(f"among the first {FIRST}: {relevance.rate:.3f}", rates)  # noqa: T201
    for miss in relevance.missed:
        print(miss.kind.value, miss.text, miss.meant, miss.found, sep=" | ")  # noqa: T201
    assert relevance.rate >= LEAST
    assert min(rates.values()) >= LEAST_OF_A_KIND
