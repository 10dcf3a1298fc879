"""Lookups that are asked at the same time: each its own answer, error and line, few commits."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
import sqlalchemy as sa

from api.bootstrap import Services
from api.http import lookup_batches
from api.http.lookup_batches import LookupBatches
from api.logs import log_file
from api.usecases.lookup import Question
from api.usecases.lookup_batch import Call, Outcome
from catalog.audit_writer import AuditWriter
from lake.views.cell_text import CellTexts
from tests.api.makers import ANNA, BERT, NOBODY, PURPOSE, World

Header = Callable[[str], dict[str, str]]
AT_ONCE = 24


@pytest.fixture
def ask(http: httpx.Client, keyed: Header) -> Callable[..., httpx.Response]:
    def post(number: str = ANNA, account: str = "hall-app", **said: Any) -> httpx.Response:
        body = {"scheme": "citizen", "number": number, "purpose": PURPOSE, **said}
        return http.post("/v1/persons/lookup", json=body, headers=keyed(account))

    return post


def test_everyone_gets_his_own_answer_and_line(
    ask: Callable[..., httpx.Response], world: World
) -> None:
    kinds: list[tuple[dict[str, Any], int, str, Any]] = [
        ({"number": ANNA, "items": ["name"]}, 200, "ok", "安娜"),
        ({"number": BERT, "items": ["name"]}, 200, "ok", "贝特"),
        ({"number": NOBODY, "items": ["name"]}, 200, "ok", None),
        ({"items": ["phone"]}, 403, "item-not-granted", None),
        ({"account": "bare-app"}, 403, "no-grant", None),
        ({"number": "12345"}, 422, "malformed-number", None),
    ]
    asked = [kinds[place % len(kinds)] for place in range(120)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda kind: ask(**kind[0]), asked))
    lines = {line["request_id"]: line for line in world.audit()}
    for (said, status, result, name), answer in zip(asked, answers, strict=True):
        assert (answer.status_code, lines[answer.json()["request_id"]]["result"]) == (
            status,
            result,
        )
        assert lines[answer.json()["request_id"]]["account"] == said.get("account", "hall-app")
        if status == 200:
            cells = answer.json()["cells"]
            assert cells.get("name", {}).get("value") == name
    assert len({answer.json()["request_id"] for answer in answers}) == len(asked)


def test_one_that_fails_unforeseen_fails_alone(
    ask: Callable[..., httpx.Response], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = CellTexts.text

    def fail(self: CellTexts, number: str, *rest: Any) -> str:
        if number == BERT:
            raise ZeroDivisionError("inner workings")
        return real(self, number, *rest)

    monkeypatch.setattr(CellTexts, "text", fail)
    numbers = [(ANNA, BERT)[place % 5 == 0] for place in range(40)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(ask, numbers))
    lines = {line["request_id"]: line["result"] for line in world.audit()}
    log = log_file(world.services.settings.logs).read_text(encoding="utf-8")
    said = [json.loads(line) for line in log.splitlines()]
    logged = {line.get("request_id") for line in said if line["event"] == "unexpected"}
    for number, answer in zip(numbers, answers, strict=True):
        request_id = answer.headers["x-request-id"]
        if number == ANNA:
            assert (answer.status_code, lines[request_id]) == (200, "ok")
            continue
        assert (answer.status_code, lines[request_id]) == (500, "unexpected")
        assert answer.json()["type"] == "/problems/unexpected"
        assert "inner" not in answer.text
        assert request_id in logged  # written at once, unlike the lines of ordinary requests


def test_what_comes_while_one_is_written_is_written_in_one_commit(
    ask: Callable[..., httpx.Response], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask().status_code == 200
    commits: list[int] = []
    real = AuditWriter.insert

    def counted(self: AuditWriter, rows: list[Any]) -> None:
        commits.append(len(rows))
        real(self, rows)

    monkeypatch.setattr(AuditWriter, "insert", counted)
    store = world.services.settings.home / "audit.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            first = pool.submit(ask)
            deadline = time.monotonic() + 20
            while not commits and time.monotonic() < deadline:
                time.sleep(0.01)
            others = [pool.submit(ask) for _ in range(AT_ONCE - 1)]
            time.sleep(0.3)  # so many are sent by then that those that are not do not matter
            holder.execute("ROLLBACK")
            answers = [each.result() for each in (first, *others)]
    assert [answer.status_code for answer in answers] == [200] * AT_ONCE
    assert sum(commits) == AT_ONCE
    assert commits[0] == 1
    assert max(commits) > AT_ONCE // 2


def test_an_audit_store_that_cannot_be_written_is_told_of_once(
    ask: Callable[..., httpx.Response], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: AuditWriter, rows: list[Any]) -> None:
        raise sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    log = log_file(world.services.settings.logs)
    before = len(log.read_text(encoding="utf-8"))
    with monkeypatch.context() as broken:
        broken.setattr(AuditWriter, "insert", fail)
        assert [ask().status_code for _ in range(3)] == [503] * 3
    assert [ask().status_code for _ in range(2)] == [200] * 2  # logged once the answer is sent
    said = [json.loads(line) for line in log.read_text(encoding="utf-8")[before:].splitlines()]
    told = [line for line in said if line.get("what") == "database"]
    assert [line["event"] for line in told] == ["stalled", "going-on"]
    assert "disk I/O error" in told[0]["says"]


def test_callers_who_ask_again_at_once_come_together(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def answer(_services: object, calls: Sequence[Call]) -> list[Outcome]:
        sizes.append(len(calls))
        time.sleep(0.002)
        return [Outcome("", None)] * len(calls)

    monkeypatch.setattr(lookup_batches, "work_ahead", lambda *_: None)
    monkeypatch.setattr(lookup_batches, "answer_calls", answer)
    call = Call("id", "here", None, Question("person", "citizen", ANNA, PURPOSE))

    async def caller(batches: LookupBatches, calls: int, place: int = 0) -> None:
        for _ in range(calls):
            await batches.answer(call)
            for _ in range(place):  # one after the other: no two calls arrive at the same moment
                await asyncio.sleep(0)

    async def call_together() -> None:
        batches = LookupBatches(cast(Services, SimpleNamespace(close_readers=lambda: None)))
        await asyncio.gather(*(caller(batches, 20, place) for place in range(8)))
        assert sizes.count(8) > 15
        sizes.clear()
        await caller(batches, 20)
        assert sizes == [1] * 20
        await batches.close()

    asyncio.run(call_together())


def test_a_clock_that_passes_the_end_of_a_grant_ends_remembered_rights_too(
    ask: Callable[..., httpx.Response], world: World
) -> None:
    """Nothing changes in the database when a period ends: the moment is judged at each call."""
    import datetime as dt

    import sqlalchemy as sa

    world.account("soon-app", "consumer", kind="application")
    grant_id = world.grant(application="soon-app")
    assert ask(account="soon-app").status_code == 200
    end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    with world.services.database.transaction() as conn:
        statement = sa.text("UPDATE grants SET valid_until = :end WHERE grant_id = :grant_id")
        text = end.replace(tzinfo=None).isoformat(" ", "microseconds")
        conn.execute(statement, {"end": text, "grant_id": grant_id})
    seen = set()
    while dt.datetime.now(dt.UTC) < end + dt.timedelta(seconds=0.2):
        sent = dt.datetime.now(dt.UTC)
        answer = ask(account="soon-app")
        came = dt.datetime.now(dt.UTC)
        if came < end:
            assert answer.status_code == 200
        elif sent >= end:
            assert answer.json()["type"] == "/problems/grant-expired"
        seen.add(answer.status_code)
    assert seen == {200, 403}
