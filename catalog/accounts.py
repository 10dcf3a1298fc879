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
# The platform delivers in a department's name by an account that ends so; nobody else has one.
_INCOMING = "-incoming"


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


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key as the database holds it, and the account that it opens while it is in force."""

    account: Account
    revoked_at: datetime | None
    expires_at: datetime

    def account_at(self, now: datetime) -> Account:
        """The account; RevokedKey or ExpiredKey."""
        if self.revoked_at is not None:
            raise RevokedKey(self.account.name)
        if self.expires_at <= now:
            raise ExpiredKey(self.account.name, expired_at=shown_in_china(self.expires_at))
        return self.account


_COLUMNS = (
    table.c.name,
    table.c.department_id,
    table.c.kind,
    table.c.responsible,
    table.c.roles,
)
_FIND = sa.select(*_COLUMNS).where(table.c.name == sa.bindparam("name"))
_BY_KEYS = (
    sa.select(
        account_keys.c.key_sha256, account_keys.c.revoked_at, account_keys.c.expires_at, *_COLUMNS
    )
    .join_from(account_keys, table)
    .where(account_keys.c.key_sha256.in_(sa.bindparam("hashes", expanding=True)))
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
        return _same(found, account), None
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(_row(account, clock.now())))
    except sa.exc.IntegrityError:  # somebody else was adding one of this name
        return _same(require_account(conn, name), account), None
    return account, issue_key(conn, name, clock, lifetime=lifetime)


def incoming_account(conn: sa.Connection, department_id: str, clock: Clock) -> Account:
    """The account under which a department's dropped files are delivered; made where missing.

    It has no key and can be given none, so nobody calls by it. Raises DepartmentNotFound, and
    AccountTaken where the name was given to somebody before it was reserved.
    """
    name = departments.require(conn, department_id).department_id + _INCOMING
    account = Account(
        name, department_id, AccountKind.APPLICATION, "平台 platform", frozenset({Role.CLERK})
    )
    found = find_account(conn, name)
    if found is not None:
        return _same(found, account)
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(_row(account, clock.now())))
    except sa.exc.IntegrityError:  # another process was making it
        return _same(require_account(conn, name), account)
    return account


def is_reserved(name: str) -> bool:
    """Whether an account of this name is the platform's own: nobody acts by it or is granted."""
    return name.endswith(_INCOMING)


def _refuse_reserved(name: str) -> None:
    if is_reserved(name):
        expected = f"a name that does not end in {_INCOMING}: those are the platform's own"
        zh = f"不以 {_INCOMING} 结尾的名称（平台自用）"
        raise InvalidAccount(name, "name", name, expected, zh)


def _same(found: Account, wanted: Account) -> Account:
    if found != wanted:
        raise AccountTaken(wanted.name)
    return found


def _checked(
    name: str, department_id: str, kind: str, responsible: str | None, roles: Collection[str]
) -> Account:
    if _NAME.fullmatch(name) is None:
        expected = "2 to 64 letters, digits, dots, hyphens"
        raise InvalidAccount(name, "name", name, expected, "2 至 64 个字母、数字、点或连字符")
    _refuse_reserved(name)
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
    _refuse_reserved(name)
    require_account(conn, name)
    prefix = secrets.token_hex(4)
    key = f"dt_{prefix}_{secrets.token_urlsafe(32)}"
    now = clock.now()
    row = {
        "key_sha256": key_hash(key),
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


def key_hash(key: str) -> str | None:
    """What a key is known by, SHA-256 in hex; None for a text that can be no key."""
    if _KEY.fullmatch(key) is None:
        return None
    return hashlib.sha256(key.encode()).hexdigest()


def find_keys(conn: sa.Connection, hashes: Collection[str]) -> dict[str, HeldKey]:
    """The keys of these hashes, by hash, revoked and expired ones too. One indexed SELECT."""
    rows = conn.execute(_BY_KEYS, {"hashes": list(hashes)})
    return {
        key_sha256: HeldKey(_account(facts), revoked_at, expires_at)
        for key_sha256, revoked_at, expires_at, *facts in rows
    }


def authenticate(conn: sa.Connection, key: str, now: datetime) -> Account:
    """The account of a key; UnknownKey, RevokedKey or ExpiredKey."""
    key_sha256 = key_hash(key)
    held = None if key_sha256 is None else find_keys(conn, [key_sha256]).get(key_sha256)
    if held is None:
        raise UnknownKey
    return held.account_at(now)


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


def with_live_key(conn: sa.Connection, now: datetime) -> frozenset[str]:
    """The names of the accounts that a key opens now."""
    held = account_keys.c.revoked_at.is_(None) & (account_keys.c.expires_at > now)
    return frozenset(conn.scalars(sa.select(account_keys.c.account).where(held).distinct()))


def _account(row: Sequence[Any]) -> Account:
    name, department_id, kind, responsible, roles = row
    held = frozenset(Role(role) for role in roles.split())
    return Account(name, department_id, AccountKind(kind), responsible, held)
