"""Departments (部门): who provides and who uses data, known by a permanent short id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from catalog.clock import Clock
from catalog.errors import DepartmentNotFound, DepartmentTaken, InvalidDepartment
from catalog.tables import departments as table
from standards.code_lists import CodeLists, load_code_lists
from standards.department_check import check_department
from standards.elements import optional_text
from standards.violations import errors_of


@dataclass(frozen=True, slots=True)
class Department:
    """`code` is its unified social credit code, `duty` a code of list `duty`."""

    department_id: str
    code: str
    name: str
    duty: str | None
    division_code: str | None
    parent: str | None
    document: Mapping[str, Any]


_FACTS = ("department_id", "code", "name", "duty", "division_code", "parent")
_SELECT = sa.select(*(table.c[name] for name in _FACTS), table.c.document)


def add(
    conn: sa.Connection,
    document: Mapping[str, Any],
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
) -> Department:
    """Register a department; the same document again changes nothing.

    Raises InvalidDepartment, DepartmentTaken (id or code belong to other facts) and
    DepartmentNotFound (the parent).
    """
    violations = check_department(document, code_lists or load_code_lists())
    if errors_of(violations):
        raise InvalidDepartment(optional_text(document.get("department_id")), tuple(violations))
    facts = {name: document.get(name) for name in _FACTS}
    department = Department(**facts, document=dict(document))  # type: ignore[arg-type]
    if _is_there(conn, department):
        return department
    if department.parent is not None:
        require(conn, department.parent)
    row = {**facts, "document": department.document, "added_at": clock.now()}
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(row))
    except sa.exc.IntegrityError:  # somebody else was adding one with this id or code
        if not _is_there(conn, department):
            raise
    return department


def _is_there(conn: sa.Connection, given: Department) -> bool:
    """Whether this very department is registered; DepartmentTaken where others hold its facts."""
    found = find(conn, given.department_id) or find(conn, given.code)
    if found is None or found.document == given.document:
        return found is not None
    names = sorted({*found.document, *given.document})
    field = next(n for n in names if found.document.get(n) != given.document.get(n))
    raise DepartmentTaken(given.department_id, field, value=str(given.document.get(field)))


def find(conn: sa.Connection, id_or_code: str) -> Department | None:
    """By department id or unified social credit code (an id is lower case, so they never meet)."""
    same = (table.c.department_id == id_or_code) | (table.c.code == id_or_code)
    row = conn.execute(_SELECT.where(same)).mappings().first()
    return None if row is None else Department(**row)


def require(conn: sa.Connection, id_or_code: str) -> Department:
    """The department, or DepartmentNotFound."""
    found = find(conn, id_or_code)
    if found is None:
        raise DepartmentNotFound(id_or_code)
    return found


def list_all(conn: sa.Connection) -> list[Department]:
    """All departments by id."""
    rows = conn.execute(_SELECT.order_by(table.c.department_id)).mappings()
    return [Department(**row) for row in rows]
