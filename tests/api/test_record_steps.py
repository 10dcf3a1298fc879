"""Steps in the life of records by command and over HTTP: one, many, scheduled, and who is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx
import pytest

from api.bootstrap import Services
from api.usecases import departments, record_steps, records
from api.worker.housekeeping import TASKS
from catalog.clock import ManualClock
from tests.api.conftest import Datong
from tests.api.makers import ANNA, RESOURCE, World, a_department, a_grant, a_record

Header = Callable[[str], dict[str, str]]
AGREED = ("--opinion", "同意")


@pytest.fixture
def drafts(world: World, request: pytest.FixtureRequest) -> list[str]:
    """Three drafts of this test alone."""
    stem = f"t{crc32(request.node.name.encode())}"
    names = [f"{stem}-{letter}" for letter in "abc"]
    steward = world.caller("gongan-steward")
    for name in names:
        records.add_record(world.services, steward, a_record(resource_id=name, name=name))
    return names


def step(world: World, account: str, action: str, *resources: str) -> None:
    for resource in resources:
        records.act_on_record(world.services, world.caller(account), resource, action, "同意")


def test_many_records_take_a_step_each_on_its_own(
    datong: Datong, world: World, drafts: list[str]
) -> None:
    step(world, "gongan-steward", "submit_register", *drafts[:2])
    asked = ("record", "do", "agree", *drafts, "none-such", *AGREED)
    before = len(world.audit())
    ran = datong(*asked, "--as", "gongan-reviewer", "--json")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert (told["done"], told["failed"]) == (2, 2)
    assert [each["done"] for each in told["results"]] == [True, True, False, False]
    assert told["results"][0]["record"]["state"] == "registered"
    codes = [each["error"]["code"] for each in told["results"][2:]]
    assert codes == ["not-in-state", "resource-not-found"]
    lines = [line for line in world.audit()[before:] if line["action"] == "record.do"]
    assert [(line["resource"], line["result"]) for line in lines] == [
        (drafts[0], "ok"),
        (drafts[1], "ok"),
        (drafts[2], "not-in-state"),
        ("none-such", "resource-not-found"),
    ]
    assert datong(*asked[:5], *AGREED, "--as", "gongan-reviewer", "--json").code == 0


def test_records_are_named_by_a_file(datong: Datong, drafts: list[str], tmp_path: Path) -> None:
    file = tmp_path / "records.txt"
    file.write_text("\n".join([*drafts, "", drafts[0]]), encoding="utf-8")
    asked = ("record", "do", "submit_register", "--all-of", str(file))
    ran = datong(*asked, "--as", "gongan-steward", "--json")
    assert (ran.code, json.loads(ran.out)["done"]) == (0, 3)
    shown = datong(*asked, "--as", "gongan-steward")
    assert "办成 3，未成 0" in shown.out


@pytest.mark.parametrize("named", [(), ("a", "--queue"), ("--all-of", __file__, "--queue")])
def test_records_are_named_in_one_way(datong: Datong, named: tuple[str, ...]) -> None:
    assert datong("record", "do", "agree", *named, "--as", "authority").code == 2


def test_all_that_waits_is_agreed_to_at_once(
    datong: Datong, world: World, drafts: list[str]
) -> None:
    def queued(account: str) -> dict[str, str]:
        found = json.loads(datong("record", "queue", "--as", account, "--json").out)
        return {each["resource_id"]: each["task"] for each in found}

    step(world, "gongan-steward", "submit_register", *drafts)
    mine = queued("gongan-reviewer")
    assert {mine[name] for name in drafts} == {"review_registration"}
    asked = ("record", "do", "agree", "--queue", *AGREED)
    assert datong(*asked, "--as", "gongan-reviewer", "--json").code == 0
    step(world, "gongan-steward", "submit_publish", *drafts)
    assert {queued("gongan-reviewer")[name] for name in drafts} == {"sign_secrecy"}
    ran = datong(*asked, "--as", "gongan-reviewer", "--json")  # to sign is another step
    assert not {each["resource"] for each in json.loads(ran.out)["results"]} & set(drafts)
    signing = ("record", "do", "sign_secrecy", "--queue", "--opinion", "不涉密")
    assert datong(*signing, "--as", "gongan-reviewer", "--json").code == 0
    only = ("--task", "review_publication")
    ran = datong(*asked, *only, "--as", "authority", "--json")
    assert {each["resource"] for each in json.loads(ran.out)["results"]} >= set(drafts)
    assert not queued("authority").keys() & set(drafts)
    assert "没有待办" in datong("record", "queue", "--task", "correct", "--as", "authority").out


def test_what_is_scheduled_is_published_by_housekeeping_and_by_command(
    world: World, datong: Datong, drafts: list[str]
) -> None:
    for actor, action in (
        ("gongan-steward", "submit_register"),
        ("gongan-reviewer", "agree"),
        ("gongan-steward", "submit_publish"),
        ("gongan-reviewer", "sign_secrecy"),
    ):
        step(world, actor, action, *drafts)
    asked = ("record", "do", "agree", *drafts, *AGREED, "--publish-at", "2199-01-01T08:00")
    ran = datong(*asked, "--as", "authority", "--json")
    assert {each["record"]["state"] for each in json.loads(ran.out)["results"]} == {"scheduled"}
    shown = json.loads(datong("record", "show", drafts[0], "--as", "authority", "--json").out)
    assert shown["process"]["publish_at"] == "2199-01-01T08:00:00+08:00"
    step(world, "authority", "cancel_schedule", drafts[2])
    assert record_steps.publish_when_due(world.services) == 0

    moment = world.services.clock.now().replace(year=2199)
    later = Services(world.services.settings, ManualClock(moment), world.services.ids)
    [task] = [task for task in TASKS if task.name == "publish-due"]
    assert task.do(later) == 2
    later.close()
    lines = [each for each in world.audit() if each["action"] == "record.publish_due"]
    told = {each["resource"]: each["detail"] for each in lines}
    assert told == {name: {"state": "published"} for name in drafts[:2]}
    listed = json.loads(datong("record", "list", "--json").out)
    assert {each["resource_id"] for each in listed} & set(drafts) == set(drafts[:2])
    done = datong("record", "publish-due", "--as", "operator", "--json")
    assert json.loads(done.out) == {"published": [], "returned": []}


def test_a_difference_is_told_in_sentences(
    datong: Datong, world: World, drafts: list[str], http: httpx.Client, keyed: Header
) -> None:
    changed = a_record(resource_id=drafts[0], name=drafts[0])
    changed["items"][1]["length"] = 80
    records.add_record(world.services, world.caller("gongan-steward"), changed)
    said = datong("record", "diff", drafts[0], "--as", "gongan-steward").out
    assert said == "信息项 姓名：长度 50 → 80\n"
    url = f"/v1/records/{drafts[0]}/diff"
    answer = http.get(f"{url}?before=1&after=2", headers=keyed("authority")).json()
    [difference] = answer["items"]
    assert (difference["path"], difference["before"]) == ("items/name/length", 50)
    assert difference["en"] == "item 姓名: length 50 → 80"
    none = http.get(f"{url}?before=1&after=9", headers=keyed("authority"))
    assert (none.status_code, none.json()["type"]) == (404, "/problems/version-not-found")


def test_a_record_goes_its_way_over_http(http: httpx.Client, keyed: Header) -> None:
    steward = keyed("gongan-steward")
    document = a_record(resource_id="by-http", name="接口写入的记录")
    added = http.post("/v1/records", json=document, headers=steward)
    assert (added.status_code, added.json()["state"]) == (200, "draft")
    assert added.headers["etag"] == '"1"'
    text = json.dumps({**document, "abstract": "改后的摘要"}, ensure_ascii=False, indent=1)
    kinds = {"Content-Type": "application/yaml", "If-Match": '"7"'}
    stale = http.post("/v1/records", content=text.encode(), headers={**steward, **kinds})
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/stale-revision")
    fresh = {**steward, **kinds, "If-Match": added.headers["etag"]}
    assert http.post("/v1/records", content=text.encode(), headers=fresh).json()["version"] == 2
    odd = http.post("/v1/records", content=text.encode(), headers={**steward, "If-Match": "x"})
    assert odd.json()["type"] == "/problems/bad-request"

    def act(account: str, action: str, **told: Any) -> httpx.Response:
        url = "/v1/records/by-http/actions"
        return http.post(url, json={"action": action, **told}, headers=keyed(account))

    assert act("gongan-steward", "submit_register").json()["state"] == "register_review"
    assert act("gongan-reviewer", "agree").json()["type"] == "/problems/opinion-missing"
    assert act("gongan-reviewer", "agree", opinion="好").json()["state"] == "registered"
    assert act("gongan-steward", "bind").json()["state"] == "registered"
    bound = http.get("/v1/records/by-http/bindings", headers=steward).json()["items"]
    assert [each["target"] for each in bound] == ["incoming/by-http"]
    late = act("gongan-steward", "submit_publish", expected_revision=2)
    assert late.json()["type"] == "/problems/stale-revision"
    assert act("gongan-steward", "submit_publish").json()["state"] == "publish_review"
    unsigned = act("authority", "agree", opinion="好")
    assert (unsigned.status_code, unsigned.json()["type"]) == (409, "/problems/secrecy-unsigned")
    signed = act("gongan-reviewer", "sign_secrecy", opinion="不涉密", impact="含号码")
    assert signed.status_code == 200
    shown = http.get("/v1/records/by-http", headers=steward)
    assert shown.json()["process"]["secrecy_reviews"][0]["impact_note"] == "含号码"
    assert shown.headers["etag"] == f'"{signed.json()["revision"]}"'
    assert act("authority", "agree", opinion="好").json()["state"] == "published"
    assert act("gongan-steward", "bless").json()["type"] == "/problems/not-one-of"
    reasonless = act("gongan-steward", "request_withdraw")
    assert reasonless.json()["type"] == "/problems/reason-missing"

    seen: list[str] = []
    url = "/v1/records/by-http/history?limit=3"
    while url:
        page = http.get(url, headers=steward).json()
        seen += [line["action"] for line in page["items"]]
        cursor = page["next_cursor"]
        url = f"/v1/records/by-http/history?limit=3&cursor={cursor}" if cursor else ""
    assert seen == [
        "write", "write", "submit_register", "agree", "bind", "submit_publish", "sign_secrecy",
        "agree",
    ]  # fmt: skip
    public = http.get("/v1/resources/by-http").json()
    assert public["process"] is None
    assert public["next_due"] > public["publish_date"]


def test_many_records_take_a_step_over_http(
    http: httpx.Client, keyed: Header, drafts: list[str]
) -> None:
    body = {"action": "submit_register", "resources": [*drafts, "none-such"]}
    answer = http.post("/v1/records/actions", json=body, headers=keyed("gongan-steward"))
    assert answer.status_code == 200
    assert (answer.json()["done"], answer.json()["failed"]) == (3, 1)
    refused = http.post("/v1/records/actions", json=body, headers=keyed("minzheng-clerk"))
    assert refused.json()["type"] == "/problems/role-not-allowed"
    waiting = http.get("/v1/records/queue?limit=500", headers=keyed("gongan-reviewer")).json()
    assert {each["resource_id"] for each in waiting["items"]} >= set(drafts)


def test_a_check_over_http_gives_the_verdict_of_the_command(
    http: httpx.Client, datong: Datong, document: Any
) -> None:
    for record in (a_record(), a_record(share_type=7, update_cycle="often")):
        text = json.dumps(record, ensure_ascii=False, indent=1)
        told = http.post("/v1/records/check", content=text.encode()).json()
        path = Path(document(record))
        path.write_text(text, encoding="utf-8")
        assert told == json.loads(datong("record", "check", str(path), "--json").out)
    assert not told["valid"]
    line = text.splitlines().index(' "share_type": 7,') + 1
    assert f"第 {line} 行" in {each["place"] for each in told["violations"]}
    broken = http.post("/v1/records/check", content=b"name: [1\n")
    assert (broken.status_code, broken.json()["type"]) == (422, "/problems/unreadable-document")
    latin = http.post("/v1/records/check", content="名".encode("gb18030"))
    assert latin.json()["type"] == "/problems/bad-request"


def test_a_long_record_is_read_and_one_without_end_is_not(http: httpx.Client) -> None:
    long = a_record(abstract="长" * 100_000)
    assert http.post("/v1/records/check", json=long).json()["valid"] is False
    endless = http.post("/v1/records/check", content=b"x" * (4 * 1024 * 1024 + 1))
    assert endless.status_code == 413


@pytest.fixture
def family(world: World) -> Iterator[str]:
    """A department below the police, with a registered record and a draft; its steward."""
    admin = world.caller("admin")
    code = "119901000000005100"
    below = a_department(department_id="paichusuo", code=code, name="样例派出所", parent="gongan")
    departments.add_department(world.services, admin, below)
    for role in ("steward", "reviewer"):
        world.account(f"paichusuo-{role}", role, department="paichusuo")
    steward = world.caller("paichusuo-steward")
    for name in ("of-below", "of-below-draft"):
        facts = {"provider_code": code, "provider_name": "样例派出所", "resource_id": name}
        records.add_record(world.services, steward, a_record(**facts))
    step(world, "paichusuo-steward", "submit_register", "of-below")
    step(world, "paichusuo-reviewer", "agree", "of-below")
    return "paichusuo-steward"


def test_a_department_has_a_catalogue_of_its_own(
    http: httpx.Client, keyed: Header, datong: Datong, world: World, family: str
) -> None:
    url = "/v1/departments/paichusuo/resources"
    for account in (family, "gongan-steward", "authority", "auditor"):
        found = http.get(url, headers=keyed(account)).json()["items"]
        assert [(each["resource_id"], each["state"]) for each in found] == [
            ("of-below", "registered")
        ]
    world.account("minzheng-steward", "steward", department="minzheng")
    foreign = http.get(url, headers=keyed("minzheng-steward"))
    assert (foreign.status_code, foreign.json()["type"]) == (403, "/problems/not-permitted")
    # those above read the drafts of a unit, nobody beside it does
    drafts = "/v1/records?department=paichusuo"
    above = http.get(drafts, headers=keyed("gongan-steward")).json()["items"]
    assert {each["resource_id"] for each in above} == {"of-below", "of-below-draft"}
    beside = http.get(drafts, headers=keyed("minzheng-steward"))
    assert beside.json()["type"] == "/problems/not-permitted"
    own = http.get("/v1/records?limit=500", headers=keyed(family)).json()["items"]
    assert {each["resource_id"] for each in own} == {"of-below", "of-below-draft"}
    asked = ("record", "list", "--catalogue")
    listed = json.loads(datong(*asked, "own", "--as", family, "--json").out)
    assert [each["resource_id"] for each in listed] == ["of-below"]
    shared = json.loads(datong(*asked, "shared", "--as", family, "--json").out)
    assert {each["state"] for each in shared} == {"published"}
    assert datong(*asked, "both", "--as", family).code == 2


def test_who_held_a_grant_is_told_of_a_withdrawal(
    world: World, datong: Datong, http: httpx.Client, keyed: Header
) -> None:
    world.publish(a_record(resource_id="soon-gone", name="将下架的资源"))
    from api.usecases import grants

    authority = world.caller("authority")
    grants.add_grant(world.services, authority, a_grant(resource="soon-gone", items=["name"]))
    step(world, "gongan-steward", "request_withdraw", "soon-gone")
    step(world, "authority", "agree", "soon-gone")
    page = http.get("/v1/notices?unread=true", headers=keyed("hall-app")).json()
    newest = page["items"][0]
    assert (newest["resource_id"], newest["kind"]) == ("soon-gone", "rights_ended")
    url = f"/v1/notices/{newest['notice_id']}/read"
    assert http.post(url, headers=keyed("bare-app")).status_code == 404
    read = http.post(url, headers=keyed("hall-app")).json()
    assert read["read_by"] == "hall-app"
    still = http.get("/v1/notices?unread=true", headers=keyed("hall-app")).json()
    assert newest["notice_id"] not in {each["notice_id"] for each in still["items"]}
    told = json.loads(datong("notice", "list", "--as", "minzheng-clerk", "--json").out)
    of_department = next(each for each in told if each["resource_id"] == "soon-gone")
    assert of_department["account"] is None
    shown = datong("notice", "read", of_department["notice_id"], "--as", "minzheng-clerk")
    assert "将下架的资源" in shown.out


def test_what_is_not_shared_is_public_with_its_law(
    world: World, datong: Datong, http: httpx.Client
) -> None:
    document = a_record(
        resource_id="closed-cases",
        share_type=3,
        share_condition="《刑事诉讼法》第五十四条",
        non_share_reason_type=1,
        non_share_basis={"basis": "other_law", "clause": "《刑事诉讼法》第五十四条"},
    )
    del document["share_method"]
    world.publish(document)
    listed = http.get("/v1/negative-list").json()["items"]
    entry = next(each for each in listed if each["resource_id"] == "closed-cases")
    assert (entry["basis_name"], entry["overdue"]) == ("其他法律", False)
    assert "approved_by" not in entry  # whose name that is, is nobody's business outside
    overdue = http.get("/v1/negative-list?overdue=true").json()["items"]
    assert "closed-cases" not in {each["resource_id"] for each in overdue}
    told = datong("negative", "list", "--department", "gongan", "--as", "gongan-clerk")
    assert "《刑事诉讼法》" in told.out
    moment = world.services.clock.now() + timedelta(days=500)
    later = Services(world.services.settings, ManualClock(moment), world.services.ids)
    from api.usecases.negative_list import whole_negative_list

    late = whole_negative_list(later, overdue_only=True)
    assert "closed-cases" in {each.resource_id for each in late}
    later.close()
    confirmed = datong(
        "negative",
        "confirm",
        "closed-cases",
        "--opinion",
        "依据未变",
        "--as",
        "authority",
        "--json",
    )
    assert json.loads(confirmed.out)["state"] == "published"


def test_the_binding_rate_is_told_by_department_and_in_all(
    world: World, datong: Datong, http: httpx.Client, keyed: Header
) -> None:
    step(world, "gongan-steward", "bind", RESOURCE)
    rates = http.get("/v1/statistics/bindings", headers=keyed("authority")).json()
    police = next(each for each in rates["departments"] if each["department_id"] == "gongan")
    assert police["filled"] >= 1
    assert police["rate"] == round(police["filled"] / police["published"], 4)
    assert rates["total"]["published"] == sum(each["published"] for each in rates["departments"])
    one = json.loads(
        datong("record", "bindings", "--department", "minzheng", "--as", "authority", "--json").out
    )
    assert one["departments"] == []
    assert one["total"] == {
        "department_id": "minzheng", "published": 0, "bound": 0, "filled": 0, "rate": None,
    }  # fmt: skip
    shown = datong("record", "bindings", RESOURCE, "--as", "gongan-clerk").out
    assert f"incoming/{RESOURCE}" in shown
    assert "合计" in datong("record", "bindings", "--as", "auditor").out


def test_no_number_gets_into_what_is_told_of_many(datong: Datong) -> None:
    ran = datong("record", "do", "agree", ANNA, "none", *AGREED, "--as", "authority", "--json")
    assert ran.code == 1
    assert ANNA not in json.loads(ran.out)["results"][0]["resource"]
