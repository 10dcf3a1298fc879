"""Every route: who may call it, the shape of its errors, and what OpenAPI says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.bootstrap import open_services
from api.http.app import create_app
from api.problems import _table
from api.settings import load_settings
from standards.identifiers import IdentifierKind, check_identifier

PUBLIC = {
    "/v1/search",
    "/v1/suggestions",
    "/v1/quality",
    "/v1/resources/{resource_id}/quality",
    "/v1/statistics",
    "/v1/elements",
    "/v1/elements/{element_id}",
    "/v1/systems",
    "/v1/departments/{department_id}",
    "/v1/negative-list",
    "/v1/records/check",
    "/catalog.jsonld",
    "/catalog.ttl",
    "/data.json",
    "/api/3/action/{action}",
    "/api/action/{action}",
    "/v1/resources/{resource_id}/dcat",
    "/v1/resources/{resource_id}/contract",
    "/healthz",
    "/v1/departments",
    "/v1/resources",
    "/v1/resources/{resource_id}",
}
KEYED = {("POST", "/v1/elements")}  # the same path is read without a key
MEMBERS = {"type", "title", "status", "detail", "request_id"}
VALUES = dict.fromkeys(("resource_id", "delivery_id", "job_id", "draft_id", "file_id"), "none-such")
VALUES["element_id"] = "vehicle.plate_no"
VALUES["action"] = "site_read"
VALUES["demand_id"] = "none-such"
VALUES |= {"department_id": "gongan", "notice_id": "none-such"}
ACTION = {"action": "agree"}
BODIES = {"/v1/records/actions": {**ACTION, "resources": ["none-such"]}}
BODY = {"scheme": "citizen", "number": "1", "purpose": "none"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and OpenAPI operation of every route of the application."""
    document = create_app(open_services(load_settings({}))).openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


OPERATIONS = list(operations())
EVERY = pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)


def ask(
    http: httpx.Client,
    method: str,
    path: str,
    *,
    ids: Mapping[str, str] = VALUES,
    **sent: Any,
) -> httpx.Response:
    """Ask a route for things of these ids, with what it takes at least."""
    url = path.format(**ids)
    if method == "POST" and path.endswith("lookup"):
        sent.setdefault("json", BODY)
    if method == "POST" and path.startswith("/v1/records"):
        sent.setdefault("json", BODIES.get(path, ACTION))
    if method == "POST" and path.startswith("/v1/elements"):
        sent.setdefault("json", ACTION)
    if method == "POST" and path == "/v1/demands":
        sent.setdefault("json", {"title": "所需数据"})
    if path.endswith("deliveries"):
        url += "?mode=full&data-time=2026-01-01"
    return http.request(method, url, **sent)


def is_problem(answer: httpx.Response) -> bool:
    body = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and body.keys() >= MEMBERS
        and body["type"].startswith("/problems/")
        and body["status"] == answer.status_code
        and body["request_id"] == answer.headers["x-request-id"]
    )


