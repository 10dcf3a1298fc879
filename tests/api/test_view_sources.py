"""Which rows a view is built from while the record of a source changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.usecases import records, views
from api.usecases.lookup import Question, lookup
from tests.api.conftest import services_at
from tests.api.makers import ANNA, PURPOSE, RESOURCE, World, a_record, make_world


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[World]:
    services = services_at(tmp_path / "home")
    yield make_world(services)
    services.close()


def act(world: World, *steps: tuple[str, str]) -> None:
    for account, action in steps:
        records.act_on_record(world.services, world.caller(account), RESOURCE, action, "同意")


def revise(world: World, items: list[dict[str, Any]]) -> None:
    act(world, ("gongan-steward", "revise"))
    caller = world.caller("gongan-steward")
    records.add_record(world.services, caller, a_record(items=items))
    steps = (("gongan-steward", "submit_publish"), ("gongan-reviewer", "sign_secrecy"))
    act(world, *steps, ("authority", "agree"))


def source_of(world: World) -> dict[str, Any] | None:
    """Build the view and tell what it took from the source."""
    built = views.build_view(
        world.services, world.caller("operator"), "person", progress=lambda *_: None
    )
    found: dict[str, Any] | None = built.inputs.get(RESOURCE)
    return found


def cells(world: World) -> dict[str, Any]:
    question = Question("person", "citizen", ANNA, PURPOSE)
    answer = lookup(world.services, world.caller("hall-app"), question)
    return {name: (cell.value, cell.source) for name, cell in answer.cells.items()}


def test_rows_stay_in_the_view_until_a_new_generation_has_its_own(own_world: World) -> None:
    [number, _name, sex] = a_record()["items"]
    other_type = {"id": "name", "name": "姓名", "data_type": "I", "element": "person.name"}
    revise(own_world, [number, other_type, sex])
    source = source_of(own_world)
    assert source is not None
    assert (source["generation"], source["subjects"]) == (1, 2)
    assert cells(own_world)["name"] == ("安娜", RESOURCE)
    own_world.deliver(f"公民身份号码,姓名,性别\n{ANNA},7,2\n".encode(), data_time="2026-11-02")
    source = source_of(own_world)
    assert source is not None
    assert (source["generation"], source["subjects"]) == (2, 1)
    assert cells(own_world)["name"] == ("7", RESOURCE)


def test_rows_of_an_older_generation_are_shared_as_the_record_says_today(own_world: World) -> None:
    [number, name, _sex] = a_record()["items"]
    closed = {**name, "share_type": 3, "share_condition": "户口登记条例"}
    other_type = {"id": "sex", "name": "性别", "data_type": "I", "element": "person.sex"}
    revise(own_world, [number, closed, other_type])
    source = source_of(own_world)
    assert source is not None
    assert source["generation"] == 1
    assert cells(own_world)["name"] == (None, None)
    assert cells(own_world)["sex"] == ("2", RESOURCE)


def test_a_withdrawn_record_feeds_no_view(own_world: World) -> None:
    act(own_world, ("gongan-steward", "request_withdraw"), ("authority", "agree"))
    assert source_of(own_world) is None
    assert cells(own_world) == {}
