"""The short way of a lookup past the framework and the long one through it: one answer."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from api.answers import LookupAnswer
from api.http import straight
from api.http.app import create_app
from api.logs import log_file
from tests.api.makers import ANNA, BERT, NOBODY, PURPOSE, World

Header = Callable[[str], dict[str, str]]
PATH = "/v1/persons/lookup"
LONG = "application/json; charset=utf-8"
BODY = {"scheme": "citizen", "number": ANNA, "purpose": PURPOSE}
QUESTIONS: list[dict[str, Any]] = [
    {},
    {"number": BERT},
    {"number": NOBODY},
    {"number": f" {ANNA.lower()} "},
    {"items": ["sex", "name"]},
    {"items": ["name", "name"]},
    {"items": ["phone"]},
    {"items": None},
    {"purpose": "work_reference"},
    {"scheme": "passport"},
    {"number": "12345"},
    {"number": ""},
    {"number": 12345},
    {"scheme": ANNA},
    {"another": 1},
    {"items": []},
]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each request to a lookup, whether it went the short way."""
    ways: list[bool] = []
    real = straight.plain_call

    async def noted(*asked: Any) -> Any:
        call, receive = await real(*asked)
        ways.append(call is not None)
        return call, receive

    monkeypatch.setattr("api.http.middleware.plain_call", noted)
    return ways


def but_for_the_request(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    request_id = body.pop("request_id")
    assert answer.headers["x-request-id"] == request_id
    return body


@pytest.mark.parametrize("account", ["hall-app", "bare-app", "gongan-clerk", None])
@pytest.mark.parametrize("said", QUESTIONS)
def test_both_ways_answer_and_refuse_alike(
    http: httpx.Client,
    keyed: Header,
    taken: list[bool],
    account: str | None,
    said: dict[str, Any],
) -> None:
    key = {} if account is None else keyed(account)
    content = json.dumps({**BODY, **said}).encode()
    short, long = (
        http.post(PATH, content=content, headers={**key, "Content-Type": kind})
        for kind in ("application/json", LONG)
    )
    valid = short.json().get("type") != "/problems/invalid-request"
    assert taken == [valid, False]
    assert short.status_code == long.status_code
    assert but_for_the_request(short) == but_for_the_request(long)
    assert short.headers.keys() == long.headers.keys()
    for name in ("content-type", "www-authenticate"):
        assert short.headers.get(name) == long.headers.get(name)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": ""},
        {"Authorization": "Basic eDp5"},
        {"Authorization": "bearer {key}"},
    ],
)
def test_a_header_that_is_not_plain_goes_the_long_way(
    http: httpx.Client, world: World, taken: list[bool], headers: dict[str, str]
) -> None:
    key = world.keys["hall-app"]
    plain = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    sent = {**plain, **{name: value.format(key=key) for name, value in headers.items()}}
    answer = http.post(PATH, content=json.dumps(BODY), headers=sent)
    assert answer.status_code == {"text/plain": 422, "": 422, "Basic eDp5": 401}.get(
        next(iter(headers.values())), 200
    )
    assert taken == [False]


def test_other_methods_and_parameters_go_the_long_way(
    http: httpx.Client, keyed: Header, taken: list[bool]
) -> None:
    assert http.put(PATH, json=BODY, headers=keyed("hall-app")).status_code == 405
    assert http.post(f"{PATH}?x=1", json=BODY, headers=keyed("hall-app")).status_code == 200
    assert taken == [False, False]


def test_a_body_in_pieces_is_the_same_body(
    server: str, keyed: Header, http: httpx.Client, taken: list[bool]
) -> None:
    body = json.dumps(BODY).encode()
    host, port = server.removeprefix("http://").split(":")
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: {keyed('hall-app')['Authorization']}\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
        for place in range(0, len(body), 20):
            connection.sendall(body[place : place + 20])
        answer = http_answer(connection)
    whole = http.post(PATH, content=body, headers=keyed("hall-app") | {"Content-Type": LONG})
    assert answer.status == 200
    mine, theirs = json.loads(answer.read()), whole.json()
    assert {**mine, "request_id": ""} == {**theirs, "request_id": ""}
    assert taken == [True, False]


def http_answer(connection: socket.socket) -> http.client.HTTPResponse:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer


@pytest.mark.parametrize("number", [ANNA, BERT, NOBODY])
def test_an_answer_is_the_text_of_its_model_and_fits_its_description(
    http: httpx.Client, keyed: Header, world: World, number: str
) -> None:
    answer = http.post(PATH, json={**BODY, "number": number}, headers=keyed("hall-app"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == LookupAnswer.model_validate_json(answer.content).model_dump_json()
    document = create_app(world.services).openapi()
    registry: Registry[Any] = Registry().with_resource(
        "urn:api", Resource.from_contents(document, DRAFT202012)
    )
    described = document["paths"][PATH]["post"]["responses"]["200"]
    place = described["content"]["application/json"]["schema"]["$ref"]
    schema = {"$ref": f"urn:api{place}"}
    Draft202012Validator(schema, registry=registry).validate(answer.json())
    wrong = {**answer.json(), "found": "yes"}
    assert not Draft202012Validator(schema, registry=registry).is_valid(wrong)


def test_who_hangs_up_leaves_his_audit_line_all_the_same(
    server: str, keyed: Header, world: World
) -> None:
    before = len(world.audit())
    body = json.dumps({**BODY, "items": ["sex"]}).encode()
    host, port = server.removeprefix("http://").split(":")
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += f"Authorization: {keyed('hall-app')['Authorization']}\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def line_is_there() -> bool:
        lines = world.audit()[before:]
        return any(line["items"] == ["sex"] and line["result"] == "ok" for line in lines)

    wait_until(line_is_there)


def test_each_request_has_one_line_in_the_log_by_its_route(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    short = http.post(PATH, json=BODY, headers=keyed("hall-app"))
    long = http.post(PATH, json=BODY, headers=keyed("hall-app") | {"Content-Type": LONG})
    other = http.get("/v1/resources/population")
    nowhere = http.get(f"/v1/{ANNA}")
    asked = {answer.headers["x-request-id"]: answer for answer in (short, long, other, nowhere)}
    path = log_file(world.services.settings.logs)

    def lines() -> dict[str, dict[str, Any]]:
        said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = [line for line in said if line["event"] == "request"]
        assert len({line["request_id"] for line in found}) == len(found)
        return {line["request_id"]: line for line in found if line["request_id"] in asked}

    wait_until(lambda: lines().keys() == asked.keys())
    routes = [PATH, PATH, "/v1/resources/{resource_id}", None]
    for (request_id, answer), route in zip(asked.items(), routes, strict=True):
        line = lines()[request_id]
        assert (line["route"], line["status"]) == (route, answer.status_code)
        assert line["method"] == answer.request.method
        assert line["ms"] >= 0
        assert line["level"] == "info"
        assert line["timestamp"].endswith("Z")


def wait_until(there: Callable[[], bool], seconds: float = 20) -> None:
    import time

    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.02)
