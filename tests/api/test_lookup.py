"""A governed lookup: the granted items and nothing more, a reason for every refusal."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from api.logs import log_file
from api.usecases.accounts import revoke_key
from api.usecases.grants import revoke_grant
from api.usecases.lookup import Question, lookup
from tests.api.conftest import Datong
from tests.api.makers import ANNA, BERT, NOBODY, PURPOSE, World

Header = Callable[[str], dict[str, str]]
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(http: httpx.Client, keyed: Header) -> Ask:
    def post(account: str = "hall-app", **body: Any) -> httpx.Response:
        asked = {"scheme": "citizen", "number": ANNA, "purpose": PURPOSE, **body}
        return http.post("/v1/persons/lookup", json=asked, headers=keyed(account))

    return post


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_a_lookup_answers_the_granted_items_with_their_sources(ask: Ask, world: World) -> None:
    answer = ask()
    assert answer.status_code == 200
    body = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["found"] is True
    assert body["view_version"] >= 1
    assert body["known_at"].endswith("+08:00")
    assert set(body["cells"]) == {"id_number", "name", "sex"}
    assert world.delivery is not None
    assert body["cells"]["name"] == {
        "value": "安娜",
        "source": "population",
        "delivery": world.delivery.delivery_id,
        "data_time": "2026-10-31T00:00:00+08:00",
        "rule": "authority",
        "agree": [],
        "differ": [],
    }


def test_items_that_are_asked_for_are_the_ones_answered(ask: Ask) -> None:
    assert list(ask(items=["sex", "name"]).json()["cells"]) == ["sex", "name"]


def test_an_item_outside_the_grant_refuses_the_whole_call_by_its_name(ask: Ask) -> None:
    answer = ask(items=["name", "phone"])
    assert refusal(answer) == (403, "item-not-granted")
    assert answer.json()["item"] == "phone"
    assert "安娜" not in answer.text


def test_nobody_of_that_number_is_an_answer_and_not_an_error(ask: Ask) -> None:
    body = ask(number=NOBODY).json()
    assert (body["found"], body["cells"]) == (False, {})
    assert body["view_version"] >= 1


def test_a_number_with_a_lower_case_x_or_blanks_is_the_same_number(ask: Ask) -> None:
    assert ask(number=f" {ANNA.lower()} ").json()["found"] is True


def test_without_a_grant_nothing_is_told(ask: Ask) -> None:
    known, unknown = ask("bare-app"), ask("bare-app", number=NOBODY)
    assert refusal(known) == refusal(unknown) == (403, "no-grant")


def test_another_purpose_is_refused(ask: Ask) -> None:
    assert refusal(ask(purpose="work_reference")) == (403, "other-purpose")


@pytest.mark.parametrize(
    ("period", "slug"),
    [
        ({"valid_from": "2020-01-01", "valid_to": "2020-12-31"}, "grant-expired"),
        ({"valid_from": "2098-01-01", "valid_to": "2098-12-31"}, "grant-not-yet-valid"),
    ],
)
def test_a_grant_holds_within_its_period_alone(
    ask: Ask, world: World, period: dict[str, str], slug: str
) -> None:
    app = f"app-{slug}"
    world.account(app, "consumer", kind="application")
    world.grant(application=app, **period)
    assert refusal(ask(app)) == (403, slug)


def test_a_revoked_grant_ends_at_once(ask: Ask, world: World) -> None:
    world.account("ended-app", "consumer", kind="application")
    grant_id = world.grant(application="ended-app")
    assert ask("ended-app").status_code == 200
    revoke_grant(world.services, world.caller("authority"), grant_id)
    assert refusal(ask("ended-app")) == (403, "grant-revoked")


def test_a_revoked_key_opens_nothing_any_more(ask: Ask, world: World) -> None:
    world.account("lost-app", "consumer", kind="application")
    world.grant(application="lost-app")
    assert ask("lost-app").status_code == 200
    revoke_key(world.services, world.caller("admin"), "lost-app")
    assert refusal(ask("lost-app")) == (401, "revoked-key")


@pytest.mark.parametrize("number", [ANNA[:-1] + ("1" if ANNA[-1] != "1" else "2"), "12345", "张三"])
def test_a_malformed_number_is_refused_without_being_repeated(ask: Ask, number: str) -> None:
    answer = ask(number=number)
    assert refusal(answer) == (422, "malformed-number")
    assert answer.json()["scheme"] == "citizen"
    assert number not in answer.text
    assert "公民身份号码" in answer.json()["detail_zh"]  # and what is wrong with it, in words
    assert "identifier." not in answer.json()["detail_zh"]


@pytest.mark.parametrize(
    "body",
    [
        {"scheme": ANNA},
        {"purpose": ANNA},
        {"items": [ANNA]},
        {"items": []},
        {"number": [ANNA]},
        {ANNA: 1},
        {"number": ""},
    ],
)
def test_a_body_of_another_form_is_refused_without_being_repeated(
    ask: Ask, body: dict[str, Any]
) -> None:
    answer = ask(**body)
    assert refusal(answer) == (422, "invalid-request")
    assert ANNA not in answer.text
    assert answer.json()["errors"]


def test_what_is_no_json_is_refused_without_being_repeated(
    http: httpx.Client, keyed: Header
) -> None:
    headers = {**keyed("hall-app"), "Content-Type": "application/json"}
    cut_off, no_text = f'{{"number": {ANNA}'.encode(), b"\xff" + ANNA.encode()
    for content, refused in (
        (cut_off, (422, "invalid-request")),
        (no_text, (400, "unreadable-body")),
    ):
        answer = http.post("/v1/persons/lookup", content=content, headers=headers)
        assert refusal(answer) == refused
        assert ANNA not in answer.text


def test_a_body_beyond_all_measure_is_refused(http: httpx.Client, keyed: Header) -> None:
    def in_pieces() -> Iterator[bytes]:
        yield from [b"x" * 50_000] * 4

    for content in (b"x" * 200_000, in_pieces()):
        answer = http.post("/v1/persons/lookup", content=content, headers=keyed("hall-app"))
        assert refusal(answer) == (413, "body-too-large")


def test_an_unknown_scheme_is_refused_with_those_there_are(ask: Ask) -> None:
    answer = ask(scheme="passport")
    assert refusal(answer) == (422, "scheme-not-in-view")
    assert answer.json()["known"] == ["citizen"]


def test_a_view_that_was_never_built_says_so(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    world.account("firm-app", "consumer", kind="application")
    world.grant(application="firm-app", resource="legal-entity", items=["name"])
    body = {"scheme": "uscc", "number": "91420000757013137P", "purpose": PURPOSE}
    answer = http.post("/v1/legal-entities/lookup", json=body, headers=keyed("firm-app"))
    assert answer.status_code in {200, 503}
    if answer.status_code == 503:
        assert answer.json()["type"] == "/problems/view-not-served"


def test_every_lookup_leaves_an_audit_line_before_its_answer(ask: Ask, world: World) -> None:
    answers = {
        "ok": ask(items=["name"]),
        "item-not-granted": ask(items=["phone"]),
        "other-purpose": ask(purpose="work_reference"),
        "malformed-number": ask(number="12345"),
        "no-grant": ask("bare-app"),
    }
    lines = {line["request_id"]: line for line in world.audit()}
    for result, answer in answers.items():
        line = lines[answer.headers["x-request-id"]]
        assert (line["action"], line["resource"], line["result"]) == ("lookup", "person", result)
        assert line["address"] == "127.0.0.1"
    done = lines[answers["ok"].headers["x-request-id"]]
    assert (done["account"], done["items"], done["purpose"]) == ("hall-app", ["name"], PURPOSE)
    assert (done["rows"], len(done["subject_hash"])) == (1, 64)


def test_one_subject_has_one_hash_and_another_another(ask: Ask, world: World) -> None:
    ids = [ask(number=n).headers["x-request-id"] for n in (ANNA, f" {ANNA}", BERT)]
    by_request = {line["request_id"]: line["subject_hash"] for line in world.audit()}
    first, again, other = (by_request[request_id] for request_id in ids)
    assert first == again != other


def test_no_number_is_in_the_audit_or_in_the_log(ask: Ask, world: World) -> None:
    for number in (ANNA, NOBODY, "990101199003079999"):
        ask(number=number)
    settings = world.services.settings
    kept = json.dumps(world.audit(), ensure_ascii=False)
    kept += log_file(settings.logs).read_text(encoding="utf-8")
    for number in (ANNA, NOBODY, "990101199003079999"):
        assert number not in kept


def test_the_command_answers_as_http_does(datong: Datong, ask: Ask) -> None:
    asked = ("lookup", "person", "--scheme", "citizen", "--number", ANNA, "--purpose", PURPOSE)
    ran = datong(*asked, "--items", "name,sex", "--as", "hall-app", "--json")
    assert ran.code == 0
    mine, theirs = json.loads(ran.out), ask(items=["name", "sex"]).json()
    assert {**mine, "request_id": ""} == {**theirs, "request_id": ""}


def test_the_command_reads_a_number_from_standard_input(
    datong: Datong, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ANNA}\n"))
    asked = ("lookup", "person", "--scheme", "citizen", "--number", "-", "--purpose", PURPOSE)
    ran = datong(*asked, "--as", "hall-app")
    assert ran.code == 0
    assert "安娜" in ran.out
    assert "population" in ran.out


def test_a_refused_command_is_one_sentence_and_exit_1(datong: Datong) -> None:
    asked = ("lookup", "person", "--scheme", "citizen", "--number", ANNA, "--purpose", PURPOSE)
    ran = datong(*asked, "--items", "phone", "--as", "hall-app")
    assert (ran.code, ran.out) == (1, "")
    assert "phone" in ran.err
    assert ANNA not in ran.err
    assert "Traceback" not in ran.err


def test_a_lookup_in_process_takes_a_few_milliseconds(world: World) -> None:
    caller = world.caller("hall-app")
    question = Question("person", "citizen", ANNA, PURPOSE)
    times = []
    for _ in range(50):
        started = time.perf_counter()
        lookup(world.services, caller, question)
        times.append(time.perf_counter() - started)
    assert sorted(times)[25] < 0.05
