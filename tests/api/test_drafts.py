"""Drafts by command and over HTTP: imported from a portal's file, completed, claimed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Datong
from tests.api.makers import World, a_record

Header = Callable[[str], dict[str, str]]

# what 南通's portal writes, in its own keys
FOUND = {
    "资源名称": "旅行社名录",
    "创建时间": "2022-08-30",
    "更新时间": "2022-08-30",
    "资源更新频率": "每年",
    "内容简介": "旅行社名称、地址",
    "行业类型": "其他",
    "提供机构": "市文化广电和旅游局",
    "主题分类": "文化旅游",
    "是否向社会开放": "完全开放",
    "数据格式": ["xlsx", "xls"],
    "详情页网址": "https://data.example/1",
}
COUNT = 5


@pytest.fixture
def portal(tmp_path: Path) -> Callable[[list[Any]], str]:
    def write(records: list[Any]) -> str:
        file = tmp_path / "portal.json"
        file.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
        return str(file)

    return write


@pytest.fixture
def authority(world: World) -> str:
    assert "authority" in world.keys
    return "authority"


def imported(datong: Datong, file: str, source: str, account: str, *more: str) -> Any:
    arguments = ("draft", "import", file, "--mapping", "jiangsu_nantong", "--source", source)
    ran = datong(*arguments, *more, "--as", account, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def records_found() -> list[dict[str, Any]]:
    found = [{**FOUND, "资源名称": f"旅行社名录 {number}"} for number in range(COUNT - 2)]
    return [*found, {**FOUND, "资源名称": "旅行社名录 0"}, {**FOUND, "提供机构": ""}]


def test_a_catalogue_is_imported_as_drafts_and_told_what_became_of_it(
    datong: Datong, portal: Callable[[list[Any]], str], authority: str
) -> None:
    file = portal(records_found())
    looked = imported(datong, file, "told_city", authority, "--dry-run")
    assert (looked["drafts"], looked["added"]) == (COUNT - 1, 0)
    done = imported(datong, file, "told_city", authority)
    assert (done["records"], done["drafts"], done["added"]) == (COUNT, COUNT - 1, COUNT - 1)
    assert done["listed"] == [{"position": 4, "name": "旅行社名录", "reason": "no_department"}]
    assert done["unknown"] == {"industry": {"其他": COUNT}}
    assert [(d["position"], d["repeats"]) for d in done["duplicates"]] == [(3, 0)]
    assert done["decisions"]["items"] == COUNT - 1
    again = imported(datong, file, "told_city", authority)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, COUNT - 1)
    said = datong("draft", "import", file, "--mapping", "jiangsu_nantong", "--as", authority)
    assert "旅行社" not in said.out  # counts for a person; the records are in the list
    assert "其他" in said.out


@pytest.mark.parametrize(
    ("content", "code"),
    [("{}", "not-a-catalogue"), ("[1]", "not-a-catalogue"), ("[", "not-a-catalogue")],
)
def test_a_file_that_is_no_catalogue_is_refused(
    datong: Datong, tmp_path: Path, authority: str, content: str, code: str
) -> None:
    file = tmp_path / "portal.json"
    file.write_text(content, encoding="utf-8")
    arguments = ("draft", "import", str(file), "--mapping", "jiangsu_nantong", "--as", authority)
    ran = datong(*arguments, "--json")
    assert (ran.code, json.loads(ran.err)["error"]["code"]) == (1, code)


def test_a_mapping_or_a_source_that_cannot_be_used_is_refused(
    datong: Datong, portal: Callable[[list[Any]], str], authority: str
) -> None:
    file = portal([])
    ran = datong("draft", "import", file, "--mapping", "atlantis", "--as", authority, "--json")
    assert json.loads(ran.err)["error"]["code"] == "bad-mapping"
    assert "jiangsu_nantong" in json.loads(ran.err)["error"]["en"]
    arguments = ("draft", "import", file, "--mapping", "jiangsu_nantong", "--source", "a/b")
    ran = datong(*arguments, "--as", authority, "--json")
    assert json.loads(ran.err)["error"]["code"] == "invalid-source"


def test_a_steward_completes_the_template_and_claims_the_draft(
    datong: Datong,
    portal: Callable[[list[Any]], str],
    authority: str,
    document: Any,
    tmp_path: Path,
) -> None:
    imported(datong, portal(records_found()), "claim_city", authority)
    draft = "claim_city-000000"
    ran = datong("draft", "template", draft, "--as", "gongan-steward")
    assert ran.code == 0
    file = tmp_path / "template.yaml"
    file.write_text(ran.out, encoding="utf-8")
    ran = datong("draft", "claim", draft, str(file), "--as", "gongan-steward", "--json")
    assert ran.code == 1
    error = json.loads(ran.err)["error"]
    assert {v["path"] for v in error["violations"]} >= {"provider_code", "classification", "items"}
    known = json.loads(datong("draft", "show", draft, "--as", "gongan-steward", "--json").out)
    complete = {**a_record(share_type=1), **known["document"]}
    complete["provider_name"] = "示例市公安局"
    del complete["share_condition"]
    wanted = ("draft", "claim", draft, document(complete), "--as", "gongan-steward", "--json")
    claimed = json.loads(datong(*wanted).out)
    assert (claimed["resource_id"], claimed["state"]) == ("claim-city-000000", "draft")
    assert json.loads(datong(*wanted).out) == claimed
    shown = json.loads(datong("draft", "show", draft, "--as", "gongan-steward", "--json").out)
    assert (shown["state"], shown["resource_id"]) == ("claimed", "claim-city-000000")
    dropped = datong("draft", "drop", draft, "--reason", "重复", "--as", "gongan-steward", "--json")
    assert json.loads(dropped.err)["error"]["code"] == "draft-not-open"
    dropped = datong(
        "draft", "drop", "claim_city-000001", "--reason", "重复", "--as", "gongan-steward", "--json"
    )
    assert json.loads(dropped.out)["state"] == "dropped"


def test_drafts_are_listed_by_source_department_and_state(
    datong: Datong, portal: Callable[[list[Any]], str], authority: str
) -> None:
    imported(datong, portal(records_found()), "list_city", authority)
    listed = ("draft", "list", "--source", "list_city", "--as", authority)
    lines = datong(*listed, "--json").out.splitlines()
    assert [json.loads(line)["draft_id"][-1] for line in lines] == ["0", "1", "2", "3"]
    assert json.loads(lines[3])["duplicate_of"] == "list_city-000000"
    assert datong(*listed, "--department-name", "市教育局", "--json").out == ""
    assert datong(*listed, "--state", "claimed", "--json").out == ""
    page = datong(*listed, "--limit", "3")
    assert "--after list_city-000002" in page.out
    assert datong(*listed, "--state", "lost").code == 2


def test_drafts_are_paged_over_http(
    datong: Datong,
    portal: Callable[[list[Any]], str],
    authority: str,
    http: httpx.Client,
    keyed: Header,
) -> None:
    imported(datong, portal(records_found()), "http_city", authority)
    seen, cursor = [], None
    while True:
        asked = {"source": "http_city", "limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = http.get("/v1/drafts", params=asked, headers=keyed("gongan-steward"))
        assert answer.status_code == 200
        seen += [each["draft_id"] for each in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"http_city-00000{number}" for number in range(COUNT - 1)]
    one = http.get(f"/v1/drafts/{seen[0]}", headers=keyed("gongan-steward")).json()
    assert one["document"]["name"] == "旅行社名录 0"
    assert {each["path"] for each in one["decisions"]} >= {"items", "share_type"}
    none = http.get("/v1/drafts/http_city-9", headers=keyed("gongan-steward"))
    assert (none.status_code, none.json()["type"]) == (404, "/problems/draft-not-found")
    assert http.get("/v1/drafts?state=lost", headers=keyed("gongan-steward")).status_code == 422
