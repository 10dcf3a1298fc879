"""What the index is made from: the changes of the catalogue, and the records that are published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from catalog.record_register import PUBLISHED, PublishedRecord, read_published
from catalog.search.indexed import IndexedRecord, indexed_record
from catalog.search.marks import PATIENCE, Gap, Mark
from catalog.tables import catalogue_changes as changes
from catalog.tables import department_names, departments, records
from standards.department_words import abbreviations

Change: TypeAlias = tuple[int, str]
"""The number of a change and the record that it is about."""

_AT_ONCE = 500  # values in one statement


def changes_after(conn: sa.Connection, mark: Mark, limit: int) -> list[Change]:
    """What is to be read after a mark: the numbers that had been missing first, then the next."""
    late = [change for gap in mark.gaps for change in _changes_in(conn, gap)]
    query = sa.select(changes.c.sequence, changes.c.resource_id)
    following = query.where(changes.c.sequence > mark.sequence).order_by(changes.c.sequence)
    rows = conn.execute(following.limit(limit))
    return [*late, *((row.sequence, row.resource_id) for row in rows)]


def _changes_in(conn: sa.Connection, gap: Gap) -> list[Change]:
    query = sa.select(changes.c.sequence, changes.c.resource_id)
    rows = conn.execute(query.where(changes.c.sequence.between(gap.first, gap.last)))
    return [(row.sequence, row.resource_id) for row in rows]


def newest_change(conn: sa.Connection) -> int:
    """The highest number that can be seen; 0 where nothing was ever published."""
    return conn.scalar(sa.select(sa.func.max(changes.c.sequence))) or 0


def mark_now(conn: sa.Connection, now: datetime) -> Mark:
    """The mark of who reads the whole catalogue from here on: what may still come late is a gap."""
    settled = conn.scalar(
        sa.select(sa.func.max(changes.c.sequence)).where(changes.c.at < now - PATIENCE)
    )
    recent = sa.select(changes.c.sequence).where(changes.c.sequence > (settled or 0))
    return Mark(settled or 0).after(conn.scalars(recent), now)


def records_after(conn: sa.Connection, resource_id: str, limit: int) -> list[IndexedRecord]:
    """The next published records by their id."""
    query = PUBLISHED.where(records.c.resource_id > resource_id).order_by(records.c.resource_id)
    return _indexed(conn, [read_published(row) for row in conn.execute(query.limit(limit))])


def published_of(conn: sa.Connection, resource_ids: Iterable[str]) -> list[IndexedRecord]:
    """Those of the records that are published now."""
    wanted = sorted(set(resource_ids))
    found: list[PublishedRecord] = []
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = conn.execute(PUBLISHED.where(records.c.resource_id.in_(part)))
        found += [read_published(row) for row in rows]
    return _indexed(conn, found)


def names_of(conn: sa.Connection, department_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The name of each department, its aliases, and what it is called for short."""
    table = department_names.c
    wanted = sorted(set(department_ids))
    names: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(wanted), _AT_ONCE):
        query = sa.select(table.department_id, table.name).where(
            table.department_id.in_(wanted[start : start + _AT_ONCE])
        )
        for row in conn.execute(query.order_by(table.department_id, table.position)):
            names[row.department_id].append(row.name)
    return {
        department: tuple(dict.fromkeys((*known, *_short(known))))
        for department, known in names.items()
    }


def divisions_of(conn: sa.Connection, department_ids: Iterable[str]) -> Mapping[str, str]:
    """The division of each department."""
    table = departments.c
    wanted = sorted(set(department_ids))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = sa.select(table.department_id, table.division_code).where(
            table.department_id.in_(wanted[start : start + _AT_ONCE])
        )
        found |= {row.department_id: row.division_code for row in conn.execute(query)}
    return found


def _short(names: Iterable[str]) -> list[str]:
    return [short for name in names for short in abbreviations(name)]


def _indexed(conn: sa.Connection, found: Sequence[PublishedRecord]) -> list[IndexedRecord]:
    names = names_of(conn, (each.department_id for each in found))
    divisions = divisions_of(conn, (each.department_id for each in found))
    return [
        indexed_record(
            each.document,
            department_id=each.department_id,
            division=divisions.get(each.department_id),
            names=names.get(each.department_id, ()),
            resource_code=each.resource_code,
            version=each.version,
            published_at=each.published_at,
        )
        for each in found
    ]
