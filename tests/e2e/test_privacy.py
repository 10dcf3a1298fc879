"""No identity number is in a log, in the audit store, in a URL or in an error: searched by byte."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.bootstrap import open_services
from api.http.app import create_app
from api.settings import load_settings
from catalog.audit import subject_hash
from examples.world.numbers import citizen_number, old_citizen_number
from tests.e2e.chain import PURPOSE, SALT, Chain, ask, audit_lines, line_of, run_command

UNKNOWN = citizen_number("990101", date(1899, 1, 1), 3)
MALFORMED = UNKNOWN[:-1] + ("1" if UNKNOWN[-1] != "1" else "2")
WRONG = [f"9901011988020{day}002{check}" for day, check in (("30", "1"), ("31", "2"))]
HUKOU_HEAD = (
    "公民身份号码,姓名,曾用名,性别,民族,出生日期,出生地,籍贯,户籍地行政区划,户籍地详址,户口性质,户号,"
    "与户主关系,居住地行政区划,居住地址,婚姻状况,文化程度,人员状态,操作员"
)
MARRIAGE_HEAD = "公民身份号码,姓名,婚姻状况,登记日期,证件编号,登记机关,配偶姓名"


@dataclass
class Conversation:
    """What was said to a home and what it answered, sorted by who may read it."""

    chain: Chain
    numbers: frozenset[str]
    answered: list[httpx.Response] = field(default_factory=list)
    refused: list[httpx.Response] = field(default_factory=list)
    commands: list[subprocess.CompletedProcess[bytes]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.chain.home

    def kept(self) -> Iterator[Path]:
        """Files of the operator, who is the owner of nobody's number."""
        yield from sorted((self.home / "logs").rglob("*"))
        yield from sorted(self.home.glob("audit.db*"))
        yield from sorted(path for path in (self.home / "scratch").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def talk(on_a_folder: Chain) -> Conversation:
    """Everything that can be said with a number in it, over HTTP and by command."""
    talk = Conversation(on_a_folder, frozenset(sample_numbers(on_a_folder)))
    with on_a_folder.served() as http:
        talk.answered += look_up(http, talk)
        talk.refused += be_refused(http, talk)
        talk.refused += say_it_in_the_wrong_place(http, talk)
        talk.answered += deliver_bad_rows(http, talk)
        talk.refused += deliver_what_cannot_be_trusted(http, talk)
    talk.commands += run_commands(talk)
    return talk


def sample_numbers(chain: Chain) -> Iterator[str]:
    """Every number of the sample world and of this module, in each form it may be written in."""
    for name, columns in (("persons", ["id_number"]), ("entities", ["uscc", "reg_no"])):
        truth = chain.world.folder / "truth" / f"{name}.csv"
        with truth.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                # a shorter number may be found in a hash by chance
                yield from (row[column] for column in columns if len(row[column]) >= 15)
                if name == "persons" and row["id_number"][6:8] == "19":
                    yield old_citizen_number(row["id_number"])
    yield from (UNKNOWN, MALFORMED, *WRONG)


def look_up(http: httpx.Client, talk: Conversation) -> list[httpx.Response]:
    chosen, key = talk.chain.world.showcase, talk.chain.key("hall-app")
    person, entity = chosen["citizen"], chosen["uscc"]
    return [
        ask(http, key, "persons", scheme="citizen", number=person),
        ask(http, key, "persons", scheme="citizen", number=f" {person.lower()} "),
        ask(http, key, "persons", scheme="citizen", number=old_citizen_number(person)),
        ask(http, key, "persons", scheme="citizen", number=UNKNOWN),
        ask(http, key, "legal-entities", scheme="uscc", number=entity),
    ]


def be_refused(http: httpx.Client, talk: Conversation) -> list[httpx.Response]:
    person = talk.chain.world.showcase["citizen"]
    asked: dict[str, Any] = {"scheme": "citizen", "number": person}
    key, revoked = talk.chain.key("hall-app"), talk.chain.key("street-app")
    clerk = talk.chain.key("gongan-steward")
    return [
        ask(http, key, "persons", **asked, items=["name", "phone"]),
        ask(http, key, "persons", **asked | {"purpose": "work_reference"}),
        ask(http, key, "persons", **asked | {"number": MALFORMED}),
        ask(http, key, "persons", **asked | {"scheme": "passport"}),
        ask(http, revoked, "persons", **asked),
        ask(http, clerk, "persons", **asked),
        ask(http, {}, "persons", **asked),
    ]


def say_it_in_the_wrong_place(http: httpx.Client, talk: Conversation) -> list[httpx.Response]:
    """A number where none belongs: the caller's mistake, which is not passed on to the log."""
    number = talk.chain.world.showcase["citizen"]
    key, clerk = talk.chain.key("hall-app"), talk.chain.key("gongan-steward")
    bodies: list[dict[str, Any]] = [
        {"scheme": number, "number": number},
        {"scheme": "citizen", "number": [number]},
        {"scheme": "citizen", "number": number * 5},
        {"scheme": "citizen", "number": number, number: number},
        {"scheme": "citizen", "number": number, "items": [number]},
        {"scheme": "citizen", "number": number, "purpose": number},
    ]
    query = {"mode": number, "data-time": number, "rows": number}
    return [
        *(ask(http, key, "persons", **body) for body in bodies),
        http.post("/v1/persons/lookup", content=f'{{"number": {number}', headers=key),
        http.post("/v1/persons/lookup", content=number.encode() + b"\xff", headers=key),
        http.get("/v1/persons", params={"number": number}),
        http.get(f"/v1/deliveries/{number}", headers=clerk),
        http.get(f"/v1/resources/{number}"),
        http.get(f"/v1/resources/{number}%2F1"),
        http.get("/v1/deliveries/none", headers={"Authorization": f"Bearer {number}"}),
        http.post("/v1/resources/hukou-person/deliveries", params=query, headers=clerk),
        deliver(http, talk, "hukou-person", b"x", **{"data-time": number}),
    ]


def deliver(
    http: httpx.Client, talk: Conversation, resource: str, content: bytes, **said: str
) -> httpx.Response:
    department = "gongan" if resource == "hukou-person" else "minzheng"
    return http.post(
        f"/v1/resources/{resource}/deliveries",
        params={"mode": "incremental", "data-time": "2026-11-02", **said},
        content=content,
        headers=talk.chain.key(f"{department}-steward"),
    )


def deliver_bad_rows(http: httpx.Client, talk: Conversation) -> list[httpx.Response]:
    rows = [
        f"{number},张三,20,2024-02-30,证{number},某处,{number}" for number in (*WRONG, MALFORMED)
    ]
    content = "\n".join([MARRIAGE_HEAD, *rows, f"{UNKNOWN},多,出,来,的,一,列,{UNKNOWN}"])
    taken = deliver(http, talk, "marriage-registration", content.encode())
    clerk = talk.chain.key("minzheng-steward")
    found = http.get(f"/v1/deliveries/{taken.json()['delivery_id']}/violations", headers=clerk)
    return [taken, found]


def deliver_what_cannot_be_trusted(http: httpx.Client, talk: Conversation) -> list[httpx.Response]:
    number = talk.chain.world.showcase["citizen"]
    undecodable = f"{HUKOU_HEAD}\n{number},".encode() + b"\xff\xfe\xfa\n"
    unclosed = f'{HUKOU_HEAD}\n{number},"张三\n{UNKNOWN},李四\n'.encode()
    return [
        deliver(http, talk, "hukou-person", undecodable),
        deliver(http, talk, "hukou-person", unclosed),
        deliver(http, talk, "hukou-person", f"{HUKOU_HEAD}\n{number}\n".encode(), rows="9"),
        *(deliver(http, talk, named, number.encode()) for named in (number, f"r{number}")),
    ]


def run_commands(talk: Conversation) -> Iterator[subprocess.CompletedProcess[bytes]]:
    """Commands that fail, with a number among their words, in their input or in a file."""
    number = talk.chain.world.showcase["citizen"]
    asked = ["lookup", "person", "--scheme", "citizen", "--purpose", PURPOSE, "--as", "hall-app"]
    nowhere = talk.home / "no-such-file.csv"
    bad_file = talk.home / "bad.csv"
    bad_file.write_bytes(f"{HUKOU_HEAD}\n{number},".encode() + b"\xff\xfa\n")
    send = ["deliver", str(bad_file), "--resource", "hukou-person", "--mode", "incremental"]
    yield run_command(talk.chain, *asked, "--number", MALFORMED)
    yield run_command(talk.chain, *asked, "--number", number, "--items", "phone", "--json")
    yield run_command(talk.chain, *asked, "--number", "-", "--items", "phone", said=f"{number}\n")
    yield run_command(talk.chain, *send, "--data-time", "2026-11-03", "--as", "gongan-steward")
    yield run_command(talk.chain, *send, "--data-time", number, "--as", "gongan-steward")
    coded = ["deliver", str(bad_file), "--resource", f"{number}/1", "--mode", "full"]
    yield run_command(talk.chain, *coded, "--data-time", "2026-11-03", "--as", "gongan-steward")
    yield run_command(talk.chain, "record", "check", str(nowhere))


def numbers_in(content: bytes, numbers: Iterable[str]) -> set[str]:
    """The numbers that stand anywhere in the content, in capital or small letters."""
    capital = content.upper()
    by_length: dict[int, set[bytes]] = {}
    for number in numbers:
        written = number.upper().encode()
        by_length.setdefault(len(written), set()).add(written)
    return {
        piece.decode()
        for length, wanted in by_length.items()
        for start in range(len(capital) - length + 1)
        if (piece := capital[start : start + length]) in wanted
    }


def test_the_search_finds_every_number_where_it_may_stand(talk: Conversation) -> None:
    file = talk.chain.world.folder / "deliveries" / "deaths-2026-10.csv"
    rows = file.read_text(encoding="utf-8").splitlines()[1:]
    found = numbers_in(file.read_bytes(), talk.numbers)
    assert len(rows) - 5 <= len(found) <= len(rows)
    assert numbers_in(f"x{MALFORMED.lower()}y".encode(), talk.numbers) == {MALFORMED}


def test_everything_that_was_said_was_answered_as_it_should_be(talk: Conversation) -> None:
    assert [answer.status_code for answer in talk.answered] == [200] * 5 + [201, 200]
    assert [answer.json()["found"] for answer in talk.answered[:5]] == [
        True, True, True, False, True,
    ]  # fmt: skip
    assert talk.answered[5].json()["quarantined"] == 4
    types = [answer.json()["type"].removeprefix("/problems/") for answer in talk.refused]
    assert types == [
        "item-not-granted", "other-purpose", "malformed-number", "scheme-not-in-view",
        "revoked-key", "role-not-allowed", "no-identity",
        *["invalid-request"] * 8,
        "no-such-route", "delivery-not-found", "resource-not-found", "no-such-route",
        "unknown-key", "invalid-request", "bad-time",
        *["delivery-refused"] * 5,
    ]  # fmt: skip
    assert {ran.returncode for ran in talk.commands} <= {1, 2}


def test_no_number_is_in_the_body_or_the_head_of_an_error(talk: Conversation) -> None:
    for answer in talk.refused:
        said = f"{answer.headers}\n{answer.text}".encode()
        sent_in_its_url = str(answer.request.url)
        told = numbers_in(said, talk.numbers)
        assert {number for number in told if number not in sent_in_its_url} == set(), answer.text


def test_no_number_is_in_what_a_failed_command_says(talk: Conversation) -> None:
    for ran in talk.commands:
        assert ran.stderr or ran.stdout, ran.args
        told = numbers_in(ran.stderr + ran.stdout, talk.numbers)
        # a delivery tells its sender which resource it named; a number in --number is never told
        named = next((word for word in ran.args if word.endswith("/1")), "")
        assert {number for number in told if number not in named} == set(), ran.args
        assert b"Traceback" not in ran.stderr


def test_no_number_is_in_a_log_in_the_audit_store_or_left_in_scratch(talk: Conversation) -> None:
    files = list(talk.kept())
    names = {path.name for path in files}
    assert {"datong.jsonl", "demo-serve.log", "audit.db"} <= names
    for path in files:
        assert numbers_in(path.read_bytes(), talk.numbers) == set(), path


def test_the_log_holds_a_line_for_every_request_by_its_route(talk: Conversation) -> None:
    log = (talk.home / "logs" / "datong.jsonl").read_text(encoding="utf-8")
    for answer in (*talk.answered, *talk.refused):
        assert answer.headers["x-request-id"] in log
    assert "/v1/resources/{resource_id}/deliveries" in log


def test_the_audit_names_a_subject_by_its_keyed_hash(talk: Conversation) -> None:
    chosen = talk.chain.world.showcase
    person = subject_hash(SALT, "citizen", chosen["citizen"])
    expected = [
        person, person, person,
        subject_hash(SALT, "citizen", UNKNOWN),
        subject_hash(SALT, "uscc", chosen["uscc"]),
    ]  # fmt: skip
    lines = [line_of(talk.chain, answer) for answer in talk.answered[:5]]
    assert [line["subject_hash"] for line in lines] == expected
    assert {line["action"] for line in lines} == {"lookup"}
    malformed = line_of(talk.chain, talk.refused[2])
    assert malformed["subject_hash"] == subject_hash(SALT, "citizen", MALFORMED)
    hashes = {line["subject_hash"] for line in audit_lines(talk.chain)}
    assert not any(number in hashes for number in talk.numbers)


def test_no_route_takes_a_number_in_its_url_or_in_a_header(tmp_path: Path) -> None:
    """Whatever travels outside the body is one of these, and none of them names anybody."""
    named = {
        "path": "resource_id delivery_id job_id file_id element_id department_id draft_id "
        "demand_id notice_id action",
        "query": "q limit cursor mode data-time rows sha256 purpose class theme format share_type "
        "update_cycle department department_name state source since before after below "
        "overdue task unread",
        "header": "content-disposition idempotency-key prefer accept if-match",
    }
    known = {(place, name) for place, names in named.items() for name in names.split()}
    services = open_services(load_settings({"DATONG_HOME": str(tmp_path)}))
    paths = create_app(services).openapi()["paths"]
    found = {
        (parameter["in"], parameter["name"].lower())
        for methods in paths.values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
    }
    assert found <= known
    bodies = [
        path
        for path, methods in paths.items()
        if "LookupBody" in str(methods.get("post", {}).get("requestBody"))
    ]
    assert bodies == ["/v1/persons/lookup", "/v1/legal-entities/lookup"]
    assert not any("{" in path for path in bodies)
