"""No answer leaves before its audit line is durable, and without the line there is no answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.e2e.chain import Chain, ask, line_of, run_command
from tests.e2e.test_privacy import MALFORMED, UNKNOWN

NOT_YET = 0.4  # seconds in which an answer that does not wait would long have come


@pytest.fixture
def http(a_copy: Chain) -> Iterator[httpx.Client]:
    with a_copy.served() as client:
        yield client


def questions(chain: Chain) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """By the result that the audit line is to have."""
    person, key = chain.world.showcase["citizen"], chain.key("hall-app")

    def asks(key: dict[str, str] = key, **said: Any) -> Callable[[httpx.Client], httpx.Response]:
        body = {"scheme": "citizen", "number": person, **said}
        return lambda http: ask(http, key, "persons", **body)

    delivery = chain.deliveries[0].delivery_id
    clerk = chain.key("gongan-steward")
    return {
        "ok": asks(),
        "item-not-granted": asks(items=["phone"]),
        "other-purpose": asks(purpose="work_reference"),
        "malformed-number": asks(number=MALFORMED),
        "scheme-not-in-view": asks(scheme="passport"),
        "role-not-allowed": asks(clerk),
        "no-identity": asks({}),
        "revoked-key": asks(chain.key("street-app")),
        "unknown-key": asks({"Authorization": "Bearer dt_none"}),
        "delivery-not-found": lambda http: http.get("/v1/deliveries/none", headers=clerk),
        "ok delivery": lambda http: http.get(f"/v1/deliveries/{delivery}", headers=clerk),
    }


def test_the_line_of_every_answer_lies_on_the_disk_when_the_answer_is_there(
    http: httpx.Client, a_copy: Chain
) -> None:
    for result, question in questions(a_copy).items():
        answer = question(http)
        line = line_of(a_copy, answer)
        assert line["result"] == result.split()[0]
        assert line["action"]
        assert line["address"] == "127.0.0.1"
    nobody = ask(http, a_copy.key("hall-app"), "persons", scheme="citizen", number=UNKNOWN)
    assert (nobody.json()["found"], line_of(a_copy, nobody)["rows"]) == (False, 0)


def test_an_answer_waits_until_its_line_can_be_written(http: httpx.Client, a_copy: Chain) -> None:
    """Another writer holds the audit store: nothing is told until it lets go."""
    results = ("ok", "item-not-granted", "unknown-key", "ok delivery")
    asked = [questions(a_copy)[result] for result in results]
    for question in asked:  # the second time, rights are remembered and nothing is slow by itself
        question(http)
    with closing(sqlite3.connect(a_copy.home / "audit.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(len(asked)) as threads:
            asking = [threads.submit(question, http) for question in asked]
            answered, _ = wait(asking, NOT_YET)
            holder.execute("ROLLBACK")
    assert answered == set()
    for result, one in zip(results, asking, strict=True):
        assert line_of(a_copy, one.result())["result"] == result.split()[0]


def test_without_its_audit_line_no_call_is_answered(http: httpx.Client, a_copy: Chain) -> None:
    assert questions(a_copy)["ok"](http).status_code == 200
    with closing(sqlite3.connect(a_copy.home / "audit.db")) as conn, conn:
        conn.execute("DROP TABLE audit_lines")
    for result, question in questions(a_copy).items():
        answer = question(http)
        assert answer.status_code == 503, (result, answer.text)
        assert answer.json()["type"] == "/problems/audit-not-written"
        assert not {"cells", "found", "items", "rows_in", "item"} & answer.json().keys()
        assert a_copy.world.showcase["citizen"] not in answer.text
    # what nobody has a right to refuse goes on: the public catalogue and the sign of life
    assert http.get("/v1/resources").status_code == 200


def test_a_command_without_an_audit_store_prints_no_data(a_copy: Chain) -> None:
    for file in a_copy.home.glob("audit.db*"):
        file.unlink()
    (a_copy.home / "audit.db").mkdir()
    person = a_copy.world.showcase["citizen"]
    asked = ["lookup", "person", "--scheme", "citizen", "--purpose", "licence_handling"]
    ran = run_command(a_copy, *asked, "--number", person, "--as", "hall-app", "--json")
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr
    assert person.encode() not in ran.stderr
    assert b"Traceback" not in ran.stderr
