"""Registers by command and over HTTP: who sees and does what, and what the audit says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from standards.elements import load_elements
from tests.api.conftest import Datong, Ran
from tests.api.makers import World, a_department

Header = Callable[[str], dict[str, str]]


def a_plate(element_id: str = "vehicle.plate_no", **facts: Any) -> dict[str, Any]:
    return {
        "element_id": element_id,
        "name": f"号牌 {element_id}",
        "definition": "发给机动车的号牌号码",
        "data_type": "C",
        "length": 15,
        "level": 2,
        **facts,
    }


def a_system(system_id: str, **facts: Any) -> dict[str, Any]:
    return {
        "system_id": system_id,
        "name": f"系统 {system_id}",
        "department": "gongan",
        "description": "办理户口登记",
        "status": "running",
        "protection_level": 3,
        "url": "https://inner.example.gov.cn/",
        **facts,
    }


def answer_of(ran: Ran) -> Any:
    assert (ran.code, ran.err) == (0, ""), ran
    return json.loads(ran.out)


def code_of(ran: Ran) -> str:
    assert ran.code == 1, ran
    return str(json.loads(ran.err)["error"]["code"])


def test_an_element_goes_from_its_proposal_to_the_public_by_commands(
    datong: Datong, http: httpx.Client, document: Any
) -> None:
    steward, authority = ("--as", "gongan-steward", "--json"), ("--as", "authority", "--json")
    file = document(a_plate("cmd.plate", synonyms=["身份证号"]))
    proposed = answer_of(datong("element", "propose", file, *steward))
    assert (proposed["state"], proposed["version"]) == ("proposed", 1)
    assert [each["element_id"] for each in proposed["similar"]] == ["person.id_number"]
    assert http.get("/v1/elements/cmd.plate").json()["type"] == "/problems/element-not-found"
    assert code_of(datong("element", "show", "cmd.plate", "--json")) == "element-not-found"
    shown = answer_of(datong("element", "show", "cmd.plate", *authority))
    assert (shown["department_id"], shown["similar"]) == ("gongan", proposed["similar"])
    waiting = answer_of(datong("element", "list", "--state", "proposed", *authority))
    assert "cmd.plate" in {each["element_id"] for each in waiting}
    agree = ("element", "do", "agree", "cmd.plate")
    assert code_of(datong(*agree, *authority)) == "opinion-missing"
    done = answer_of(datong(*agree, "--opinion", "定义清楚", *authority))
    assert (done["state"], done["similar"]) == ("adopted", [])
    public = http.get("/v1/elements/cmd.plate").json()
    assert public == answer_of(datong("element", "show", "cmd.plate", "--json"))
    assert "similar" not in public
    steps = answer_of(datong("element", "history", "cmd.plate", *authority))
    assert [(step["action"], step["account"], step["opinion"]) for step in steps] == [
        ("propose", "gongan-steward", None),
        ("agree", "authority", "定义清楚"),
    ]


def test_who_reads_without_json_sees_what_may_be_the_same(datong: Datong, document: Any) -> None:
    file = document(a_plate("seen.plate", synonyms=["姓名"]))
    ran = datong("element", "propose", file, "--as", "gongan-steward")
    assert "可能重复" in ran.out
    assert "person.name" in ran.out
    assert "person.name" in datong("element", "list").out
    assert "propose" in datong("element", "history", "seen.plate", "--as", "authority").out


def test_elements_are_proposed_and_decided_over_http(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    steward, authority = keyed("gongan-steward"), keyed("authority")
    faulty = http.post("/v1/elements", json=a_plate("Plate"), headers=steward)
    assert (faulty.status_code, faulty.json()["type"]) == (422, "/problems/invalid-document")
    assert [each["rule"] for each in faulty.json()["violations"]] == ["element.element_id.format"]
    unwritable = '{"element_id": "web.plate", "level": NaN, "name": "\\ud800"}'
    sent = {**steward, "content-type": "application/json"}
    answer = http.post("/v1/elements", content=unwritable, headers=sent)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-document")
    proposed = http.post("/v1/elements", json=a_plate("web.plate"), headers=steward)
    assert (proposed.status_code, proposed.json()["state"]) == (200, "proposed")
    actions = "/v1/elements/web.plate/actions"
    decision = {"action": "agree", "opinion": "同意采用"}
    assert http.post(actions, json=decision, headers=authority).json()["state"] == "adopted"
    again = http.post(actions, json=decision, headers=authority).json()
    assert (again["state"], again["revision"]) == ("adopted", 2)
    for body, slug in (
        ({"action": "bless"}, "not-one-of"),
        ({"action": "propose"}, "not-one-of"),
        ({"action": "retire"}, "opinion-missing"),
        ({"act": "agree"}, "invalid-request"),
    ):
        refused = http.post(actions, json=body, headers=authority)
        assert (refused.status_code, refused.json()["type"]) == (422, f"/problems/{slug}")
    shipped = http.post("/v1/elements", json=a_plate("person.name"), headers=steward)
    assert (shipped.status_code, shipped.json()["type"]) == (409, "/problems/element-shipped")
    lines = [line for line in world.audit() if line["detail"].get("element") == "web.plate"]
    assert {(line["action"], line["result"]) for line in lines} >= {
        ("element.propose", "ok"),
        ("element.do", "ok"),
        ("element.do", "opinion-missing"),
    }


def test_the_public_list_of_elements_is_paged_and_searched(http: httpx.Client) -> None:
    seen: list[str] = []
    url = "/v1/elements?limit=50"
    while url:
        page = http.get(url).json()
        assert {item["state"] for item in page["items"]} <= {"adopted", "changing"}
        seen += [item["element_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        url = f"/v1/elements?limit=50&cursor={cursor}" if cursor else ""
    assert seen == sorted(seen)
    assert set(load_elements()) <= set(seen)
    found = http.get("/v1/elements?q=身份证号").json()["items"]
    assert "person.id_number" in {item["element_id"] for item in found}


def test_a_system_is_registered_and_shows_its_address_to_those_alone_who_answer_for_it(
    datong: Datong, http: httpx.Client, document: Any
) -> None:
    steward = ("--as", "gongan-steward", "--json")
    added = answer_of(datong("system", "add", document(a_system("hukou-cmd")), *steward))
    assert (added["version"], added["protection_level"]) == (1, 3)
    assert answer_of(datong("system", "add", document(a_system("hukou-cmd")), *steward)) == added
    changed = document(a_system("hukou-cmd", status="retired"))
    assert answer_of(datong("system", "add", changed, *steward))["version"] == 2
    assert (
        code_of(
            datong("system", "add", document(a_system("x-two", department="minzheng")), *steward)
        )
        == "not-permitted"
    )
    public = answer_of(datong("system", "show", "系统 hukou-cmd", "--json"))
    assert not {"url", "protection_level"} & public.keys()
    [listed] = [
        each
        for each in http.get("/v1/systems?limit=500").json()["items"]
        if each["system_id"] == "hukou-cmd"
    ]
    assert listed == public
    assert answer_of(datong("system", "show", "hukou-cmd", *steward))["url"].startswith("https")
    kept = answer_of(datong("system", "history", "hukou-cmd", *steward))
    assert [each["document"]["status"] for each in kept] == ["running", "retired"]
    named = answer_of(datong("system", "list", "--department", "市公安局", "--json"))
    assert public in named
    assert "hukou-cmd" in datong("system", "list").out
    assert "retired" in datong("system", "history", "hukou-cmd", "--as", "gongan-steward").out
    assert answer_of(datong("system", "list", "--department", "minzheng", "--json")) == []
    assert code_of(datong("system", "show", "absent", "--json")) == "system-not-found"


def test_systems_are_paged_by_id(http: httpx.Client, world: World) -> None:
    from api.usecases.systems import add_system

    for number in range(3):
        add_system(world.services, world.caller("authority"), a_system(f"paged-{number}"))
    seen: list[str] = []
    url = "/v1/systems?limit=1"
    while url:
        page = http.get(url).json()
        seen += [item["system_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        url = f"/v1/systems?limit=1&cursor={cursor}" if cursor else ""
    assert seen == sorted(set(seen))
    assert {"paged-0", "paged-1", "paged-2"} <= set(seen)


def test_a_department_is_changed_and_found_by_what_it_is_called(
    datong: Datong, http: httpx.Client, document: Any, world: World
) -> None:
    admin = ("--as", "admin", "--json")
    health = a_department(
        department_id="weijian",
        code="11990100799001046A",
        name="示例市卫生健康委员会",
        duty="health",
        contact={"name": "数据专员", "phone": "0999-9900104"},
    )
    answer_of(datong("department", "add", document(health), *admin))
    other = {**health, "parent": "datong", "aliases": ["健康大楼"]}
    assert code_of(datong("department", "add", document(other), *admin)) == "department-taken"
    changed = answer_of(datong("department", "change", document(other), *admin))
    assert changed["changed"] == ["aliases", "parent"]
    again = answer_of(datong("department", "change", document(other), *admin))
    assert again["changed"] == []
    shown = http.get("/v1/departments/weijian").json()
    assert (shown["aliases"], shown["parent"]) == (["健康大楼"], "datong")
    assert "数据专员" not in json.dumps(shown, ensure_ascii=False)
    assert "weijian" in http.get("/v1/departments/datong").json()["subordinates"]
    for text in ("weijian", "健康大楼", "市卫健委", "卫健委", "11990100799001046A"):
        assert answer_of(datong("department", "show", text, "--json")) == shown
    missing = http.get("/v1/departments/absent")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/department-not-found")
    cycle = document({**a_department(department_id="datong"), "parent": "weijian"})
    assert code_of(datong("department", "change", cycle, *admin)) in {
        "department-taken",
        "department-cycle",
        "department-code-fixed",
    }
    [line] = [
        line
        for line in world.audit()
        if line["action"] == "department.change" and line["detail"].get("changed")
    ]
    assert line["detail"] == {"department": "weijian", "changed": "aliases parent"}


@pytest.mark.parametrize("name", ["admin", "auditor"])
def test_accounts_are_listed_with_what_they_may_and_whether_a_key_is_in_force(
    datong: Datong, world: World, name: str
) -> None:
    world.account("keyless", "clerk")
    assert datong("account", "revoke-key", "keyless", "--as", "admin").code == 0
    ran = datong("account", "list", "--as", name, "--json")
    lines = {each["account"]: each for each in answer_of(ran)}
    assert lines["gongan-clerk"] == {
        "account": "gongan-clerk",
        "department_id": "gongan",
        "kind": "person",
        "responsible": "某人",
        "roles": ["clerk"],
        "live_key": True,
    }
    assert lines["keyless"]["live_key"] is False
    assert "dt_" not in ran.out
    of_one = answer_of(
        datong("account", "list", "--department", "市民政局", "--as", name, "--json")
    )
    assert {each["department_id"] for each in of_one} == {"minzheng"}
    assert "否 no" in datong("account", "list", "--as", name).out
