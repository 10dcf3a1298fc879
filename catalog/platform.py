"""Setting up a platform: its own department, its secret salt, its first administrator."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from catalog import accounts, departments
from catalog.accounts import Account, AccountKind
from catalog.clock import Clock
from catalog.database import take_turns
from catalog.departments import Department
from catalog.lake_errors import NotInstalled
from catalog.roles import Role
from catalog.tables import platform_facts as table
from standards.code_lists import CodeLists

SALT = "salt"
DEPARTMENT = "department_id"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Installation:
    """`key` is the administrator's key, shown this once; None where it was set up before."""

    department: Department
    administrator: Account
    key: str | None


def install(
    conn: sa.Connection,
    document: Mapping[str, Any],
    administrator: str,
    responsible: str | None,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
) -> Installation:
    """Register the platform's department, make the salt and the first administrator.

    A platform that is set up already is answered as it is, without a new key. Raises what
    `departments.add` and `accounts.add_account` raise.
    """
    take_turns(conn, "install")
    if find_fact(conn, DEPARTMENT) is not None:
        owner = require_account(conn)
        return Installation(require_department(conn), owner, None)
    department = departments.add(conn, document, clock, code_lists=code_lists)
    account, key = accounts.add_account(
        conn,
        administrator,
        department.department_id,
        AccountKind.PERSON,
        responsible,
        [Role.ADMIN],
        clock,
    )
    set_fact(conn, DEPARTMENT, department.department_id, clock)
    set_fact(conn, SALT, secrets.token_hex(32), clock)
    set_fact(conn, ADMINISTRATOR, account.name, clock)
    return Installation(department, account, key)


def require_account(conn: sa.Connection) -> Account:
    """The first administrator, or NotInstalled."""
    return accounts.require_account(conn, require_fact(conn, ADMINISTRATOR))


def require_department(conn: sa.Connection) -> Department:
    """The department that runs the platform and provides the base views, or NotInstalled."""
    return departments.require(conn, require_fact(conn, DEPARTMENT))


def require_salt(conn: sa.Connection) -> str:
    """The secret from which subject ids and the hashes of the audit store are made."""
    return require_fact(conn, SALT)


def find_fact(conn: sa.Connection, name: str) -> str | None:
    return conn.scalar(sa.select(table.c.value).where(table.c.name == name))


def require_fact(conn: sa.Connection, name: str) -> str:
    """A fact of the platform, or NotInstalled."""
    found = find_fact(conn, name)
    if found is None:
        raise NotInstalled(name)
    return found


def set_fact(conn: sa.Connection, name: str, value: str, clock: Clock) -> None:
    """Write a fact once; the salt above all must never change, so a second value is refused."""
    row = {"name": name, "value": value, "recorded_at": clock.now()}
    conn.execute(sa.insert(table).values(row))
