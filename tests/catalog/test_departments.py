"""Departments: registered once, found by id or code."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import departments
from catalog.errors import DepartmentNotFound, DepartmentTaken, InvalidDepartment
from tests.catalog.makers import CIVIL_AFFAIRS, POLICE, People, a_clock, a_department


def test_a_department_is_found_by_id_and_by_code(conn: sa.Connection, people: People) -> None:
    found = departments.require(conn, "gongan")
    assert (found.code, found.duty, found.document) == (POLICE, "public_security", a_department())
    assert departments.require(conn, POLICE) == found
    with pytest.raises(DepartmentNotFound):
        departments.require(conn, "absent")


def test_the_same_department_again_changes_nothing(conn: sa.Connection, people: People) -> None:
    departments.add(conn, a_department(), a_clock())
    assert [each.department_id for each in departments.list_all(conn)] == [
        "gongan",
        "minzheng",
        "shuju",
    ]


@pytest.mark.parametrize(
    "facts", [{"name": "另一个名称"}, {"department_id": "jingcha"}, {"code": CIVIL_AFFAIRS}]
)
def test_an_id_or_code_that_is_taken_is_refused(
    conn: sa.Connection, people: People, facts: dict[str, str]
) -> None:
    with pytest.raises(DepartmentTaken):
        departments.add(conn, a_department(**facts), a_clock())


def test_a_department_needs_a_parent_that_is_there(conn: sa.Connection, people: People) -> None:
    branch = a_department(department_id="paichusuo", code="119901000000000430")
    with pytest.raises(DepartmentNotFound):
        departments.add(conn, {**branch, "parent": "absent"}, a_clock())
    assert departments.add(conn, {**branch, "parent": "gongan"}, a_clock()).parent == "gongan"


def test_a_department_with_errors_is_refused(conn: sa.Connection) -> None:
    with pytest.raises(InvalidDepartment):
        departments.add(conn, a_department(name=""), a_clock())
