"""一数一源 where it is shown: at writing, at submitting, and to whoever asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.usecases import records
from api.usecases.likeness import similar_to_document, similar_to_record
from catalog.errors import NotPermitted
from tests.api.conftest import Datong
from tests.api.makers import CIVIL, World, a_record
from tests.likeness.makers import an_item

SAID = (
    "的权威来源是示例市公安局，已由其「人口基本信息」提供，"
    "请申请共享，不必重复采集；确需登记请在意见中说明"
)


def of_civil_affairs(resource_id: str, name: str = "低保对象", **facts: Any) -> dict[str, Any]:
    columns = [
        an_item("公民身份号码", "person.id_number", id="id_number", length=18, key=True,
                identifier="citizen"),
        an_item("性别", "person.sex", id="sex", length=1, code_list="sex"),
        an_item("救助类别", id="relief", length=20),
    ]  # fmt: skip
    provider = {"provider_code": CIVIL, "provider_name": "示例市民政局"}
    return a_record(resource_id=resource_id, name=name, items=columns, **provider, **facts)


def test_who_writes_a_record_is_told_who_has_its_elements(world: World) -> None:
    written = records.add_record(
        world.services, world.caller("minzheng-steward"), of_civil_affairs("relief-1")
    )
    assert (written.state, written.similar_complete) == ("draft", True)
    assert written.similar is not None
    [found] = written.similar
    assert (found.resource_id, found.department_id) == ("population", "gongan")
    assert (found.verdict, found.territory) == ("provided_already", "same")
    assert [each.as_json() for each in found.elements] == [
        {"element": "person.sex", "name": "性别", "authoritative": True}
    ]
    assert found.items == ["性别"]
    assert found.zh == f"“性别”{SAID}"
    assert "apply for it" in found.en


def test_nothing_is_in_the_way_of_registering_all_the_same(world: World) -> None:
    steward = world.caller("minzheng-steward")
    records.add_record(world.services, steward, of_civil_affairs("relief-2"))
    submitted = records.act_on_record(
        world.services, steward, "relief-2", "submit_register", "办理救助须核实"
    )
    assert submitted.state == "register_review"
    assert submitted.similar is not None
    assert [each.resource_id for each in submitted.similar] == ["population"]
    reviewer = world.caller("minzheng-reviewer")
    agreed = records.act_on_record(world.services, reviewer, "relief-2", "agree", "同意")
    assert (agreed.state, agreed.similar, agreed.similar_complete) == ("registered", None, None)
    asked = similar_to_record(world.services, reviewer, "relief-2")
    assert asked.similar == submitted.similar


def test_without_an_index_a_record_is_written_and_it_is_said_that_more_may_be_there(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from catalog.search.finding import Search
    from catalog.search.place import Place

    monkeypatch.setitem(world.services.__dict__, "search", Search(Place(tmp_path / "none")))
    written = records.add_record(
        world.services, world.caller("minzheng-steward"), of_civil_affairs("relief-3")
    )
    assert written.state == "draft"
    assert (written.similar, written.similar_complete) == ([], False)


def test_a_damaged_index_fails_no_registration(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from catalog.search.finding import Search
    from catalog.search.place import Place

    place = world.services.search.place
    state = place.read_state()
    assert state is not None
    damaged = Place(tmp_path / "damaged")
    damaged.folder(state.folder).mkdir(parents=True)
    damaged.write_state(state)
    for file in place.folder(state.folder).iterdir():
        if file.is_file():
            content = file.read_bytes()
            broken = content if file.name == "meta.json" else content[: len(content) // 2]
            (damaged.folder(state.folder) / file.name).write_bytes(broken)
    monkeypatch.setitem(world.services.__dict__, "search", Search(damaged))
    written = records.add_record(
        world.services, world.caller("minzheng-steward"), of_civil_affairs("relief-4")
    )
    assert (written.similar, written.similar_complete) == ([], False)


def test_the_own_records_are_not_shown(world: World) -> None:
    found = similar_to_document(world.services, world.caller("gongan-steward"), a_record())
    assert (found.similar, found.complete) == ([], True)


def test_drafts_of_another_department_are_nobody_elses_business(world: World) -> None:
    steward = world.caller("minzheng-steward")
    records.add_record(world.services, steward, of_civil_affairs("relief-5"))
    with pytest.raises(NotPermitted):
        similar_to_record(world.services, steward, "population")
    asked = similar_to_record(world.services, world.caller("authority"), "relief-5")
    assert [each.resource_id for each in asked.similar] == ["population"]


def test_the_command_asks_for_a_record_or_a_file(
    world: World, datong: Datong, document: Callable[..., str]
) -> None:
    file = document(of_civil_affairs("relief-6"))
    by_file = json.loads(
        datong("record", "similar", file, "--as", "minzheng-steward", "--json").out
    )
    added = datong("record", "add", file, "--as", "minzheng-steward")
    assert f"[provided_already] population\n    “性别”{SAID}\n" in added.out
    assert "similar" not in added.out
    by_id = json.loads(
        datong("record", "similar", "relief-6", "--as", "minzheng-steward", "--json").out
    )
    assert by_file == by_id
    said = datong("record", "similar", "relief-6", "--as", "minzheng-steward")
    assert SAID in said.out
    unlike = document({"name": "河道水质", "items": "none"}, "other.json")
    nothing = datong("record", "similar", unlike, "--as", "minzheng-steward")
    assert "未发现" in nothing.out
    assert world.services.search.newest() is not None


def test_the_route_answers_what_the_command_does(
    world: World, http: httpx.Client, keyed: Callable[[str], dict[str, str]]
) -> None:
    sent = json.dumps(of_civil_affairs("relief-7"), ensure_ascii=False).encode()
    header = keyed("minzheng-steward")
    written = http.post("/v1/records", content=sent, headers=header).json()
    answer = http.get("/v1/records/relief-7/similar", headers=header)
    assert answer.status_code == 200
    assert answer.json() == {"similar": written["similar"], "complete": True}
    assert http.get("/v1/records/relief-7/similar").status_code == 401
    assert http.get("/v1/records/none/similar", headers=header).status_code == 404
