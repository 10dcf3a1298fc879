"""Uploads that wait for a worker, jobs as callers see them, and how they are ended."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.http.runner import Waiting
from tests.api.conftest import Datong, served, services_at
from tests.api.makers import ANNA, GOOD_FILE, PURPOSE, RESOURCE, World, make_world
from tests.api.working import working

URL = f"/v1/resources/{RESOURCE}/deliveries"
QUESTION = {"scheme": "citizen", "number": ANNA, "purpose": PURPOSE}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world of these tests' own, where nothing works before a test lets it."""
    services = services_at(tmp_path_factory.mktemp("waiting") / "home")
    yield make_world(services)
    services.close()


@pytest.fixture(scope="module")
def http(own: World) -> Iterator[httpx.Client]:
    limits = httpx.Limits(max_connections=100)
    with (
        served(own.services) as address,
        httpx.Client(base_url=address, timeout=60, limits=limits) as client,
    ):
        yield client


def key(own: World, account: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {own.keys[account]}"}


def send(http: httpx.Client, own: World, day: int, *, early: bool = False) -> httpx.Response:
    headers = key(own, "gongan-clerk") | ({"Prefer": "respond-async"} if early else {})
    params = {"mode": "full", "data-time": f"2026-08-{day:02d}"}
    return http.post(URL, content=GOOD_FILE, params=params, headers=headers)


def test_uploads_that_wait_keep_no_lookup_waiting(http: httpx.Client, own: World) -> None:
    answers: list[httpx.Response] = []
    senders = [
        threading.Thread(target=lambda day=day: answers.append(send(http, own, day)))
        for day in range(1, 29)
    ]
    for sender in senders:
        sender.start()
    deadline = time.monotonic() + 60
    auditor = key(own, "operator")
    while time.monotonic() < deadline:
        if len(queued(own)) == len(senders):
            break
        time.sleep(0.05)
    assert len(queued(own)) == len(senders)
    for _ in range(30):
        found = http.post("/v1/persons/lookup", json=QUESTION, headers=key(own, "hall-app"))
        assert found.json()["found"]
    assert http.get("/v1/jobs/none-such", headers=auditor).status_code == 404
    assert answers == []
    with working(own.services):
        for sender in senders:
            sender.join(timeout=120)
    assert sorted(answer.status_code for answer in answers) == [201] * len(senders)
    assert {answer.json()["state"] for answer in answers} == {"loaded"}


def queued(own: World) -> list[dict[str, object]]:
    from api.usecases.jobs import list_jobs

    found = list_jobs(own.services, own.caller("operator"), states=["queued"])
    return [job.as_json() for job in found]


def test_a_job_is_shown_to_its_department_and_the_operator(http: httpx.Client, own: World) -> None:
    early = send(http, own, 29, early=True)
    assert early.status_code == 202
    job = early.json()["job"]
    assert (job["state"], job["attempts"], job["error"]) == ("queued", 0, None)
    url = f"/v1/jobs/{job['job_id']}"
    shown = http.get(url, headers=key(own, "gongan-clerk")).json()
    assert (shown["kind"], shown["subject"]) == ("delivery", early.json()["delivery_id"])
    for account, status in (("operator", 200), ("auditor", 200), ("minzheng-clerk", 404)):
        assert http.get(url, headers=key(own, account)).status_code == status
    assert http.get(url, headers=key(own, "hall-app")).status_code == 403
    assert http.post(f"{url}/cancel", headers=key(own, "minzheng-clerk")).status_code == 404
    assert http.post(f"{url}/cancel", headers=key(own, "auditor")).status_code == 403


def test_a_waiting_delivery_is_cancelled_and_delivered_again(
    http: httpx.Client, own: World
) -> None:
    early = send(http, own, 30, early=True).json()
    url = f"/v1/jobs/{early['job']['job_id']}/cancel"
    cancelled = http.post(url, headers=key(own, "gongan-clerk"))
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    line = [line for line in own.audit() if line["action"] == "job.cancel"][-1]
    assert (line["account"], line["result"]) == ("gongan-clerk", "ok")
    assert line["detail"]["subject"] == early["delivery_id"]
    shown = http.get(f"/v1/deliveries/{early['delivery_id']}", headers=key(own, "gongan-clerk"))
    assert shown.json()["reason"]["code"] == "delivery.cancelled"
    late = http.post(url, headers=key(own, "operator"))
    assert (late.status_code, late.json()["type"]) == (409, "/problems/job-not-cancellable")
    with working(own.services):
        again = send(http, own, 30)
    assert (again.status_code, again.json()["accepted"]) == (201, 2)
    assert again.json()["delivery_id"] != early["delivery_id"]


def test_jobs_by_command(
    own: World, datong: Datong, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATONG_HOME", str(own.services.settings.home))
    file = tmp_path / "population.csv"
    file.write_bytes(GOOD_FILE)
    ran = datong(
        *("deliver", str(file), "--resource", RESOURCE, "--mode", "full"),
        *("--data-time", "2026-07-01", "--no-wait", "--as", "gongan-clerk", "--json"),
    )
    early = json.loads(ran.out)
    assert (ran.code, early["state"], early["job"]["state"]) == (0, "received", "queued")
    job_id = early["job"]["job_id"]
    listed = datong("job", "list", "--state", "queued", "--as", "gongan-clerk", "--json").out
    assert job_id in [json.loads(line)["job_id"] for line in listed.splitlines()]
    assert datong("job", "list", "--as", "minzheng-clerk", "--json").out == ""
    assert datong("job", "list", "--state", "odd", "--as", "operator").code == 2
    assert job_id in datong("job", "list", "--as", "operator").out
    done = json.loads(datong("job", "cancel", job_id, "--as", "operator", "--json").out)
    assert done["state"] == "cancelled"
    assert "cancelled" in datong("job", "show", job_id, "--as", "operator").out
    ran = datong("view", "build", "person", "--no-wait", "--as", "operator", "--json")
    view = json.loads(ran.out)
    assert (ran.code, view["kind"], view["state"]) == (0, "view", "queued")
    assert datong("job", "cancel", view["job_id"], "--as", "operator").code == 0
    ran = datong("job", "cancel", view["job_id"], "--as", "operator", "--json")
    assert (ran.code, json.loads(ran.err)["error"]["code"]) == (1, "job-not-cancellable")


def test_who_waits_no_longer_takes_the_verdict_from_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two wait for one delivery; the first goes away, and the second is told when it is done."""
    finished: set[str] = set()
    monkeypatch.setattr(
        "api.http.runner.finished_of", lambda _services, ids: frozenset(finished & set(ids))
    )

    async def two(services: Any) -> float:
        with ThreadPoolExecutor(1) as thread:
            waiting = Waiting(services, thread)
            monkeypatch.setattr("api.http.runner.LONGEST_WAIT", 0.2)
            first = asyncio.create_task(waiting.wait_for("one"))
            await asyncio.sleep(0.05)
            monkeypatch.setattr("api.http.runner.LONGEST_WAIT", 30)
            second = asyncio.create_task(waiting.wait_for("one"))
            await first
            assert not second.done()
            began = time.monotonic()
            finished.add("one")
            await second
            return time.monotonic() - began

    assert asyncio.run(two(None)) < 10
