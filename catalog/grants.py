"""Grants (授权): giving, revoking and listing the right of an application to items of a record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from catalog import accounts, records
from catalog.accounts import AccountKind
from catalog.clock import CHINA_TIME, Clock
from catalog.errors import NotPermitted
from catalog.grant_errors import (
    GrantNotFound,
    InvalidGrant,
    NotAnApplication,
    NotShareable,
    UnknownItem,
    UnknownPurpose,
)
from catalog.ids import Ids, SystemIds
from catalog.record_rows import require_row
from catalog.rights import (
    COLUMNS,
    Grant,
    end_rights,
    find_right,
    granted_items,
    read_grant,
)
from catalog.roles import Actor, Deed, Role
from catalog.tables import grants as table
from standards.code_lists import CodeLists, load_code_lists
from standards.records import Record, ResourceKind, read_record

__all__ = [
    "Grant",
    "add_grant",
    "end_rights",
    "find_right",
    "granted_items",
    "list_grants",
    "require_grant",
    "revoke_grant",
]

PURPOSES = "purpose"
NOT_SHARED = 3
_NEEDED = frozenset({"application", "resource", "purpose", "valid_from", "valid_to"})
_FIELDS = _NEEDED | {"items"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add_grant(
    conn: sa.Connection,
    document: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
    ids: Ids | None = None,
) -> str:
    """Grant what a document `{application, resource, items, purpose, valid_from, valid_to}` says.

    Dates are days in Asia/Shanghai, the last one included; instants need a zone. The authority
    grants everything, a reviewer the own department's resources, nobody to itself. Files, and
    interfaces that have no items, are granted whole, without `items`. A live grant of the same
    facts is answered again. Raises InvalidGrant, AccountNotFound, NotAnApplication, RecordNotFound,
    RecordNotPublished, NotPermitted, NotShareable, UnknownItem, UnknownPurpose.
    """
    _check_fields(document)
    account = accounts.require_account(conn, str(document["application"]))
    if account.name == actor.name:  # who is to receive data never decides it
        resource = str(document["resource"])
        raise NotPermitted(actor.name, action=Deed.GRANT, resource=resource, role=Role.AUTHORITY)
    if account.kind is not AccountKind.APPLICATION or accounts.is_reserved(account.name):
        raise NotAnApplication(account.name)
    # locked first: a withdrawal ends the grants that are there, so none may come in beside it
    require_row(conn, str(document["resource"]))
    published = records.published(conn, str(document["resource"]))
    _check_actor(actor, published.resource_id, published.department_id, Deed.GRANT)
    _check_purpose(str(document["purpose"]), code_lists or load_code_lists())
    valid_from, valid_until = _period(document)
    facts = {
        "account": account.name,
        "resource_id": published.resource_id,
        "items": _items(document, read_record(published.document)),
        "purpose": str(document["purpose"]),
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    return _find_same(conn, facts) or _insert(conn, facts, actor, clock, ids or SystemIds())


def _insert(
    conn: sa.Connection, facts: Mapping[str, Any], actor: Actor, clock: Clock, ids: Ids
) -> str:
    grant_id = ids.new()
    row = {"grant_id": grant_id, "granted_by": actor.name, "granted_at": clock.now()}
    conn.execute(sa.insert(table).values({**facts, **row}))
    return grant_id


def _find_same(conn: sa.Connection, facts: Mapping[str, Any]) -> str | None:
    same = [table.c[name] == value for name, value in facts.items()]
    query = sa.select(table.c.grant_id).where(*same, table.c.revoked_at.is_(None))
    return conn.scalar(query.limit(1))


def _check_fields(document: Mapping[str, Any]) -> None:
    for field in sorted((set(document) - _FIELDS) | (_NEEDED - set(document))):
        known = ", ".join(sorted(_FIELDS))
        raise InvalidGrant(
            field,
            value=str(document.get(field, "—")),
            expected=f"exactly the fields {known}",
            expected_zh=f"且仅为这些字段：{known}",
        )


def _check_actor(actor: Actor, resource_id: str, department_id: str, deed: Deed) -> None:
    own = Role.REVIEWER in actor.roles and actor.department_id == department_id
    if Role.AUTHORITY not in actor.roles and not own:
        raise NotPermitted(actor.name, action=deed, resource=resource_id, role=Role.AUTHORITY)


def _check_purpose(purpose: str, code_lists: CodeLists) -> None:
    known = code_lists.require(PURPOSES)
    if known.find(purpose) is None:
        raise UnknownPurpose(purpose, known=tuple(known.codes))


def _items(document: Mapping[str, Any], record: Record) -> list[str]:
    """The granted item ids in the record's order."""
    if record.share_type == NOT_SHARED:
        raise NotShareable(record.resource_id, item=None)
    asked = document.get("items")
    if record.kind is ResourceKind.FILE or not record.items:
        return _whole(asked)
    if not isinstance(asked, list | tuple) or not asked:
        raise InvalidGrant(
            "items", value=str(asked), expected="a list of item ids", expected_zh="信息项标识的列表"
        )
    known = {item.id: item for item in record.items}
    for item_id in map(str, asked):
        if item_id not in known:
            raise UnknownItem(record.resource_id, item=item_id)
        if known[item_id].share_type == NOT_SHARED:
            raise NotShareable(record.resource_id, item=item_id)
    chosen = set(map(str, asked))
    return [item.id for item in record.items if item.id in chosen]