def test_the_routes_are_those_of_the_contract() -> None:
    assert {(method, path) for method, path, _ in OPERATIONS} == {
        ("GET", "/healthz"),
        ("GET", "/v1/jobs/{job_id}"),
        ("POST", "/v1/jobs/{job_id}/cancel"),
        ("GET", "/catalog.jsonld"),
        ("GET", "/catalog.ttl"),
        ("GET", "/data.json"),
        ("GET", "/api/3/action/{action}"),
        ("POST", "/api/3/action/{action}"),
        ("GET", "/api/action/{action}"),
        ("POST", "/api/action/{action}"),
        ("GET", "/v1/resources/{resource_id}/dcat"),
        ("GET", "/v1/resources/{resource_id}/contract"),
        ("POST", "/v1/records"),
        ("POST", "/v1/records/check"),
        ("POST", "/v1/records/actions"),
        ("GET", "/v1/records"),
        ("GET", "/v1/records/queue"),
        ("GET", "/v1/records/{resource_id}"),
        ("GET", "/v1/records/{resource_id}/history"),
        ("GET", "/v1/records/{resource_id}/diff"),
        ("GET", "/v1/records/{resource_id}/similar"),
        ("GET", "/v1/records/{resource_id}/bindings"),
        ("POST", "/v1/records/{resource_id}/actions"),
        ("GET", "/v1/departments/{department_id}/resources"),
        ("GET", "/v1/negative-list"),
        ("GET", "/v1/quality"),
        ("GET", "/v1/resources/{resource_id}/quality"),
        ("GET", "/v1/statistics"),
        ("GET", "/v1/statistics/bindings"),
        ("GET", "/v1/notices"),
        ("POST", "/v1/notices/{notice_id}/read"),
        ("GET", "/v1/departments"),
        ("GET", "/v1/departments/{department_id}"),
        ("GET", "/v1/elements"),
        ("GET", "/v1/elements/{element_id}"),
        ("POST", "/v1/elements"),
        ("POST", "/v1/elements/{element_id}/actions"),
        ("GET", "/v1/systems"),
        ("GET", "/v1/search"),
        ("GET", "/v1/suggestions"),
        ("POST", "/v1/demands"),
        ("GET", "/v1/demands"),
        ("GET", "/v1/demands/{demand_id}"),
        ("GET", "/v1/resources"),
        ("GET", "/v1/resources/{resource_id}"),
        ("POST", "/v1/resources/{resource_id}/deliveries"),
        ("GET", "/v1/resources/{resource_id}/files"),
        ("GET", "/v1/resources/{resource_id}/files/{file_id}"),
        ("GET", "/v1/deliveries/{delivery_id}"),
        ("GET", "/v1/deliveries/{delivery_id}/violations"),
        ("POST", "/v1/persons/lookup"),
        ("GET", "/v1/drafts"),
        ("GET", "/v1/drafts/{draft_id}"),
        ("POST", "/v1/legal-entities/lookup"),
    }


