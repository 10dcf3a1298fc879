"""What other departments have published that is like a record: found and judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final, Protocol

import sqlalchemy as sa

from catalog import elements
from catalog.departments import Department
from catalog.likeness.authority import duties_over, to_be_taken_over
from catalog.likeness.candidates import Candidate, Candidates, weights_of
from catalog.likeness.description import Description, describe, words_of_names
from catalog.likeness.judgement import Judged, Party, judge
from catalog.likeness.sentences import Sentence, sentence_of
from catalog.likeness.territory import territory
from catalog.search.reader import Snapshot
from catalog.tables import department_names, departments, records
from standards.department_words import abbreviations
from standards.elements import DataElement

SHORT: Final = 5
"""So many are shown where somebody registers and did not ask."""
# of one department: its other tables on the same thing say nothing more
OF_ONE_DEPARTMENT: Final = 2


class Index(Protocol):
    """Where published records are looked for (`services.search`)."""

    def newest(self) -> Snapshot | None: ...


@dataclass(frozen=True, slots=True)
class SharedElement:
    """An element that the other record has too; `authoritative`: its provider is its source."""

    element_id: str
    name: str
    authoritative: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """A published record of another department that is like the one asked about."""

    resource_id: str
    name: str
    department_id: str
    provider_name: str
    judged: Judged
    elements: tuple[SharedElement, ...]
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class FoundSimilar:
    """`complete` is False where the index is away or still being made: then there may be more."""

    similar: tuple[Similar, ...]
    complete: bool


NOTHING_KNOWN: Final = FoundSimilar((), complete=False)


def find_similar(
    conn: sa.Connection,
    index: Index,
    document: Mapping[str, Any],
    department: Department,
    *,
    limit: int = SHORT,
) -> FoundSimilar:
    """What is like a record of a department, as far as the index knows; it raises nothing of it."""
    snapshot = index.newest()
    if snapshot is None:
        return NOTHING_KNOWN
    own = describe(document, division=department.division_code, department_name=department.name)
    registered = elements.registered(conn)
    authorities = _authorities(conn, own, department, registered)
    weights = weights_of(snapshot)
    try:
        asked = Candidates(snapshot, weights, own, department.department_id)
        found = asked.find(authorities, anywhere=2 * limit)
    except (ValueError, OSError):  # a damaged index is made anew by whoever writes it
        return NOTHING_KNOWN
    parties = _parties(conn, [department.department_id, *(c.department_id for c in found)])
    mine, shown = parties[department.department_id], _published_sources(conn, found)
    judged = []
    for candidate in found:
        theirs = parties.get(candidate.department_id)
        if theirs is None or candidate.resource_id not in shown:
            continue
        verdict = judge(own, mine, candidate.description, theirs, weights, registered)
        if verdict is not None:
            judged.append((candidate, verdict))
    judged.sort(key=lambda pair: (*pair[1].rank, pair[0].resource_id))
    similar = [
        _similar(candidate, verdict, parties[candidate.department_id], registered)
        for candidate, verdict in islice(_few_of_each(judged), limit)
    ]
    return FoundSimilar(tuple(similar), snapshot.state.complete)


def _authorities(
    conn: sa.Connection,
    own: Description,
    department: Department,
    registered: Mapping[str, DataElement],
) -> list[str]:
    """Departments, here or above, whose duty is the first authority for an own element."""
    named = dict.fromkeys(item.element for item in own.collected if item.element is not None)
    duties = duties_over(to_be_taken_over(named, registered, department.duty))
    if not duties:
        return []
    query = sa.select(departments.c.department_id, departments.c.division_code).where(
        departments.c.duty.in_(sorted(duties)),
        departments.c.department_id != department.department_id,
    )
    return [
        row.department_id
        for row in conn.execute(query)
        if territory(own.division, row.division_code).covers
    ]


def _parties(conn: sa.Connection, department_ids: Iterable[str]) -> dict[str, Party]:
    wanted = sorted(set(department_ids))
    names: dict[str, list[str]] = {}
    query = sa.select(department_names.c.department_id, department_names.c.name).where(
        department_names.c.department_id.in_(wanted)
    )
    for row in conn.execute(query.order_by(department_names.c.position)):
        names.setdefault(row.department_id, []).append(row.name)
    facts = sa.select(departments.c.department_id, departments.c.name, departments.c.duty)
    return {
        row.department_id: Party(
            row.department_id,
            row.name,
            row.duty,
            _words(tuple(names.get(row.department_id, [row.name]))),
        )
        for row in conn.execute(facts.where(departments.c.department_id.in_(wanted)))
    }


@lru_cache(maxsize=4096)
def _words(names: tuple[str, ...]) -> frozenset[str]:
    """The words of all that a department is called, also for short."""
    return words_of_names((*names, *(short for name in names for short in abbreviations(name))))


def _published_sources(conn: sa.Connection, found: Sequence[Candidate]) -> frozenset[str]:
    """Those that are published now and are sources: a base view is built of them, and is none."""
    query = sa.select(records.c.resource_id).where(
        records.c.resource_id.in_([each.resource_id for each in found]),
        records.c.published_version.is_not(None),
        records.c.is_view.is_(False),
    )
    return frozenset(conn.scalars(query))


def _few_of_each(
    judged: Iterable[tuple[Candidate, Judged]],
) -> Iterator[tuple[Candidate, Judged]]:
    seen: Counter[str] = Counter()
    for candidate, verdict in judged:
        seen[candidate.department_id] += 1
        if seen[candidate.department_id] <= OF_ONE_DEPARTMENT:
            yield candidate, verdict


def _similar(
    candidate: Candidate,
    judged: Judged,
    provider: Party,
    registered: Mapping[str, DataElement],
) -> Similar:
    shared = tuple(
        SharedElement(each, registered[each].name, each in judged.of_authority)
        for each in judged.elements
    )
    return Similar(
        candidate.resource_id,
        candidate.name,
        candidate.department_id,
        provider.name,
        judged,
        shared,
        sentence_of(
            judged,
            candidate.name,
            provider.name,
            [each.name for each in shared],
            [each.name for each in shared if each.authoritative],
        ),
    )
