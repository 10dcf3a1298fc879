"""Deliveries over HTTP: what is sent, what is answered, and who may read it afterwards."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from api.http.paging import cursor_of
from tests.api.makers import GOOD_FILE, RESOURCE, World, a_citizen_number, a_csv

Header = Callable[[str], dict[str, str]]
Send = Callable[..., httpx.Response]
URL = f"/v1/resources/{RESOURCE}/deliveries"


@pytest.fixture
def send(http: httpx.Client, keyed: Header) -> Send:
    """Deliver a body as the clerk of the providing department."""

    def post(
        content: Any,
        *,
        account: str = "gongan-clerk",
        url: str = URL,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> httpx.Response:
        params = {"mode": "incremental", "data-time": "2026-11-01", **query}
        sent = {**keyed(account), "Content-Disposition": 'attachment; filename="人口.csv"'.encode()}
        sent |= headers or {}  # type: ignore[arg-type]
        return http.post(url, content=content, params=params, headers=sent)  # type: ignore[arg-type]

    return post


def some_rows(sequence: int, count: int = 3) -> bytes:
    numbers = (a_citizen_number(n, "19800101") for n in range(sequence, sequence + count))
    return a_csv((number, "某人", "1") for number in numbers)


def test_a_delivery_is_answered_with_its_verdict(send: Send) -> None:
    content = some_rows(100)
    answer = send(content, rows=3, sha256=hashlib.sha256(content).hexdigest().upper())
    assert answer.status_code == 201
    body = answer.json()
    counts = {name: body[name] for name in ("rows_in", "accepted", "quarantined", "refused")}
    assert counts == {"rows_in": 3, "accepted": 3, "quarantined": 0, "refused": 0}
    assert (body["state"], body["reason"]) == ("loaded", None)
    assert body["sha256"] == hashlib.sha256(content).hexdigest()
    assert body["file_name"] == "人口.csv"
    assert body["data_time"] == "2026-11-01T00:00:00+08:00"
    assert answer.headers["location"] == f"/v1/deliveries/{body['delivery_id']}"


def test_a_retry_gets_the_first_answer(send: Send) -> None:
    content = some_rows(110)
    first, again = send(content), send(content)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


def test_the_same_idempotency_key_with_other_bytes_is_refused(send: Send) -> None:
    key = {"Idempotency-Key": "one"}
    first = send(some_rows(120), headers=key)
    again = send(some_rows(120), headers=key, **{"data-time": "2026-11-02"})
    other = send(some_rows(123), headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert other.json()["delivery_id"] == first.json()["delivery_id"]


def test_a_file_refused_whole_is_a_problem_with_its_delivery(
    send: Send, http: httpx.Client, keyed: Header
) -> None:
    answer = send("公民身份号码,名字\n1,甲\n".encode())
    assert answer.status_code == 422
    body = answer.json()
    assert body["type"] == "/problems/delivery-refused"
    assert (body["refused"], body["accepted"], body["state"]) == (1, 0, "refused")
    assert body["reason"]["code"].startswith("header.")
    assert body["reason"]["zh"] in body["detail_zh"]
    kept = http.get(f"/v1/deliveries/{body['delivery_id']}", headers=keyed("gongan-clerk"))
    assert kept.json()["reason"] == body["reason"]


@pytest.mark.parametrize(
    ("account", "resource", "code"),
    [
        ("gongan-clerk", "none-such", "resource.unknown"),
        ("minzheng-clerk", RESOURCE, "resource.not_yours"),
        ("gongan-clerk", "person", "resource.not_yours"),
    ],
)
def test_a_file_for_a_resource_that_cannot_take_it_is_kept_and_refused(
    send: Send, account: str, resource: str, code: str
) -> None:
    answer = send(GOOD_FILE, account=account, url=f"/v1/resources/{resource}/deliveries")
    assert answer.status_code == 422
    assert answer.json()["reason"]["code"] == code
    assert answer.json()["delivery_id"]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ({"mode": "append"}, "invalid-request"),
        ({"data-time": "yesterday"}, "bad-time"),
        ({"rows": "-1"}, "invalid-request"),
        ({"sha256": "abc"}, "invalid-request"),
    ],
)
def test_a_wrong_parameter_is_refused_before_anything_is_kept(
    send: Send, query: dict[str, str], slug: str
) -> None:
    answer = send(GOOD_FILE, **query)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")
    assert "delivery_id" not in answer.json()


def test_a_missing_data_time_is_named(http: httpx.Client, keyed: Header) -> None:
    answer = http.post(URL, params={"mode": "full"}, headers=keyed("gongan-clerk"))
    assert answer.json()["errors"][0]["place"] == "query/data-time"


def test_a_delivery_that_prefers_it_is_answered_before_it_is_loaded(
    send: Send, http: httpx.Client, keyed: Header
) -> None:
    content = some_rows(130)
    early = send(content, headers={"Prefer": "respond-async"})
    assert early.status_code == 202
    assert early.headers["preference-applied"] == "respond-async"
    assert early.json()["state"] in {"received", "loading"}
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = http.get(early.headers["location"], headers=keyed("gongan-clerk")).json()
        if now["state"] == "loaded":
            break
        time.sleep(0.05)
    assert (now["state"], now["accepted"]) == ("loaded", 3)
    assert send(content, headers={"Prefer": "respond-async"}).status_code == 201


def test_a_body_is_taken_in_as_it_comes(send: Send) -> None:
    """The second half is sent only when the first one was taken: nothing waits for the whole."""
    content = some_rows(140, 20)
    sent_all = threading.Event()

    def halves() -> Iterator[bytes]:
        yield content[:300]
        time.sleep(0.1)
        yield content[300:]
        sent_all.set()

    assert send(halves()).json()["accepted"] == 20
    assert sent_all.is_set()


def test_an_upload_that_breaks_off_leaves_no_delivery(
    server: str, world: World, keyed: Header
) -> None:
    import socket
    from urllib.parse import urlsplit

    from catalog import deliveries

    with world.services.database.reading() as conn:
        before = len(deliveries.list_deliveries(conn, limit=1000))
    place = urlsplit(server)
    with socket.create_connection((str(place.hostname), place.port or 0)) as half:
        head = (
            f"POST {URL}?mode=full&data-time=2026-12-01 HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: {keyed('gongan-clerk')['Authorization']}\r\n"
            "Content-Length: 1000\r\n\r\n"
        )
        half.sendall(head.encode() + b"half of it")
        time.sleep(0.3)
    time.sleep(0.3)
    with world.services.database.reading() as conn:
        assert len(deliveries.list_deliveries(conn, limit=1000)) == before


def test_a_delivery_is_shown_to_its_department_and_to_the_auditor(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    assert world.delivery is not None
    url = f"/v1/deliveries/{world.delivery.delivery_id}"
    own = http.get(url, headers=keyed("gongan-clerk"))
    assert own.json() == world.delivery.as_json()
    assert http.get(url, headers=keyed("auditor")).json() == own.json()
    foreign = http.get(url, headers=keyed("minzheng-clerk"))
    missing = http.get("/v1/deliveries/none-such", headers=keyed("minzheng-clerk"))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["type"] == missing.json()["type"] == "/problems/delivery-not-found"


def test_violations_are_paged_in_the_order_of_their_rows(
    send: Send, http: httpx.Client, keyed: Header, world: World
) -> None:
    bad = [(f"99010119900101{n:03d}A", "某人", "1") for n in range(5)]
    answer = send(a_csv([(a_citizen_number(150), "好人", "1"), *bad]))
    body = answer.json()
    assert (answer.status_code, body["accepted"] + body["quarantined"]) == (201, 6)
    assert body["quarantined"] == sum(body["rules"].values()) == 5
    url: str | None = f"/v1/deliveries/{body['delivery_id']}/violations?limit=2"
    found: list[dict[str, Any]] = []
    while url is not None:
        page = http.get(url, headers=keyed("gongan-clerk")).json()
        found += page["items"]
        following = page["next_cursor"]
        url = following and f"{url.split('&')[0]}&cursor={following}"
    assert len(found) == body["quarantined"]
    assert [each["row"] for each in found] == sorted(each["row"] for each in found)
    fields = {"row", "line", "key", "item", "rule", "severity", "value", "zh", "en"}
    assert all(each.keys() == fields for each in found)
    foreign = http.get(
        f"/v1/deliveries/{body['delivery_id']}/violations", headers=keyed("minzheng-clerk")
    )
    assert foreign.status_code == 404


def test_reading_a_delivery_leaves_an_audit_line(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    assert world.delivery is not None
    delivery_id = world.delivery.delivery_id
    answers = [
        http.get(f"/v1/deliveries/{delivery_id}{part}", headers=keyed(account))
        for part in ("", "/violations")
        for account in ("gongan-clerk", "minzheng-clerk", "operator")
    ]
    lines = {line["request_id"]: line for line in world.audit()}
    results = [lines[answer.headers["x-request-id"]]["result"] for answer in answers]
    assert results == ["ok", "delivery-not-found", "role-not-allowed"] * 2


def test_the_authority_does_not_make_a_clerk_see_the_deliveries_of_others(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    assert world.delivery is not None
    world.account("clerk-and-authority", "clerk", "authority", department="minzheng")
    world.account("clerk-and-auditor", "clerk", "auditor", department="minzheng")
    for part in ("", "/violations"):
        url = f"/v1/deliveries/{world.delivery.delivery_id}{part}"
        refused = http.get(url, headers=keyed("clerk-and-authority")).json()
        assert refused["type"] == "/problems/delivery-not-found"
        assert http.get(url, headers=keyed("clerk-and-auditor")).status_code == 200


@pytest.mark.parametrize("key", ["²", "9" * 250, "-1", "a"])
def test_a_cursor_that_no_page_gave_out_is_refused(
    http: httpx.Client, keyed: Header, world: World, key: str
) -> None:
    assert world.delivery is not None
    url = f"/v1/deliveries/{world.delivery.delivery_id}/violations"
    cursor = cursor_of(key)
    answer = http.get(url, headers=keyed("gongan-clerk"), params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bad-request")


def test_a_row_count_beyond_every_file_is_refused(
    http: httpx.Client, keyed: Header, world: World
) -> None:
    answer = http.post(
        f"/v1/resources/{RESOURCE}/deliveries",
        params={"mode": "full", "data-time": "2026-12-01", "rows": str(10**30)},
        headers=keyed("gongan-clerk"),
        content=GOOD_FILE,
    )
    assert (answer.status_code, answer.json()["place"]) == (422, "rows")
