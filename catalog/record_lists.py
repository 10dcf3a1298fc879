"""Lists of records, paged by resource id, so that a late page costs what the first one does."""

from __future__ import annotations

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
from catalog.tables import record_versions, records
from standards.records import ResourceKind


def list_records(
    conn: sa.Connection,
    *,
    state: State | None = None,
    department: str | None = None,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[RecordSummary]:
    """Records in any state (deleted ones only when asked for) by the version worked on."""
    query = SUMMARY
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


def published_tables(conn: sa.Connection) -> list[PublishedRecord]:
    """Every published record of a table that departments deliver, by resource id; no views."""
    query = PUBLISHED.where(
        record_versions.c.kind == ResourceKind.TABLE, records.c.is_view.is_(sa.false())
    )
    return [read_published(row) for row in conn.execute(query.order_by(records.c.resource_id))]


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
        query = query.where(records.c.resource_id > cursor)
    rows = list(conn.execute(query.order_by(records.c.resource_id).limit(limit + 1)))
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], str(rows[limit - 1].resource_id)


def _summary(row: sa.Row[*tuple[Any, ...]]) -> RecordSummary:
    resource_id, code, version, state, revision, department_id, name, kind, at = row
    return RecordSummary(
        resource_id,
        code,
        version,
        State(state),
        revision,
        department_id,
        name,
        ResourceKind(kind),
        at,
    )
