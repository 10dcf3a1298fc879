"""Departments: registered and changed by the administrator, listed for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from api.answers import DepartmentAnswer
from api.answers.registers import DepartmentChangeAnswer, DepartmentTreeAnswer
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog import departments

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.departments import Department


def add_department(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> DepartmentAnswer:
    """Register a department; raises InvalidDepartment, DepartmentTaken, DepartmentNotFound."""
    with watched(services, caller, UseCase.DEPARTMENT_ADD) as trail:
        with services.database.transaction() as conn:
            added = departments.add(
                conn,
                document,
                services.clock,
                code_lists=services.code_lists,
                author=caller.require().name,
            )
        trail.detail["department"] = added.department_id
    return _answer(added)


def change_department(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> DepartmentChangeAnswer:
    """Change a registered department; raises what `catalog.departments.change` raises."""
    with watched(services, caller, UseCase.DEPARTMENT_CHANGE) as trail:
        trail.detail["department"] = str(document.get("department_id"))
        with services.database.transaction() as conn:
            department, changed = departments.change(
                conn,
                document,
                services.clock,
                code_lists=services.code_lists,
                author=caller.require().name,
            )
            trail.detail["changed"] = " ".join(changed)
            tree = _tree(conn, department)
    return DepartmentChangeAnswer(**tree.model_dump(), changed=changed)


def show_department(services: Services, text: str) -> DepartmentTreeAnswer:
    """The department that an id, a code, a name, an alias or a known abbreviation means.

    Raises DepartmentNotFound, DepartmentNameShared.
    """
    with services.database.reading() as conn:
        return _tree(conn, departments.require_named(conn, text))


def department_tree(services: Services, id_or_code: str) -> DepartmentTreeAnswer:
    """A department by id or code; DepartmentNotFound."""
    with services.database.reading() as conn:
        return _tree(conn, departments.require(conn, id_or_code))


def list_departments(services: Services) -> list[DepartmentAnswer]:
    """All departments by id."""
    with services.database.reading() as conn:
        return [_answer(each) for each in departments.list_all(conn)]


def departments_after(services: Services, after: str | None, limit: int) -> list[DepartmentAnswer]:
    """The next departments by id. There are hundreds at most, so the cut is made here."""
    found = list_departments(services)
    return [each for each in found if after is None or each.department_id > after][:limit]


def _answer(found: Department) -> DepartmentAnswer:
    return DepartmentAnswer(
        department_id=found.department_id,
        code=found.code,
        name=found.name,
        duty=found.duty,
        division_code=found.division_code,
        parent=found.parent,
    )


def _tree(conn: sa.Connection, found: Department) -> DepartmentTreeAnswer:
    return DepartmentTreeAnswer(
        **_answer(found).model_dump(),
        aliases=found.aliases,
        subordinates=departments.subordinates(conn, found.department_id),
    )
