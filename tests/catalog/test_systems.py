"""The register of information systems: who registers, what is kept, and how a record names one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import elements, records, registers, systems
from catalog.accounts import Account
from catalog.database import Database
from catalog.element_life import ElementAction
from catalog.errors import DepartmentNotFound, InvalidRecord, NotPermitted
from catalog.register_errors import (
    InvalidSystem,
    SystemNameShared,
    SystemNameTaken,
    SystemNotFound,
)
from catalog.roles import Role
from catalog.systems import SYSTEM_STATUS_NAMES, SystemStatus
from standards.code_lists import load_code_lists
from standards.record_check import check_record
from tests.catalog.makers import People, a_clock, a_person, a_record, an_item, settle
from tests.catalog.meanwhile import meanwhile


def a_system(**facts: Any) -> dict[str, Any]:
    document = {
        "system_id": "household-register",
        "name": "户籍管理系统",
        "department": "gongan",
        "description": "办理户口登记",
        "status": "running",
    }
    return {**document, **facts}


def add(conn: sa.Connection, actor: Account, **facts: Any) -> systems.System:
    return systems.add(conn, a_system(**facts), actor, a_clock())


def test_every_status_has_a_chinese_name_and_stands_in_the_schema() -> None:
    from standards.schema_check import load_schema

    assert set(SYSTEM_STATUS_NAMES) == set(SystemStatus)
    schema: Any = load_schema("system")
    assert set(schema["properties"]["status"]["enum"]) == set(SystemStatus)


def test_the_same_document_changes_nothing_and_another_one_is_kept_as_a_version(
    conn: sa.Connection, people: People
) -> None:
    first = add(conn, people.steward)
    assert add(conn, people.steward) == first
    second = add(conn, people.steward, status="retired", name="旧户籍管理系统")
    assert (second.version, second.status) == (2, SystemStatus.RETIRED)
    assert systems.require(conn, "旧户籍管理系统") == second
    kept = systems.history(conn, "household-register")
    assert [(each.version, each.author, each.document["status"]) for each in kept] == [
        (1, "steward", "running"),
        (2, "steward", "retired"),
    ]


def test_a_steward_registers_for_the_own_department_and_the_authority_for_all(
    conn: sa.Connection, people: People
) -> None:
    other = a_person(conn, "minzheng-steward", [Role.STEWARD], department="minzheng")
    for actor in (other, people.reviewer, people.application):
        with pytest.raises(NotPermitted):
            add(conn, actor)
    add(conn, people.authority)
    assert add(conn, people.steward, status="building").version == 2
    # neither may a steward give a system away, nor take it
    with pytest.raises(NotPermitted):
        add(conn, people.steward, department="minzheng")
    with pytest.raises(NotPermitted):
        add(conn, other, department="minzheng")
    administrator = a_person(conn, "admin", [Role.ADMIN], department="shuju")
    assert add(conn, administrator, department="minzheng").department_id == "minzheng"


def test_what_is_wrong_with_a_registration_is_said(conn: sa.Connection, people: People) -> None:
    with pytest.raises(InvalidSystem) as refused:
        add(conn, people.steward, status="planned")
    assert [each.rule for each in refused.value.faults] == ["system.status.value"]
    with pytest.raises(DepartmentNotFound):
        add(conn, people.authority, department="absent")
    add(conn, people.steward)
    with pytest.raises(SystemNameTaken):
        add(conn, people.steward, system_id="household-two")
    with pytest.raises(SystemNotFound):
        systems.require(conn, "absent")
    with pytest.raises(SystemNotFound):
        systems.history(conn, "absent")


def test_a_name_that_two_departments_use_names_neither(conn: sa.Connection, people: People) -> None:
    add(conn, people.steward)
    assert registers.read(conn).systems == {"household-register", "户籍管理系统"}
    add(conn, people.authority, system_id="other-register", department="minzheng")
    assert registers.read(conn).systems == {"household-register", "other-register"}
    with pytest.raises(SystemNameShared) as refused:
        systems.require(conn, "户籍管理系统")
    assert refused.value.systems == ("household-register", "other-register")
    assert [each.system_id for each in systems.list_all(conn, "minzheng")] == ["other-register"]
    assert [each.system_id for each in systems.list_all(conn)] == [
        "household-register",
        "other-register",
    ]
    [first] = systems.page(conn, limit=1)
    [second] = systems.page(conn, limit=1, cursor=first.system_id)
    assert second.system_id == "other-register"


@pytest.mark.parametrize("named", ["household-register", "户籍管理系统"])
def test_a_record_names_a_registered_system_by_id_or_name(
    conn: sa.Connection, people: People, named: str
) -> None:
    record = a_record(source_system=named)
    with pytest.raises(InvalidRecord) as refused:
        records.add_record(conn, record, people.steward, a_clock())
    assert [each.path for each in refused.value.faults] == ["source_system"]
    add(conn, people.steward)
    assert records.add_record(conn, record, people.steward, a_clock()).version == 1


NAMED = ("household-register", "户籍管理系统", "other-register", "absent", "\0", "\ud800", None, [])
ELEMENTS = ("person.name", "vehicle.plate_no", "absent", "\ud800", None, {})


def test_one_record_is_judged_by_what_it_names_as_by_the_whole_registers(
    conn: sa.Connection, people: People
) -> None:
    add(conn, people.steward)
    add(conn, people.authority, system_id="other-register", department="minzheng")
    plate = {"element_id": "vehicle.plate_no", "name": "号牌", "definition": "号牌号码"}
    proposal = {**plate, "data_type": "C", "length": 15, "level": 2}
    elements.propose(conn, proposal, people.steward, a_clock())
    agree = ElementAction.AGREE
    elements.act(conn, "vehicle.plate_no", agree, people.authority, "同意", a_clock())
    lists, whole = load_code_lists(), registers.read(conn)
    for named, element in product(NAMED, ELEMENTS):
        record = a_record(source_system=named, items=[an_item("plate", element=element)])
        narrow = registers.read_for(conn, record)
        assert check_record(record, lists, registers=narrow) == check_record(
            record, lists, registers=whole
        )


def test_of_two_registrations_at_once_one_comes_after_the_other(database: Database) -> None:
    with database.transaction() as conn:
        people = settle(conn)
    first, second = meanwhile(
        database, lambda c: add(c, people.steward), lambda c: add(c, people.steward)
    )
    assert second.result() == first
    _first, changed = meanwhile(
        database,
        lambda c: add(c, people.steward, status="building"),
        lambda c: add(c, people.steward, status="retired"),
    )
    assert changed.result().version == 3
