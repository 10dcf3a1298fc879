"""Departments: registered by the administrator, listed for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.answers import DepartmentAnswer
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
            added = departments.add(conn, document, services.clock, code_lists=services.code_lists)
        trail.detail["department"] = added.department_id
    return _answer(added)


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
