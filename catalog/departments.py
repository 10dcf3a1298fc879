"""Departments (部门): who provides and who uses data, known by a permanent short id; their tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from catalog.changes import note_department
from catalog.clock import Clock
from catalog.database import take_turns
from catalog.department_names import (
    all_names,
    ids_named,
    names_of,
    refresh_names,
    same_names,
    write_names,
)
from catalog.errors import DepartmentNotFound, DepartmentTaken, InvalidDepartment
from catalog.register_errors import DepartmentCodeFixed, DepartmentCycle, DepartmentNameShared
from catalog.tables import department_versions, records
from catalog.tables import departments as table
from standards.code_lists import CodeLists, load_code_lists
from standards.department_check import check_department
from standards.elements import optional_text
from standards.violations import errors_of

__all__ = [
    "Department",
    "add",
    "all_names",
    "by_name",
    "change",
    "find",
    "list_all",
    "refresh_all_names",
    "require",
    "require_named",
    "subordinates",
    "with_subordinates",
]


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

    @property
    def aliases(self) -> tuple[str, ...]:
        return names_of(self.document)[1:]


_FACTS = ("department_id", "code", "name", "duty", "division_code", "parent")
_SELECT = sa.select(*(table.c[name] for name in _FACTS), table.c.document)


def add(
    conn: sa.Connection,
    document: Mapping[str, Any],
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
    author: str | None = None,
) -> Department:
    """Register a department; the same document again changes nothing.

    Raises InvalidDepartment, DepartmentTaken (id or code belong to other facts) and
    DepartmentNotFound (the parent).
    """
    department = _checked(document, code_lists)
    if _is_there(conn, department):
        return department
    if department.parent is not None:
        require(conn, department.parent)
    row = {**_row(department), "added_at": clock.now()}
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(row))
    except sa.exc.IntegrityError:  # somebody else was adding one with this id or code
        if not _is_there(conn, department):
            raise
        return department
    _keep_version(conn, department, 1, author, clock)
    write_names(conn, department.department_id, document)
    return department


def change(
    conn: sa.Connection,
    document: Mapping[str, Any],
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
    author: str | None = None,
) -> tuple[Department, tuple[str, ...]]:
    """Change a registered department; gives it, and the names of the facts that changed.

    Its records are found by its new names as soon as the change is committed. Raises
    InvalidDepartment, DepartmentNotFound (itself, the parent), DepartmentCodeFixed,
    DepartmentTaken (the code), DepartmentCycle.
    """
    department = _checked(document, code_lists)
    # two changes that each look well may make a circle together
    take_turns(conn, "departments")
    before = _require_id(conn, department.department_id)
    changed = _different(before.document, document)
    if not changed:
        return before, ()
    _check_code(conn, before, department)
    _check_parent(conn, department)
    own = table.c.department_id == department.department_id
    conn.execute(sa.update(table).where(own).values(_row(department)))
    last = sa.select(sa.func.max(department_versions.c.version)).where(
        department_versions.c.department_id == department.department_id
    )
    _keep_version(conn, department, (conn.scalar(last) or 0) + 1, author, clock)
    if not same_names(before.document, document):
        write_names(conn, department.department_id, document)
        note_department(conn, department.department_id, clock.now())
    elif before.division_code != department.division_code:
        note_department(conn, department.department_id, clock.now())
    return department, changed


def _checked(document: Mapping[str, Any], code_lists: CodeLists | None) -> Department:
    violations = check_department(document, code_lists or load_code_lists())
    if errors_of(violations):
        raise InvalidDepartment(optional_text(document.get("department_id")), tuple(violations))
    facts = {name: document.get(name) for name in _FACTS}
    return Department(**facts, document=dict(document))  # type: ignore[arg-type]


def _row(department: Department) -> dict[str, Any]:
    facts = {name: getattr(department, name) for name in _FACTS}
    return {**facts, "document": department.document}


def _keep_version(
    conn: sa.Connection, department: Department, version: int, author: str | None, clock: Clock
) -> None:
    row = {
        "department_id": department.department_id,
        "version": version,
        "document": department.document,
        "author": author,
        "written_at": clock.now(),
    }
    conn.execute(sa.insert(department_versions).values(row))


def _is_there(conn: sa.Connection, given: Department) -> bool:
    """Whether this very department is registered; DepartmentTaken where others hold its facts."""
    found = find(conn, given.department_id) or find(conn, given.code)
    if found is None or found.document == given.document:
        return found is not None
    # the code of another department is what is wrong, whatever else differs
    same = found.department_id == given.department_id
    field = _different(found.document, given.document)[0] if same else "code"
    raise DepartmentTaken(given.department_id, field, value=str(given.document.get(field)))


def _different(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = sorted({*before, *after})
    return tuple(name for name in names if before.get(name) != after.get(name))


def _check_code(conn: sa.Connection, before: Department, after: Department) -> None:
    if before.code == after.code:
        return
    of_it = sa.select(records.c.resource_id).where(records.c.department_id == before.department_id)
    if conn.execute(of_it.limit(1)).first() is not None:
        raise DepartmentCodeFixed(before.department_id, credit_code=before.code)
    if find(conn, after.code) is not None:
        raise DepartmentTaken(after.department_id, "code", value=after.code)


def _check_parent(conn: sa.Connection, after: Department) -> None:
    if after.parent is None:
        return
    _require_id(conn, after.parent)
    if after.parent in with_subordinates(conn, after.department_id):
        raise DepartmentCycle(after.department_id, parent=after.parent)


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


def _require_id(conn: sa.Connection, department_id: str) -> Department:
    found = find(conn, department_id)
    if found is None or found.department_id != department_id:
        raise DepartmentNotFound(department_id)
    return found


def by_name(conn: sa.Connection, text: str) -> tuple[Department, ...]:
    """The departments that a text may mean, by id: their id, code, name, alias, or a known
    abbreviation (卫健委, 市人社局) with their place or without one."""
    found = find(conn, text.strip())
    if found is not None:
        return (found,)
    named = ids_named(conn, text)
    if not named:
        return ()
    query = _SELECT.where(table.c.department_id.in_(named)).order_by(table.c.department_id)
    return tuple(Department(**row) for row in conn.execute(query).mappings())


def require_named(conn: sa.Connection, text: str) -> Department:
    """The one department that a text means, or DepartmentNotFound, DepartmentNameShared."""
    found = by_name(conn, text)
    if not found:
        raise DepartmentNotFound(text)
    if len(found) > 1:
        raise DepartmentNameShared(text, departments=tuple(each.department_id for each in found))
    return found[0]


def with_subordinates(conn: sa.Connection, department_id: str) -> frozenset[str]:
    """The ids of a department and of all that stand below it, near and far."""
    own = sa.select(table.c.department_id).where(table.c.department_id == department_id)
    below = own.cte("below", recursive=True)
    # UNION, not UNION ALL: it would end even if there were a circle
    below = below.union(
        sa.select(table.c.department_id).join(below, table.c.parent == below.c.department_id)
    )
    return frozenset(conn.scalars(sa.select(below.c.department_id)))


def subordinates(conn: sa.Connection, department_id: str) -> tuple[str, ...]:
    """The ids of the departments that stand right below one."""
    query = sa.select(table.c.department_id).where(table.c.parent == department_id)
    return tuple(conn.scalars(query.order_by(table.c.department_id)))


def list_all(conn: sa.Connection) -> list[Department]:
    """All departments by id."""
    rows = conn.execute(_SELECT.order_by(table.c.department_id)).mappings()
    return [Department(**row) for row in rows]


def refresh_all_names(conn: sa.Connection) -> None:
    """Read the names of all departments by the words that this release knows."""
    refresh_names(conn, {each.department_id: each.document for each in list_all(conn)})
