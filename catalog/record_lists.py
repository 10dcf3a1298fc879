"""Lists of records, paged by resource id, so that a late page costs what the first one does.

There are two catalogues. The platform's shared one (平台共享目录) holds what is published; the own
one of a department (部门自有资源目录) all that it has registered, published or not.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.life_cycle import State
from catalog.record_register import (
    PUBLISHED,
    SUMMARY,
    Page,
    PublishedRecord,
    RecordSummary,
    read_published,
)
from catalog.record_rows import folded
from catalog.tables import curated_tables, record_versions, records
from standards.records import ResourceKind

# registered and beyond, until its code is given up
OWN_CATALOGUE = frozenset(State) - {
    State.DRAFT,
    State.REGISTER_REVIEW,
    State.DEREGISTERED,
    State.DELETED,
}


@dataclass(frozen=True, slots=True)
class PublishedLine:
    """One line of the shared catalogue: what a list shows, without the document."""

    resource_id: str
    resource_code: str | None
    name: str
    kind: ResourceKind
    department_id: str
    version: int
    provider_name: str
    share_type: int
    published_at: datetime


def list_records(
    conn: sa.Connection,
    *,
    state: State | None = None,
    states: Collection[State] | None = None,
    department: str | None = None,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[RecordSummary]:
    """Records in any state (deleted ones only when asked for) by the version worked on.

    `states` narrows to some of them, such as OWN_CATALOGUE.
    """
    query = SUMMARY if states is None else SUMMARY.where(records.c.state.in_(states))
    if state is None:
        query = query.where(records.c.state != State.DELETED)
    else:
        query = query.where(records.c.state == state)
    rows, following = _page(conn, _narrowed(query, department, q), limit, cursor)
    return Page([_summary(row) for row in rows], following)


def list_published(
    conn: sa.Connection,
    *,
    department: str | None = None,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PublishedRecord]:
    """The public catalogue: every visible version, views of the platform included."""
    rows, following = _page(conn, _narrowed(PUBLISHED, department, q), limit, cursor)
    return Page([read_published(row) for row in rows], following)


_LINES = sa.select(
    records.c.resource_id,
    records.c.resource_code,
    record_versions.c.name,
    record_versions.c.kind,
    records.c.department_id,
    record_versions.c.version,
    record_versions.c.provider_name,
    record_versions.c.share_type,
    record_versions.c.published_at,
).join_from(
    records,
    record_versions,
    (record_versions.c.resource_id == records.c.resource_id)
    & (record_versions.c.version == records.c.published_version),
)


def list_lines(
    conn: sa.Connection,
    *,
    department: str | None = None,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[PublishedLine]:
    """The shared catalogue as lines; a page reads no document."""
    rows, following = _page(conn, _narrowed(_LINES, department, q), limit, cursor)
    return Page([_line(row) for row in rows], following)


def _line(row: sa.Row[*tuple[Any, ...]]) -> PublishedLine:
    facts = row._asdict()
    return PublishedLine(**{**facts, "kind": ResourceKind(facts["kind"])})


def delivered_tables(conn: sa.Connection) -> list[PublishedRecord]:
    """Every published record of a table that something was delivered to, by resource id; no views.

    Of a provincial catalogue these are few, and the documents of the others are not read.
    """
    query = PUBLISHED.where(
        record_versions.c.kind == ResourceKind.TABLE,
        records.c.is_view.is_(sa.false()),
        sa.exists().where(curated_tables.c.resource_id == records.c.resource_id),
    )
    return [read_published(row) for row in conn.execute(query.order_by(records.c.resource_id))]


def places_to_deliver(conn: sa.Connection) -> list[tuple[str, str]]:
    """Resource id and department of every published record that takes files, by resource id."""
    query = (
        sa.select(records.c.resource_id, records.c.department_id)
        .join_from(
            records,
            record_versions,
            (record_versions.c.resource_id == records.c.resource_id)
            & (record_versions.c.version == records.c.published_version),
        )
        .where(
            record_versions.c.kind.in_([ResourceKind.TABLE, ResourceKind.FILE]),
            records.c.is_view.is_(sa.false()),
        )
    )
    rows = conn.execute(query.order_by(records.c.resource_id))
    return [(resource_id, department_id) for resource_id, department_id in rows]


def _narrowed(query: sa.Select[Any], department: str | None, q: str | None) -> sa.Select[Any]:
    if department is not None:
        query = query.where(records.c.department_id == department)
    for word in folded(q or "").split():
        query = query.where(record_versions.c.search_text.contains(word, autoescape=True))
    return query


def _page(
    conn: sa.Connection, query: sa.Select[Any], limit: int, cursor: str | None
) -> tuple[list[sa.Row[*tuple[Any, ...]]], str | None]:
    if cursor is not None:
        # of both: PostgreSQL infers equality for the other side of a join, but no order
        query = query.where(records.c.resource_id > cursor, record_versions.c.resource_id > cursor)
    rows = list(conn.execute(query.order_by(records.c.resource_id).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], str(rows[limit - 1].resource_id)


def _summary(row: sa.Row[*tuple[Any, ...]]) -> RecordSummary:
    facts = row._asdict()
    typed = {"state": State(facts["state"]), "kind": ResourceKind(facts["kind"])}
    return RecordSummary(**{**facts, **typed})
