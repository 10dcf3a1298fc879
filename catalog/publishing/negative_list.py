"""The negative list (负面清单): what is not shared, on which legal basis, and when to look again.

Sharing is the rule. Who can not share names law and clause in the record; the authority, by
agreeing to its publication, approves that for a time.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from catalog.clock import CHINA_TIME
from catalog.errors import OwnSubmission
from catalog.publish_errors import BasisMissing, NotOnNegativeList
from catalog.publishing.step import Step
from catalog.record_register import Page
from catalog.tables import negative_list as table
from catalog.tables import record_versions, records
from standards.documents import as_mapping

NOT_SHARED = 3
# the catalogue is gone through as a whole at least once a year, so no exception outlives one
REVIEW_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource on the list; `review_by` is the day by which the authority looks at it again."""

    resource_id: str
    resource_code: str | None
    name: str
    department_id: str
    provider_name: str
    version: int
    basis: str
    clause: str
    proposed_by: str
    approved_by: str
    approved_at: datetime
    confirmed_at: datetime | None
    review_by: date


def require_basis(step: Step) -> None:
    """Raise BasisMissing where a record is not to be shared and does not say by which law."""
    if step.document["share_type"] == NOT_SHARED and not _basis(step.document):
        raise BasisMissing(step.resource_id, action=step.action)


def _basis(document: Mapping[str, Any]) -> tuple[str, str] | None:
    said = as_mapping(document.get("non_share_basis"))
    basis, clause = (str(said.get(name) or "").strip() for name in ("basis", "clause"))
    return (basis, clause) if basis and clause else None


def follow_publication(step: Step) -> None:
    """Let the list say what has just been published: a new entry, or none any more."""
    last = end_entry(step.conn, step.resource_id, step.now)
    basis = _basis(step.document)
    if step.document["share_type"] != NOT_SHARED or basis is None:
        return
    row = {
        "resource_id": step.resource_id,
        "number": last + 1,
        "version": step.row["working_version"],
        "basis": basis[0],
        "clause": basis[1],
        "proposed_by": step.row["submitted_by"] or step.account,
        "approved_by": step.account,
        "approved_at": step.now,
        "review_by": review_day(step.now),
    }
    step.conn.execute(sa.insert(table).values(row))


def end_entry(conn: sa.Connection, resource_id: str, now: datetime) -> int:
    """The resource is on the list no longer; gives the number of its last entry, 0 for none."""
    live = (table.c.resource_id == resource_id) & table.c.ended_at.is_(None)
    conn.execute(sa.update(table).where(live).values(ended_at=now))
    numbers = sa.select(sa.func.max(table.c.number)).where(table.c.resource_id == resource_id)
    return conn.scalar(numbers) or 0


def confirm(step: Step) -> bool:
    """Look at an entry again and let it stand for another period; False on the same day.

    Raises NotOnNegativeList, and OwnSubmission for the account that proposed it.
    """
    live = (table.c.resource_id == step.resource_id) & table.c.ended_at.is_(None)
    found = _entry(step.conn, live)
    if found is None:
        raise NotOnNegativeList(step.resource_id)
    if found["proposed_by"] == step.account:
        raise OwnSubmission(step.account, resource=step.resource_id, action=step.action)
    following = review_day(step.now)
    if found["review_by"] == following:
        return False
    values = {
        "confirmed_by": step.account,
        "confirmed_at": step.now,
        "review_by": following,
    }
    step.conn.execute(sa.update(table).where(live).values(values))
    return True


def _entry(conn: sa.Connection, which: sa.ColumnElement[bool]) -> sa.RowMapping | None:
    query = sa.select(table.c.proposed_by, table.c.review_by).where(which)
    return conn.execute(query).mappings().first()


def review_day(now: datetime) -> date:
    """The same day of the month, `REVIEW_MONTHS` later in China, or the last day of that month."""
    today = now.astimezone(CHINA_TIME).date()
    years, month = divmod(today.month - 1 + REVIEW_MONTHS, 12)
    last = calendar.monthrange(today.year + years, month + 1)[1]
    return date(today.year + years, month + 1, min(today.day, last))


_ENTRIES = (
    sa.select(
        table.c.resource_id,
        records.c.resource_code,
        record_versions.c.name,
        records.c.department_id,
        record_versions.c.provider_name,
        table.c.version,
        table.c.basis,
        table.c.clause,
        table.c.proposed_by,
        table.c.approved_by,
        table.c.approved_at,
        table.c.confirmed_at,
        table.c.review_by,
    )
    .join_from(table, records, records.c.resource_id == table.c.resource_id)
    .join(
        record_versions,
        (record_versions.c.resource_id == table.c.resource_id)
        & (record_versions.c.version == table.c.version),
    )
    .where(table.c.ended_at.is_(None))
    .order_by(table.c.resource_id)
)


def list_entries(
    conn: sa.Connection,
    *,
    department: str | None = None,
    overdue_on: date | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Entry]:
    """The list by resource id; `overdue_on` keeps what should have been looked at before."""
    query = _ENTRIES
    if department is not None:
        query = query.where(records.c.department_id == department)
    if overdue_on is not None:
        query = query.where(table.c.review_by < overdue_on)
    if cursor is not None:
        query = query.where(table.c.resource_id > cursor)
    found = [Entry(**row) for row in conn.execute(query.limit(limit + 1)).mappings()]
    return Page(found[:limit], found[limit - 1].resource_id if len(found) > limit else None)
