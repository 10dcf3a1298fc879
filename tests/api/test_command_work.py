"""Work by command: departments, records, deliveries, views, grants, audit and numbers."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from catalog.accounts import authenticate, require_account
from tests.api.conftest import Datong
from tests.api.makers import (
    GOOD_FILE,
    RESOURCE,
    World,
    a_citizen_number,
    a_csv,
    a_department,
    a_record,
)


def test_a_department_and_an_account_are_added_by_command(
    datong: Datong, document: Any, world: World
) -> None:
    file = document(a_department(department_id="renshe", code="11990100000000043W", name="人社局"))
    ran = datong("department", "add", file, "--as", "admin", "--json")
    if ran.code == 0:  # the code of the example has a right check character
        assert json.loads(ran.out)["department_id"] == "renshe"
    asked = ("account", "add", "new-clerk", "--department", "gongan", "--kind", "person")
    ran = datong(*asked, "--role", "clerk", "--role", "steward", "--as", "admin", "--json")
    added = json.loads(ran.out)
    assert (added["account"], added["roles"]) == ("new-clerk", ["clerk", "steward"])
    assert added["key"].startswith("dt_")
    ran = datong("account", "issue-key", "new-clerk", "--as", "admin", "--json")
    further = json.loads(ran.out)["key"]
    assert further.startswith("dt_")
    assert further != added["key"]
    for key in (added["key"], further):
        with world.services.database.reading() as conn:
            assert authenticate(conn, key, world.services.clock.now()).name == "new-clerk"
    ran = datong("account", "revoke-key", "new-clerk", "--as", "admin", "--json")
    assert json.loads(ran.out) == {"account": "new-clerk", "revoked": True}


def test_a_document_with_errors_is_told_all_of_them(datong: Datong, document: Any) -> None:
    wrong = {**a_department(division_code=990101), "id": "gongan"}
    del wrong["department_id"]
    asked = ("department", "add", document(wrong), "--as", "admin")
    error = json.loads(datong(*asked, "--json").err)["error"]
    places = {violation["path"] for violation in error["violations"]}
    assert (error["code"], places) == (
        "invalid-document",
        {"department_id", "division_code", "id"},
    )
    told = datong(*asked).err
    assert all(f"[error] {place} " in told for place in places)
    assert "None" not in told
    ran = datong("record", "add", document(a_record(share_type=2, share_condition=" ")),
                 "--as", "gongan-steward", "--json")  # fmt: skip
    [violation] = json.loads(ran.err)["error"]["violations"]
    assert violation["rule"] == "record.share_condition.required"


def test_who_adds_an_application_answers_for_it_unless_another_is_named(
    datong: Datong, world: World
) -> None:
    asked = ("account", "add", "lone-app", "--department", "gongan", "--kind", "application")
    assert datong(*asked, "--role", "consumer", "--as", "admin", "--json").code == 0
    with world.services.database.reading() as conn:
        assert require_account(conn, "lone-app").responsible == "admin"


def test_a_published_record_is_shown_alike_to_everybody(datong: Datong) -> None:
    shown = json.loads(datong("record", "show", RESOURCE, "--json").out)
    assert shown["publish_date"] == shown["published_at"][:10]
    assert "publish_date" not in shown["document"]
    own = json.loads(datong("record", "show", RESOURCE, "--as", "gongan-steward", "--json").out)
    assert shown["process"] is None
    assert own.pop("process")["revision"] > 1  # how it came about is for its department
    assert own == {name: value for name, value in shown.items() if name != "process"}
    listed = [
        [each for each in json.loads(datong("record", "list", *who, "--json").out)
         if each["resource_id"] == RESOURCE]
        for who in ((), ("--as", "gongan-steward"))
    ]  # fmt: skip
    assert listed[0] == listed[1]
    assert listed[0][0]["publish_date"] == shown["publish_date"]
    steps = datong("record", "history", RESOURCE, "--as", "gongan-steward", "--json").out
    assert all(step["at"].endswith("+08:00") for step in json.loads(steps))


def test_one_account_is_at_most_one_of_the_three_administrators(datong: Datong) -> None:
    asked = ("account", "add", "both", "--department", "gongan", "--kind", "person")
    ran = datong(*asked, "--role", "admin", "--role", "auditor", "--as", "admin", "--json")
    assert ran.code == 1
    assert json.loads(ran.err)["error"]["code"] == "roles-apart"


def test_a_record_is_checked_without_a_home(
    datong: Datong, document: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATONG_HOME", str(tmp_path / "none"))
    good = datong("record", "check", document(a_record()), "--json")
    assert (good.code, json.loads(good.out)["valid"]) == (0, True)
    bad = datong("record", "check", document(a_record(share_type=7)), "--json")
    assert bad.code == 1
    [violation, *_] = json.loads(bad.out)["violations"]
    expected = {"path", "value", "rule", "severity", "expected", "zh", "en", "place"}
    assert violation.keys() == expected
    assert violation["place"] == "第 1 行"
    assert datong("record", "check", document(a_record(share_type=7))).out.count("share_type")
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_document_is_refused_by_its_line(datong: Datong, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("name: [1\n", encoding="utf-8")
    ran = datong("record", "check", str(path), "--json")
    assert ran.code == 1
    error = json.loads(ran.err)["error"]
    assert error["code"] == "unreadable-document"
    assert (error["zh"][:6], error["en"][:7]) == ("第 2 行：", "line 2:")
    ran = datong("record", "check", str(tmp_path / "absent.yaml"), "--json")
    assert json.loads(ran.err)["error"]["code"] == "file-not-readable"


def test_a_record_goes_its_way_by_command(datong: Datong, document: Any) -> None:
    resource = "by-command"
    file = document(a_record(resource_id=resource, name="命令行记录"))
    added = json.loads(datong("record", "add", file, "--as", "gongan-steward", "--json").out)
    assert (added["state"], added["resource_code"]) == ("draft", None)
    early = datong("record", "do", "agree", resource, "--as", "gongan-steward", "--json")
    assert json.loads(early.err)["error"]["code"] == "not-in-state"
    for action, actor in (("submit_register", "gongan-steward"), ("agree", "gongan-reviewer")):
        ran = datong("record", "do", action, resource, "--opinion", "好", "--as", actor, "--json")
    done = json.loads(ran.out)
    assert done["state"] == "registered"
    assert "/" in done["resource_code"]
    shown = datong("record", "show", done["resource_code"], "--as", "gongan-steward", "--json")
    assert json.loads(shown.out)["document"]["name"] == "命令行记录"
    assert datong("record", "show", resource, "--as", "minzheng-clerk").code == 1
    steps = json.loads(datong("record", "history", resource, "--as", "authority", "--json").out)
    assert [step["to_state"] for step in steps] == ["draft", "register_review", "registered"]
    listed = json.loads(datong("record", "list", "--as", "gongan-clerk", "--json").out)
    assert (resource, "registered") in {(x["resource_id"], x["state"]) for x in listed}
    changed = document(a_record(resource_id=resource, name="新名称"))
    datong("record", "add", changed, "--as", "gongan-steward", "--json")
    [change] = json.loads(datong("record", "diff", resource, "--as", "authority", "--json").out)
    assert (change["path"], change["before"], change["after"]) == ("name", "命令行记录", "新名称")


def test_an_action_that_does_not_exist_is_told_those_that_do(datong: Datong) -> None:
    ran = datong("record", "do", "bless", RESOURCE, "--as", "authority", "--json")
    error = json.loads(ran.err)["error"]
    assert error["code"] == "not-one-of"
    assert "submit_register" in error["en"]


def test_a_delivered_file_prints_one_document(datong: Datong, tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_bytes(GOOD_FILE)
    asked = ("deliver", str(path), "--resource", RESOURCE, "--mode", "full")
    ran = datong(*asked, "--data-time", "2026-10-31", "--as", "gongan-clerk", "--json")
    assert ran.code == 0
    verdict = json.loads(ran.out)
    promised = {"delivery_id", "sha256", "encoding", "state", "rows_in", "accepted", "quarantined",
                "refused", "unchanged", "rules", "reason"}  # fmt: skip
    assert verdict.keys() >= promised
    assert (verdict["rows_in"], verdict["refused"]) == (2, 0)
    shown = datong("delivery", "show", verdict["delivery_id"], "--as", "auditor", "--json")
    assert json.loads(shown.out) == verdict


def test_rows_in_quarantine_exit_0_and_a_refused_file_exits_1(
    datong: Datong, tmp_path: Path
) -> None:
    path = tmp_path / "population.csv"
    asked = ("deliver", str(path), "--resource", RESOURCE, "--mode", "incremental")
    rest = ("--data-time", "2026-11-03", "--as", "gongan-clerk", "--json")
    number = a_citizen_number(7)
    path.write_bytes(a_csv([(number[:-1] + "A", "坏号", "1"), (number, "好号", "2")]))
    ran = datong(*asked, *rest)
    verdict = json.loads(ran.out)
    assert (ran.code, verdict["quarantined"]) == (0, 1)
    listed = datong("delivery", "violations", verdict["delivery_id"], *rest[2:])
    [violation] = [json.loads(line) for line in listed.out.splitlines()]
    assert (violation["row"], violation["item"]) == (1, "id_number")
    human = datong("delivery", "violations", verdict["delivery_id"], *rest[2:4])
    assert "id_number" in human.out
    path.write_bytes(b"")
    ran = datong(*asked, *rest)
    verdict = json.loads(ran.out)
    assert (ran.code, verdict["refused"], verdict["reason"]["code"]) == (1, 1, "file.empty")
    assert ran.err == ""


def test_views_are_built_and_shown_by_command(datong: Datong) -> None:
    ran = datong("view", "build", "person", "--as", "operator", "--json")
    built = json.loads(ran.out)
    assert built.keys() >= {"view_version", "rows", "content_hash", "seconds"}
    shown = json.loads(datong("view", "show", "--as", "auditor", "--json").out)
    by_view = {each["view_id"]: each for each in shown}
    assert by_view["person"]["view_version"] == built["view_version"]
    assert by_view["person"]["content_hash"] == built["content_hash"]
    assert set(by_view) == {"person", "legal_entity"}
    ran = datong("view", "build", "animal", "--as", "operator", "--json")
    assert json.loads(ran.err)["error"]["code"] == "view-not-found"


def test_grants_are_given_listed_and_revoked_by_command(datong: Datong, document: Any) -> None:
    grant = {
        "application": "bare-app", "resource": RESOURCE, "items": ["name"],
        "purpose": "business_collaboration", "valid_from": "2026-01-01", "valid_to": "2026-12-31",
    }  # fmt: skip
    ran = datong("grant", "add", document(grant), "--as", "authority", "--json")
    grant_id = json.loads(ran.out)["grant_id"]
    [own] = json.loads(datong("grant", "list", "--as", "bare-app", "--json").out)
    assert {name: own[name] for name in grant} == grant
    ran = datong("grant", "revoke", grant_id, "--as", "authority", "--json")
    assert json.loads(ran.out) == {"grant_id": grant_id, "revoked": True}
    [own] = json.loads(datong("grant", "list", "--as", "bare-app", "--json").out)
    assert own["state"] == "revoked"
    assert len(json.loads(datong("grant", "list", "--as", "auditor", "--json").out)) > 1


def test_the_audit_is_one_document_a_line(datong: Datong) -> None:
    ran = datong("audit", "list", "--as", "auditor", "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["sequence"] for line in lines] == sorted(line["sequence"] for line in lines)
    assert {"at", "request_id", "account", "action", "result"} <= lines[0].keys()
    limited = datong("audit", "list", "--limit", "2", "--as", "auditor", "--json")
    assert limited.out.splitlines() == ran.out.splitlines()[:2]
    assert "delivery.deliver" in datong("audit", "list", "--as", "auditor").out


def test_numbers_are_checked_one_a_line(datong: Datong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("91420000757013137P\n91420000757013137Q\n"))
    ran = datong("identifier", "check", "--kind", "uscc", "--json")
    good, bad = (json.loads(line) for line in ran.out.splitlines())
    assert ran.code == 0
    assert good["valid"]
    assert not bad["valid"]
    assert good.keys() >= {"input", "valid", "normalised", "rule", "reason"}
    assert bad["rule"] == "identifier.uscc.check"
    ran = datong("identifier", "check", "--kind", "passport", "--json")
    assert ran.code == 2
    assert json.loads(ran.err)["error"]["code"] == "not-one-of"


def test_a_byte_order_mark_is_no_part_of_a_number(
    datong: Datong, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeff91420000757013137P\n\udcff\n"))
    ran = datong("identifier", "check", "--kind", "uscc", "--json")
    good, bad = (json.loads(line) for line in ran.out.splitlines())
    assert (good["valid"], good["input"]) == (True, "91420000757013137P")
    assert (bad["valid"], bad["input"]) == (False, "?")


@pytest.mark.parametrize(
    "arguments",
    [
        ("department", "list"),
        ("record", "list"),
        ("record", "show", RESOURCE),
        ("record", "history", RESOURCE),
        ("record", "diff", RESOURCE),
        ("view", "show"),
        ("grant", "list"),
    ],
)
def test_a_person_is_shown_a_table(datong: Datong, arguments: tuple[str, ...]) -> None:
    ran = datong(*arguments, "--as", "authority")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.strip()
