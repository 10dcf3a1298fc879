"""The register of information systems (信息系统登记): where the data of a record comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog import departments
from catalog.clock import Clock
from catalog.database import take_turns
from catalog.errors import NotPermitted
from catalog.record_rows import document_text
from catalog.register_errors import (
    InvalidSystem,
    SystemNameShared,
    SystemNameTaken,
    SystemNotFound,
)
from catalog.roles import Actor, Deed, Role
from catalog.tables import information_systems as table
from catalog.tables import system_versions as versions
from standards.elements import optional_text
from standards.system_check import check_system
from standards.violations import errors_of


class SystemStatus(StrEnum):
    RUNNING = "running"
    BUILDING = "building"
    RETIRED = "retired"

    @property
    def zh(self) -> str:
        return SYSTEM_STATUS_NAMES[self]


SYSTEM_STATUS_NAMES: Mapping[SystemStatus, str] = {
    SystemStatus.RUNNING: "在用",
    SystemStatus.BUILDING: "在建",
    SystemStatus.RETIRED: "停用",
}


@dataclass(frozen=True, slots=True)
class System:
    """A registered system; `version` counts its registrations, `document` is the last of them."""

    system_id: str
    department_id: str
    name: str
    status: SystemStatus
    version: int
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SystemVersion:
    """A system as it was registered, when and by whom."""

    version: int
    written_at: datetime
    author: str
    document: Mapping[str, Any]


_SELECT = sa.select(
    table.c.system_id,
    table.c.department_id,
    table.c.name,
    table.c.status,
    table.c.version,
    versions.c.document,
).join_from(
    table,
    versions,
    (versions.c.system_id == table.c.system_id) & (versions.c.version == table.c.version),
)


def add(conn: sa.Connection, document: Mapping[str, Any], actor: Actor, clock: Clock) -> System:
    """Register a system, or what has changed of it; the same document changes nothing.

    A steward registers for the own department, administrator and authority for all. Raises
    InvalidSystem, DepartmentNotFound, NotPermitted, SystemNameTaken.
    """
    violations = check_system(document)
    if errors_of(violations):
        raise InvalidSystem(optional_text(document.get("system_id")), violations)
    system_id, name = str(document["system_id"]), str(document["name"])
    department_id = departments.require(conn, str(document["department"])).department_id
    # two registrations of one id or name, or of what was a moment ago another department's
    take_turns(conn, "systems")
    found = find(conn, system_id)
    _check_right(actor, system_id, department_id, found)
    if found is not None and document_text(found.document) == document_text(document):
        return found
    _check_name(conn, system_id, name, department_id)
    version = 1 if found is None else found.version + 1
    status = SystemStatus(str(document["status"]))
    following = System(system_id, department_id, name, status, version, dict(document))
    facts = {
        column: getattr(following, column)
        for column in table.columns.keys()  # noqa: SIM118
    }
    if found is None:
        conn.execute(sa.insert(table).values(facts))
    else:
        conn.execute(sa.update(table).where(table.c.system_id == system_id).values(facts))
    _keep_version(conn, document, version, actor.name, clock)
    return following


def _check_right(actor: Actor, system_id: str, department_id: str, found: System | None) -> None:
    for_all = not {Role.ADMIN, Role.AUTHORITY}.isdisjoint(actor.roles)
    concerned = {department_id} if found is None else {department_id, found.department_id}
    if not for_all and (Role.STEWARD not in actor.roles or concerned != {actor.department_id}):
        raise NotPermitted(
            actor.name, action=Deed.REGISTER_SYSTEM, resource=system_id, role=Role.STEWARD
        )


def _check_name(conn: sa.Connection, system_id: str, name: str, department_id: str) -> None:
    taken = sa.select(table.c.system_id).where(
        table.c.department_id == department_id,
        table.c.name == name,
        table.c.system_id != system_id,
    )
    if conn.scalar(taken) is not None:
        raise SystemNameTaken(name, department=department_id)


def _keep_version(
    conn: sa.Connection, document: Mapping[str, Any], version: int, author: str, clock: Clock
) -> None:
    text, sha256 = document_text(document)
    row = {
        "system_id": document["system_id"],
        "version": version,
        "document": text,
        "sha256": sha256,
        "author": author,
        "written_at": clock.now(),
    }
    conn.execute(sa.insert(versions).values(row))


def find(conn: sa.Connection, system_id: str) -> System | None:
    row = conn.execute(_SELECT.where(table.c.system_id == system_id)).first()
    return None if row is None else _system(row)


def require(conn: sa.Connection, id_or_name: str) -> System:
    """The system of an id or an exact name, or SystemNotFound, SystemNameShared."""
    found = find(conn, id_or_name)
    if found is not None:
        return found
    query = _SELECT.where(table.c.name == id_or_name).order_by(table.c.system_id)
    named = [_system(row) for row in conn.execute(query)]
    if not named:
        raise SystemNotFound(id_or_name)
    if len(named) > 1:
        raise SystemNameShared(id_or_name, systems=tuple(each.system_id for each in named))
    return named[0]


def list_all(conn: sa.Connection, department_id: str | None = None) -> list[System]:
    """All systems, or those of one department, by id."""
    query = _SELECT.order_by(table.c.system_id)
    if department_id is not None:
        query = query.where(table.c.department_id == department_id)
    return [_system(row) for row in conn.execute(query)]


def page(conn: sa.Connection, *, limit: int, cursor: str | None = None) -> list[System]:
    """The next systems by id."""
    query = _SELECT.order_by(table.c.system_id).limit(limit)
    if cursor is not None:
        query = query.where(table.c.system_id > cursor)
    return [_system(row) for row in conn.execute(query)]


def names(conn: sa.Connection, only: str | None = None) -> frozenset[str]:
    """By what a record may name its system: every id, and every name that one system has alone.

    `only` reads those systems alone of which a text is the id or the name.
    """
    query = sa.select(table.c.system_id, table.c.name)
    if only is not None:
        query = query.where((table.c.system_id == only) | (table.c.name == only))
    by_name: dict[str, list[str]] = {}
    for system_id, name in conn.execute(query):
        by_name.setdefault(name, []).append(system_id)
    ids = {system_id for found in by_name.values() for system_id in found}
    return frozenset(ids | {name for name, found in by_name.items() if len(found) == 1})


def history(conn: sa.Connection, system_id: str) -> list[SystemVersion]:
    """Every registration of a system, oldest first; SystemNotFound."""
    query = sa.select(
        versions.c.version, versions.c.written_at, versions.c.author, versions.c.document
    ).where(versions.c.system_id == system_id)
    found = [
        SystemVersion(version, at, author, json.loads(text))
        for version, at, author, text in conn.execute(query.order_by(versions.c.version))
    ]
    if not found:
        raise SystemNotFound(system_id)
    return found


def _system(row: sa.Row[*tuple[Any, ...]]) -> System:
    system_id, department_id, name, status, version, text = row
    return System(system_id, department_id, name, SystemStatus(status), version, json.loads(text))
