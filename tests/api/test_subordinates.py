"""A department coordinates its subordinate units (SI-04): it reads their drafts, and no more."""

from __future__ import annotations

import pytest

from api.usecases import departments, records
from api.usecases.record_lists import RecordFilter, list_records
from api.usecases.records import act_on_record, show_record
from catalog.errors import NotPermitted, RecordNotFound
from tests.api.makers import World, a_department, a_record

BELOW = "11990100000000058G"
DRAFT = "patrols"


@pytest.fixture(scope="module")
def unit(world: World) -> World:
    """The world with a unit below the police that has written a draft."""
    station = a_department(
        department_id="station", code=BELOW, name="示例市公安局第一分局", parent="gongan"
    )
    departments.add_department(world.services, world.caller("admin"), station)
    world.account("station-steward", "steward", department="station")
    draft = a_record(resource_id=DRAFT, provider_code=BELOW, provider_name=station["name"])
    records.add_record(world.services, world.caller("station-steward"), draft)
    return world


def listed(world: World, account: str) -> set[str]:
    found = list_records(world.services, world.caller(account), RecordFilter())
    return {each.resource_id for each in found}


def test_those_above_read_what_a_unit_writes(unit: World) -> None:
    for account in ("station-steward", "gongan-steward", "gongan-reviewer", "auditor"):
        assert show_record(unit.services, unit.caller(account), DRAFT).state == "draft"
        assert DRAFT in listed(unit, account)


def test_no_one_beside_the_unit_and_no_clerk_above_it_reads_it(unit: World) -> None:
    unit.account("minzheng-steward", "steward", department="minzheng")
    for account in ("minzheng-steward", "gongan-clerk"):
        assert DRAFT not in listed(unit, account)
        with pytest.raises(RecordNotFound):
            show_record(unit.services, unit.caller(account), DRAFT)


def test_those_above_neither_write_nor_decide_for_a_unit(unit: World) -> None:
    with pytest.raises(NotPermitted):
        act_on_record(unit.services, unit.caller("gongan-steward"), DRAFT, "submit_register", None)
    act_on_record(unit.services, unit.caller("station-steward"), DRAFT, "submit_register", None)
    with pytest.raises(NotPermitted):
        act_on_record(unit.services, unit.caller("gongan-reviewer"), DRAFT, "agree", "同意")


def test_a_unit_does_not_read_what_those_above_write(unit: World) -> None:
    above = a_record(resource_id="headquarters")
    records.add_record(unit.services, unit.caller("gongan-steward"), above)
    assert "headquarters" not in listed(unit, "station-steward")