def _whole(asked: object) -> list[str]:
    """A file is read whole, and an interface without items can not be granted in parts."""
    if asked not in (None, [], ()):
        raise InvalidGrant(
            "items",
            value=str(asked),
            expected="nothing: files, and interfaces without items, are granted whole",
            expected_zh="空或不写：文件和没有信息项的接口按整个资源授权",
        )
    return []


def _period(document: Mapping[str, Any]) -> tuple[datetime, datetime]:
    start = _instant("valid_from", document["valid_from"], days=0)
    end = _instant("valid_to", document["valid_to"], days=1)
    if end <= start:
        raise InvalidGrant(
            "valid_to",
            value=str(document["valid_to"]),
            expected="a time after valid_from",
            expected_zh="晚于 valid_from 的时间",
        )
    return start, end


def _instant(field: str, value: Any, days: int) -> datetime:
    """An instant in UTC; a date is the start of that day in Shanghai, some days later."""
    text = str(value)
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=days)
            return datetime.combine(day, time(), CHINA_TIME).astimezone(UTC)
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise _not_a_time(field, text)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the calendar ends with 9999-12-31
        raise _not_a_time(field, text) from error


def _not_a_time(field: str, text: str) -> InvalidGrant:
    expected = "a date such as 2026-12-31 or an instant with a zone"
    return InvalidGrant(field, text, expected, "日期（如 2026-12-31）或带时区的时间")


def require_grant(conn: sa.Connection, grant_id: str) -> Grant:
    """The grant, or GrantNotFound."""
    row = conn.execute(sa.select(*COLUMNS).where(table.c.grant_id == grant_id)).first()
    if row is None:
        raise GrantNotFound(grant_id)
    return read_grant(row)


def revoke_grant(conn: sa.Connection, grant_id: str, actor: Actor, clock: Clock) -> Grant:
    """End a grant at once; one that is revoked already stays as it was."""
    grant = require_grant(conn, grant_id)
    working = records.working(conn, grant.resource_id)
    _check_actor(actor, grant.resource_id, working.department_id, Deed.REVOKE_GRANT)
    statement = sa.update(table).where(table.c.grant_id == grant_id, table.c.revoked_at.is_(None))
    conn.execute(statement.values(revoked_at=clock.now(), revoked_by=actor.name))
    return require_grant(conn, grant_id)


def list_grants(
    conn: sa.Connection,
    *,
    account: str | None = None,
    resource_id: str | None = None,
    limit: int = 1000,
    after: str | None = None,
) -> list[Grant]:
    """Grants, oldest first, ended ones too; `after` is the last id of the page before."""
    query = sa.select(*COLUMNS).order_by(table.c.grant_id).limit(limit)
    if account is not None:
        query = query.where(table.c.account == account)
    if resource_id is not None:
        query = query.where(table.c.resource_id == resource_id)
    if after is not None:
        query = query.where(table.c.grant_id > after)
    return [read_grant(row) for row in conn.execute(query)]
