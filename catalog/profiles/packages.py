"""Lists of published records as CKAN pages them: by number, in an order that is asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Any

import sqlalchemy as sa

from catalog.profiles.ckan import themes_of
from catalog.record_register import PUBLISHED, PublishedRecord, read_published
from catalog.record_rows import folded
from catalog.tables import catalogue_changes, record_versions, records

_AT_ONCE = 2000


class Order(StrEnum):
    """What a list is sorted by."""

    ID = "id"
    TITLE = "title"
    MODIFIED = "metadata_modified"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which packages: those that hold all the words, of these departments, published since."""

    words: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    order: Order = Order.ID
    descending: bool = False
    start: int = 0
    rows: int = 10


@dataclass(frozen=True, slots=True)
class Packages:
    """How many there are in all, and those that were asked for."""

    total: int
    rows: Sequence[PublishedRecord]


@dataclass(frozen=True, slots=True)
class Topics:
    """Key words and themes of all published records, each with the number of its records."""

    keywords: Mapping[str, int]
    themes: Mapping[tuple[str, str], int]


def list_ids(conn: sa.Connection, start: int, rows: int | None) -> list[str]:
    """The ids of the published records in their order."""
    query = sa.select(records.c.resource_id).where(records.c.published_version.is_not(None))
    query = query.order_by(records.c.resource_id).offset(start)
    return list(conn.scalars(query if rows is None else query.limit(rows)))


def find_packages(conn: sa.Connection, wanted: Wanted) -> Packages:
    """Some of the packages that are wanted, and their number."""
    query = _narrowed(PUBLISHED, wanted)
    counted = query.with_only_columns(sa.func.count(), maintain_column_froms=True)
    total = int(conn.scalar(counted) or 0)
    if wanted.rows == 0:
        return Packages(total, ())
    column = _COLUMNS[wanted.order]
    first = column.desc() if wanted.descending else column.asc()
    query = query.order_by(first, records.c.resource_id).offset(wanted.start).limit(wanted.rows)
    return Packages(total, [read_published(row) for row in conn.execute(query)])


def packages_of(conn: sa.Connection, resource_ids: Sequence[str]) -> list[PublishedRecord]:
    """The published records of these ids, in this order; one that is withdrawn is left out."""
    query = PUBLISHED.where(records.c.resource_id.in_(resource_ids))
    found = {row.resource_id: read_published(row) for row in conn.execute(query)}
    return [found[each] for each in resource_ids if each in found]


def count_by_department(conn: sa.Connection, wanted: Wanted | None = None) -> dict[str, int]:
    """How many of them each department provides; departments without any are left out."""
    query = _narrowed(PUBLISHED, wanted or Wanted()).with_only_columns(
        records.c.department_id, sa.func.count().label("packages"), maintain_column_froms=True
    )
    rows = conn.execute(query.group_by(records.c.department_id))
    return {row.department_id: row.packages for row in rows}


@dataclass
class TopicReader:
    """Reads the topics of the whole catalogue, anew only when something in it has changed."""

    _lock: Lock = field(default_factory=Lock)
    _held: tuple[int, Topics] | None = None

    def topics(self, conn: sa.Connection) -> Topics:
        sequence = int(conn.scalar(sa.select(sa.func.max(catalogue_changes.c.sequence))) or 0)
        with self._lock:  # one of many who ask at once reads, the others wait for it
            if self._held is None or self._held[0] != sequence:
                self._held = (sequence, _topics(conn))
            return self._held[1]


def _topics(conn: sa.Connection) -> Topics:
    keywords: Counter[str] = Counter()
    themes: Counter[tuple[str, str]] = Counter()
    query = PUBLISHED.with_only_columns(record_versions.c.document, maintain_column_froms=True)
    for text in conn.scalars(query.execution_options(yield_per=_AT_ONCE)):
        document: dict[str, Any] = json.loads(text)
        keywords.update({str(word) for word in document.get("keywords") or ()})
        themes.update(set(themes_of(document)))
    return Topics(dict(sorted(keywords.items())), dict(sorted(themes.items())))


_COLUMNS: Mapping[Order, sa.Column[Any]] = {
    Order.ID: records.c.resource_id,
    Order.TITLE: record_versions.c.name,
    Order.MODIFIED: record_versions.c.published_at,
}


def _narrowed(query: sa.Select[Any], wanted: Wanted) -> sa.Select[Any]:
    if wanted.departments:
        query = query.where(records.c.department_id.in_(wanted.departments))
    if wanted.ids:
        query = query.where(records.c.resource_id.in_(wanted.ids))
    if wanted.since is not None:
        query = query.where(record_versions.c.published_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(record_versions.c.published_at <= wanted.until)
    for word in wanted.words:
        text = record_versions.c.search_text.contains(folded(word), autoescape=True)
        query = query.where(text)
    return query
