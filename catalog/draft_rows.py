"""Drafts as they lie in the catalogue: listed by page, read one by one, claimed and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog import departments, records
from catalog.clock import Clock
from catalog.draft_errors import DraftNotFound, DraftNotOpen
from catalog.drafts import DraftState
from catalog.errors import NotPermitted
from catalog.record_register import Page, RecordState, state_of
from catalog.record_rows import require_row
from catalog.roles import Actor, Deed, Role
from catalog.tables import drafts as table
from standards.code_lists import CodeLists


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft with its place in the catalogue; `decisions` as `Decision.as_json` writes them."""

    draft_id: str
    source: str
    position: int
    name: str
    department_name: str
    document: Mapping[str, Any]
    decisions: tuple[Mapping[str, Any], ...]
    found: Mapping[str, Any]
    sha256: str
    duplicate_of: str | None
    state: DraftState
    imported_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    resource_id: str | None
    reason: str | None


def list_drafts(
    conn: sa.Connection,
    *,
    source: str | None = None,
    department_name: str | None = None,
    state: DraftState | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[KeptDraft]:
    """Drafts by id, that is by source and position; `cursor` is the id after which to go on."""
    query = sa.select(table).order_by(table.c.draft_id).limit(limit + 1)
    wanted = {"source": source, "department_name": department_name, "state": state}
    for name, value in wanted.items():
        if value is not None:
            query = query.where(table.c[name] == value)
    if cursor is not None:
        query = query.where(table.c.draft_id > cursor)
    rows = [_read(row) for row in conn.execute(query).mappings()]
    following = rows[limit - 1].draft_id if len(rows) > limit else None
    return Page(rows[:limit], following)


def require_draft(conn: sa.Connection, draft_id: str) -> KeptDraft:
    """The draft, or DraftNotFound."""
    return _require(conn, sa.select(table).where(table.c.draft_id == draft_id), draft_id)


def claim_draft(
    conn: sa.Connection,
    draft_id: str,
    document: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
) -> RecordState:
    """Write the completed document as a record and settle the draft with it.

    Again with the same resource changes nothing. Raises DraftNotFound, DraftNotOpen and what
    `records.add_record` raises: a draft is no side door, its record passes the same check.
    """
    found = _locked(conn, draft_id)
    _check_owner(conn, found, actor)
    if found.state is DraftState.CLAIMED and found.resource_id == document.get("resource_id"):
        return state_of(_own_row(conn, str(found.resource_id), actor))
    _check_open(found)
    written = records.add_record(conn, document, actor, clock, code_lists=code_lists)
    _settle(conn, draft_id, DraftState.CLAIMED, actor, clock, resource_id=written.resource_id)
    return written


def drop_draft(
    conn: sa.Connection, draft_id: str, reason: str, actor: Actor, clock: Clock
) -> KeptDraft:
    """Settle a draft of which no record shall be made; again changes nothing.

    Raises DraftNotFound and, where it was claimed, DraftNotOpen.
    """
    found = _locked(conn, draft_id)
    if Role.AUTHORITY not in actor.roles:
        _check_owner(conn, found, actor)
    if found.state is DraftState.DROPPED:
        return found
    _check_open(found)
    _settle(conn, draft_id, DraftState.DROPPED, actor, clock, reason=reason)
    return require_draft(conn, draft_id)


def _check_owner(conn: sa.Connection, found: KeptDraft, actor: Actor) -> None:
    """A draft that names a department of ours, by its code or its whole name, is its own affair.

    Of one that names none (市公安局 of another city is not ours) any department may make a record.
    """
    code = found.document.get("provider_code")
    named = departments.find(conn, str(code)) if code else None
    owners = [named] if named else departments.by_name(conn, found.department_name)
    ours = {each.department_id for each in owners if named or each.name == found.department_name}
    if ours and actor.department_id not in ours:
        raise NotPermitted(
            actor.name, action=Deed.SETTLE_DRAFT, resource=found.draft_id, role=Role.STEWARD
        )


def _own_row(conn: sa.Connection, resource_id: str, actor: Actor) -> sa.RowMapping:
    row = require_row(conn, resource_id)
    if row["department_id"] != actor.department_id or Role.STEWARD not in actor.roles:
        raise NotPermitted(
            actor.name, action=Deed.SETTLE_DRAFT, resource=resource_id, role=Role.STEWARD
        )
    return row


def _locked(conn: sa.Connection, draft_id: str) -> KeptDraft:
    query = sa.select(table).where(table.c.draft_id == draft_id).with_for_update()
    return _require(conn, query, draft_id)


def _require(conn: sa.Connection, query: sa.Select[Any], draft_id: str) -> KeptDraft:
    row = conn.execute(query).mappings().first()
    if row is None:
        raise DraftNotFound(draft_id)
    return _read(row)


def _check_open(found: KeptDraft) -> None:
    if found.state is not DraftState.OPEN:
        raise DraftNotOpen(found.draft_id, found.state)


def _settle(
    conn: sa.Connection,
    draft_id: str,
    state: DraftState,
    actor: Actor,
    clock: Clock,
    **facts: str,
) -> None:
    values = {"state": state, "settled_by": actor.name, "settled_at": clock.now(), **facts}
    conn.execute(sa.update(table).where(table.c.draft_id == draft_id).values(values))


def _read(row: sa.RowMapping) -> KeptDraft:
    facts = dict(row)
    return KeptDraft(
        **{
            **facts,
            "state": DraftState(facts["state"]),
            "decisions": tuple(facts["decisions"]),
        }
    )