@EVERY
def test_a_route_is_public_by_the_list_or_asks_for_a_key(
    http: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    answer = ask(http, method, path)
    if path in PUBLIC and (method, path) not in KEYED:
        assert answer.status_code in {200, 404}
        assert "security" not in operation
        return
    assert answer.status_code == 401
    assert is_problem(answer)
    assert answer.json()["type"] == "/problems/no-identity"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert operation["security"] == [{"key": []}]


@EVERY
def test_a_key_that_nobody_gave_out_opens_nothing(
    http: httpx.Client, method: str, path: str, operation: dict[str, Any]
) -> None:
    del operation
    if path in PUBLIC and (method, path) not in KEYED:
        return
    for key in ("nonsense", "dt_00000000_" + "A" * 43):
        answer = ask(http, method, path, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401
        assert is_problem(answer)
        assert answer.json()["type"] == "/problems/unknown-key"
        assert key not in answer.text


@EVERY
def test_openapi_describes_the_problems_of_a_route(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    del method, path
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            assert set(response["content"]) >= {"application/problem+json"}, status
            assert response["description"]
    known = {problem.slug for problem in _table().values()} | {
        "unexpected",
        "invalid-request",
        "body-too-large",
        "unreadable-body",
        "bad-request",
    }
    for response in operation["responses"].values():
        if "application/problem+json" in response["content"]:
            named = response["description"].split(" · ")[-1].split(" (")[0].split(", ")
            assert {name.strip() for name in named} <= known


def test_the_pages_that_describe_the_api_need_no_other_host(http: httpx.Client) -> None:
    page = http.get("/docs")
    assert page.status_code == 200
    assert "//" not in re.sub(r"^\s*//.*$", "", page.text, flags=re.MULTILINE)
    named = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)""", page.text)
    assert len(named) == 4  # script, style, icon, and the description itself
    for path in named:
        answer = http.get(path)
        assert (answer.status_code, len(answer.content) > 1000) == (200, True), path
    assert http.get("/redoc").status_code == 404


def test_openapi_has_examples_for_what_is_sent() -> None:
    by_path = {(method, path): operation for method, path, operation in OPERATIONS}
    for path in ("/v1/persons/lookup", "/v1/legal-entities/lookup"):
        operation = by_path["POST", path]
        assert operation["requestBody"]["content"]["application/json"]["examples"]
        assert operation["responses"]["200"]["content"]["application/json"]["examples"]
    upload = by_path["POST", "/v1/resources/{resource_id}/deliveries"]
    assert "text/csv" in upload["requestBody"]["content"]


def test_no_route_takes_a_number_in_its_url() -> None:
    for _method, path, operation in OPERATIONS:
        named = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert not named & {"number", "id_number", "uscc", "scheme"}, path


@pytest.mark.parametrize(
    ("method", "url", "status", "slug"),
    [
        ("GET", "/v1/nothing", 404, "no-such-route"),
        ("GET", "/", 404, "no-such-route"),
        ("DELETE", "/v1/departments", 405, "method-not-allowed"),
        ("GET", "/v1/persons/lookup", 405, "method-not-allowed"),
        ("GET", "/v1/resources?limit=0", 422, "invalid-request"),
        ("GET", "/v1/resources?limit=many", 422, "invalid-request"),
        ("GET", "/v1/resources?cursor=%21", 422, "bad-request"),
        ("GET", "/v1/resources/none-such", 404, "resource-not-found"),
    ],
)
def test_an_error_of_any_kind_is_a_problem(
    http: httpx.Client, method: str, url: str, status: int, slug: str
) -> None:
    answer = http.request(method, url)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert is_problem(answer)


def test_an_unforeseen_error_is_a_problem_without_its_reason(
    http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("inner workings")

    monkeypatch.setattr("api.http.routes.catalogue.published_record", fail)
    answer = http.get("/v1/resources/population")
    assert answer.status_code == 500
    assert is_problem(answer)
    assert "inner" not in answer.text
    assert answer.json()["request_id"] in answer.json()["detail"]


def test_a_list_is_paged_by_key_and_says_where_to_go_on(http: httpx.Client) -> None:
    seen: list[str] = []
    url = "/v1/resources?limit=1"
    for _ in range(20):
        page = http.get(url).json()
        assert page.keys() == {"request_id", "items", "next_cursor"}
        seen += [item["resource_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        url = f"/v1/resources?limit=1&cursor={page['next_cursor']}"
    assert seen == sorted(set(seen))
    assert {"legal-entity", "person", "population"} <= set(seen)
    whole = http.get("/v1/departments").json()["items"]
    first = http.get("/v1/departments?limit=1").json()
    rest = http.get(f"/v1/departments?cursor={first['next_cursor']}").json()["items"]
    assert first["items"] + rest == whole


def test_every_route_says_what_it_answers(http: httpx.Client) -> None:
    del http
    app = create_app(open_services(load_settings({})))
    routes = [route for route in app.routes if isinstance(route, APIRoute)]
    assert all(route.response_model is not None for route in routes)


def test_the_public_catalogue_hides_what_is_not_published(
    http: httpx.Client, world: Any, keyed: Callable[[str], dict[str, str]]
) -> None:
    from api.usecases.records import add_record
    from tests.api.makers import a_record

    draft = a_record(resource_id="secret-draft", name="尚未发布的记录")
    add_record(world.services, world.caller("gongan-steward"), draft)
    missing = http.get("/v1/resources/none-such").json()
    hidden = http.get("/v1/resources/secret-draft", headers=keyed("gongan-steward")).json()
    assert hidden["type"] == missing["type"]
    assert hidden["status"] == missing["status"] == 404
    assert http.get("/v1/resources?q=尚未发布").json()["items"] == []


def test_numbers_in_examples_are_nobodys_and_pass_their_check() -> None:
    text = json.dumps(create_app(open_services(load_settings({}))).openapi())
    found = re.findall(r"(?<![0-9A-Za-z-])[0-9]{2}[0-9A-Z]{15}[0-9X](?![0-9A-Za-z-])", text)
    found += re.findall(r"(?<![0-9A-Za-z])[0-9]{8}[0-9A-Z]{10}(?![0-9A-Za-z])", text)
    assert found
    for number in found:
        kinds = (IdentifierKind.CITIZEN, IdentifierKind.USCC)
        assert any(check_identifier(kind, number).valid for kind in kinds), number
        assert "99" in {number[:2], number[2:4]}, number


def test_a_parameter_without_a_value_is_one_not_given(http: httpx.Client) -> None:
    blank, plain = http.get("/v1/resources?q=&limit=&cursor="), http.get("/v1/resources")
    assert blank.status_code == 200
    assert blank.json()["items"] == plain.json()["items"]
