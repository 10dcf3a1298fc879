"""Notices (通知): what the platform tells an account or a department, until somebody reads it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from catalog.ids import Ids
from catalog.publish_errors import NoticeNotFound
from catalog.record_register import Page
from catalog.roles import Actor, Role
from catalog.tables import accounts, grants
from catalog.tables import notices as table
from standards.identifiers.hide import without_numbers


class NoticeKind(StrEnum):
    AGREED = "agreed"
    REJECTED = "rejected"
    SCHEDULED = "scheduled"
    UNSCHEDULED = "unscheduled"
    PUBLISHED = "published"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    RIGHTS_ENDED = "rights_ended"


@dataclass(frozen=True, slots=True)
class Notice:
    """`account` None: it is for the people of the department, and the first who reads it does
    so for all."""

    notice_id: str
    account: str | None
    department_id: str
    kind: NoticeKind
    resource_id: str
    zh: str
    en: str
    created_at: datetime
    read_at: datetime | None
    read_by: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What is told; an opinion that came from a person holds no identity number afterwards."""

    kind: NoticeKind
    resource_id: str
    zh: str
    en: str


Receiver = tuple[str | None, str]
"""An account and its department, or None and a department."""


def send(
    conn: sa.Connection, message: Message, receivers: Iterable[Receiver], ids: Ids, now: datetime
) -> None:
    """Give the message to each of these, once."""
    zh, en = without_numbers(message.zh), without_numbers(message.en)
    rows = [
        {
            "notice_id": ids.new(),
            "account": account,
            "department_id": department_id,
            "kind": message.kind,
            "resource_id": message.resource_id,
            "zh": zh,
            "en": en,
            "created_at": now,
        }
        for account, department_id in dict.fromkeys(receivers)
    ]
    if rows:
        conn.execute(sa.insert(table), rows)


def holders_of(conn: sa.Connection, resource_id: str, now: datetime) -> list[Receiver]:
    """Who holds a grant that is live or will be: each application, and its department."""
    query = (
        sa.select(accounts.c.name, accounts.c.department_id)
        .join_from(grants, accounts, accounts.c.name == grants.c.account)
        .where(
            grants.c.resource_id == resource_id,
            grants.c.revoked_at.is_(None),
            grants.c.valid_until > now,
        )
        .distinct()
        .order_by(accounts.c.name)
    )
    found = [(str(name), str(department_id)) for name, department_id in conn.execute(query)]
    departments = sorted({department_id for _, department_id in found})
    return [*found, *((None, department_id) for department_id in departments)]


_COLUMNS = (
    table.c.notice_id,
    table.c.account,
    table.c.department_id,
    table.c.kind,
    table.c.resource_id,
    table.c.zh,
    table.c.en,
    table.c.created_at,
    table.c.read_at,
    table.c.read_by,
)


def list_notices(
    conn: sa.Connection,
    actor: Actor,
    *,
    unread_only: bool = False,
    limit: int = 50,
    before: str | None = None,
) -> Page[Notice]:
    """What was told to an account and to its department, newest first."""
    query = sa.select(*_COLUMNS).where(_is_for(actor)).order_by(table.c.notice_id.desc())
    if unread_only:
        query = query.where(table.c.read_at.is_(None))
    if before is not None:
        query = query.where(table.c.notice_id < before)
    found = [_notice(row) for row in conn.execute(query.limit(limit + 1))]
    return Page(found[:limit], found[limit - 1].notice_id if len(found) > limit else None)


def read(conn: sa.Connection, notice_id: str, actor: Actor, now: datetime) -> Notice:
    """Mark a notice as read; again changes nothing. NoticeNotFound, also for those of others."""
    which = (table.c.notice_id == notice_id) & _is_for(actor)
    unread = which & table.c.read_at.is_(None)
    conn.execute(sa.update(table).where(unread).values(read_at=now, read_by=actor.name))
    row = conn.execute(sa.select(*_COLUMNS).where(which)).first()
    if row is None:
        raise NoticeNotFound(without_numbers(notice_id)[:40])
    return _notice(row)


def _is_for(actor: Actor) -> sa.ColumnElement[bool]:
    """Told to the account itself, or to its department as a whole.

    What a department is told is for its people: an application would read it away from them.
    """
    if actor.roles <= {Role.CONSUMER}:
        return table.c.account == actor.name
    of_all = table.c.account.is_(None) & (table.c.department_id == actor.department_id)
    return (table.c.account == actor.name) | of_all


def _notice(row: sa.Row[*tuple[object, ...]]) -> Notice:
    facts = row._asdict()
    return Notice(**{**facts, "kind": NoticeKind(facts["kind"])})
