"""Accounts of persons and application systems, their roles, and their hashed, revocable keys."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog import departments
from catalog.account_errors import (
    AccountNotFound,
    AccountTaken,
    ExpiredKey,
    InvalidAccount,
    RevokedKey,
    RolesApart,
    UnknownKey,
)
from catalog.clock import Clock, shown_in_china
from catalog.roles import APART, Role
from catalog.tables import account_keys
from catalog.tables import accounts as table
from standards.identifiers import IdentifierKind, check_identifier

KEY_LIFETIME = timedelta(days=365)
_KEY = re.compile(r"dt_[0-9a-f]{8}_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"\w[\w.@-]{1,63}")


class AccountKind(StrEnum):
    PERSON = "person"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Account:
    """Who calls; `responsible` is the person who answers for an application."""

    name: str
    department_id: str
    kind: AccountKind
    responsible: str | None
    roles: frozenset[Role]


_COLUMNS = (
    table.c.name,
    table.c.department_id,
    table.c.kind,
    table.c.responsible,
    table.c.roles,
)
_FIND = sa.select(*_COLUMNS).where(table.c.name == sa.bindparam("name"))
_BY_KEY = (
    sa.select(account_keys.c.revoked_at, account_keys.c.expires_at, *_COLUMNS)
    .join_from(account_keys, table)
    .where(account_keys.c.key_sha256 == sa.bindparam("key_sha256"))
)


def add_account(
    conn: sa.Connection,
    name: str,
    department_id: str,
    kind: str,
    responsible: str | None,
    roles: Collection[str],
    clock: Clock,
    *,
    lifetime: timedelta = KEY_LIFETIME,
) -> tuple[Account, str | None]:
    """Add an account and give its key, which is nowhere kept and shown this once.

    The same account again is answered with None for the key. Raises AccountTaken, RolesApart,
    InvalidAccount, DepartmentNotFound.
    """
    account = _checked(
        name, departments.require(conn, department_id).department_id, kind, responsible, roles
    )
    found = find_account(conn, name)
    if found is not None:
        if found != account:
            raise AccountTaken(name)
        return found, None
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(_row(account, clock.now())))
    except sa.exc.IntegrityError as error:
        raise AccountTaken(name) from error
    return account, issue_key(conn, name, clock, lifetime=lifetime)


def _checked(
    name: str, department_id: str, kind: str, responsible: str | None, roles: Collection[str]
) -> Account:
    if _NAME.fullmatch(name) is None:
        expected = "2 to 64 letters, digits, dots, hyphens"
        raise InvalidAccount(name, "name", name, expected, "2 至 64 个字母、数字、点或连字符")
    if check_identifier(IdentifierKind.CITIZEN, name).valid:
        # the names of accounts stand in audit lines, where no identity number may
        expected = "a name that is no identity number"
        raise InvalidAccount("—", "name", "‹number›", expected, "不是身份号码的名称")
    if kind not in set(AccountKind):
        raise InvalidAccount(name, "kind", kind, ", ".join(AccountKind), "、".join(AccountKind))
    unknown = [role for role in roles if role not in set(Role)]
    if unknown or not roles:
        words = tuple(Role)
        raise InvalidAccount(
            name, "roles", ", ".join(unknown) or "—", ", ".join(words), "、".join(words)
        )
    if kind == AccountKind.APPLICATION and not (responsible or "").strip():
        expected = "the name of the person who answers for the application"
        raise InvalidAccount(name, "responsible", "—", expected, "应用系统负责人的姓名")
    held = frozenset(Role(role) for role in roles)
    if len(held & APART) > 1:
        raise RolesApart(name, roles=tuple(sorted(held & APART)))
    return Account(name, department_id, AccountKind(kind), responsible, held)


def _row(account: Account, now: datetime) -> dict[str, object]:
    return {
        "name": account.name,
        "department_id": account.department_id,
        "kind": account.kind,
        "responsible": account.responsible,
        "roles": " ".join(sorted(account.roles)),
        "added_at": now,
    }


def issue_key(
    conn: sa.Connection, name: str, clock: Clock, *, lifetime: timedelta = KEY_LIFETIME
) -> str:
    """A further key `dt_<prefix>_<256 random bits>`; the prefix names it in lists."""
    require_account(conn, name)
    prefix = secrets.token_hex(4)
    key = f"dt_{prefix}_{secrets.token_urlsafe(32)}"
    now = clock.now()
    row = {
        "key_sha256": _hash(key),
        "account": name,
        "prefix": prefix,
        "issued_at": now,
        "expires_at": now + lifetime,
    }
    conn.execute(sa.insert(account_keys).values(row))
    return key


def revoke_key(conn: sa.Connection, name: str, clock: Clock) -> int:
    """Revoke every key of an account at once and say how many were still in force."""
    require_account(conn, name)
    statement = sa.update(account_keys).where(
        account_keys.c.account == name, account_keys.c.revoked_at.is_(None)
    )
    return conn.execute(statement.values(revoked_at=clock.now())).rowcount


def authenticate(conn: sa.Connection, key: str, now: datetime) -> Account:
    """The account of a key; UnknownKey, RevokedKey or ExpiredKey. One indexed SELECT."""
    if _KEY.fullmatch(key) is None:
        raise UnknownKey
    row = conn.execute(_BY_KEY, {"key_sha256": _hash(key)}).first()
    if row is None:
        raise UnknownKey
    revoked_at, expires_at, *facts = row
    account = _account(facts)
    if revoked_at is not None:
        raise RevokedKey(account.name)
    if expires_at <= now:
        raise ExpiredKey(account.name, expired_at=shown_in_china(expires_at))
    return account


def find_account(conn: sa.Connection, name: str) -> Account | None:
    row = conn.execute(_FIND, {"name": name}).first()
    return None if row is None else _account(row)


def require_account(conn: sa.Connection, name: str) -> Account:
    """The account, or AccountNotFound."""
    found = find_account(conn, name)
    if found is None:
        raise AccountNotFound(name)
    return found


def list_accounts(conn: sa.Connection, department_id: str | None = None) -> list[Account]:
    """All accounts, or those of one department, by name."""
    query = sa.select(*_COLUMNS).order_by(table.c.name)
    if department_id is not None:
        query = query.where(table.c.department_id == department_id)
    return [_account(row) for row in conn.execute(query)]


def _account(row: Sequence[Any]) -> Account:
    name, department_id, kind, responsible, roles = row
    held = frozenset(Role(role) for role in roles.split())
    return Account(name, department_id, AccountKind(kind), responsible, held)


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
