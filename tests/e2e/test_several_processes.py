"""Three processes answer lookups: what changes holds in all of them, and no kill loses a line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
import sqlalchemy as sa

from api.bootstrap import open_services
from api.settings import load_settings
from api.usecases import grants
from examples.demo import WORLD
from examples.office import PLATFORM, Office, document_of
from tests.e2e.chain import (
    Chain,
    SampleWorld,
    ask,
    audit_lines,
    do_the_main_job,
    plain_connection,
)
from tests.servers.ports import free_ports

PROCESSES = 3
CALLERS = 24  # connections: so many that every process has some
CALLS = 50  # of one connection
FAR = 60.0  # seconds after which waiting has failed


@dataclass(frozen=True)
class Told:
    """One call: when it began, and what it was answered."""

    began: float
    status: int
    slug: str
    version: int
    request_id: str


@dataclass
class Crowd:
    """Callers who ask for one person without pause, each on a connection of its own."""

    chain: Chain
    url: str
    told: list[Told] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def asking(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            wait_for(lambda: len(self.told) > 3 * CALLERS)
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _ask(self) -> None:
        person, key = self.chain.world.showcase["citizen"], self.chain.key("hall-app")
        while not self._over.is_set():
            with httpx.Client(base_url=self.url, timeout=30) as http:
                try:
                    for _ in range(CALLS):  # then anew, so that all processes get some
                        if not self._over.is_set():
                            self._ask_once(http, key, person)
                except httpx.TransportError as error:
                    self.broken.append(type(error).__name__)

    def _ask_once(self, http: httpx.Client, key: dict[str, str], person: str) -> None:
        began = time.monotonic()
        answer = ask(http, key, "persons", scheme="citizen", number=person)
        said = answer.json()
        self.told.append(
            Told(
                began,
                answer.status_code,
                said.get("type", "").rpartition("/")[2],
                said.get("view_version", 0),
                answer.headers["x-request-id"],
            )
        )

    def since(self, moment: float) -> list[Told]:
        """The calls that began after a moment."""
        return [each for each in self.told if each.began > moment]


@dataclass(frozen=True)
class Served:
    """`datong serve` with several processes."""

    url: str
    process: psutil.Process

    def answering(self) -> list[psutil.Process]:
        """The processes that hold a connection of a caller."""
        port = int(self.url.rpartition(":")[2])
        return [
            child
            for child in self.process.children(recursive=True)
            if any(
                conn.status == psutil.CONN_ESTABLISHED and conn.laddr.port == port
                for conn in child.net_connections("tcp")
            )
        ]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def chain(
    request: pytest.FixtureRequest,
    sample_world: SampleWorld,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Chain]:
    home = tmp_path_factory.mktemp("several")
    if request.param == "sqlite":
        yield do_the_main_job(home, sample_world)
        return
    with request.getfixturevalue("postgres").database(migrated=False) as url:
        yield do_the_main_job(home, sample_world, database_url=url)


@contextmanager
def served(chain: Chain) -> Iterator[Served]:
    [port] = free_ports(1)
    command = [sys.executable, "-m", "api.cli", "serve", "--no-worker", "--port", str(port)]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DATONG_")}
    log = Path(chain.home) / "serve.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, "--workers", str(PROCESSES)],
            env={**plain, **chain.environment},
            stdout=out,
            stderr=out,
        )
    running = Served(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    try:
        wait_for(lambda: is_up(running.url))
        yield running
    finally:
        process.terminate()
        process.wait(FAR)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + FAR
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def office_of(chain: Chain) -> Iterator[Office]:
    services = open_services(load_settings(chain.environment))
    try:
        yield Office(chain.home, services, keys=chain.keys)
    finally:
        services.close()


def everybody_was_answered(crowd: Crowd) -> None:
    """Every connection has had answers since now."""
    asked = len(crowd.told)
    wait_for(lambda: len(crowd.told) > asked + 3 * CALLERS)


def test_a_new_version_is_taken_up_by_all_within_a_second_and_no_call_fails(chain: Chain) -> None:
    with served(chain) as running, office_of(chain) as office:
        crowd = Crowd(chain, running.url)
        published: list[tuple[float, int]] = []
        with crowd.asking():
            wait_for(lambda: len(running.answering()) == PROCESSES)
            for _ in range(4):  # more than are kept: the files of the first go away
                version = office.build_view("person").view_version
                published.append((time.monotonic(), version))
                wait_for(lambda: bool(crowd.since(published[-1][0] + 1.0)))
                everybody_was_answered(crowd)
    assert crowd.broken == []
    assert {told.status for told in crowd.told} == {200}
    for moment, version in published:
        assert min(told.version for told in crowd.since(moment + 1.0)) >= version
    assert crowd.told[-1].version == published[-1][1]


def test_a_revoked_grant_fails_at_the_very_next_call_in_every_process(chain: Chain) -> None:
    with served(chain) as running, office_of(chain) as office:
        authority = office.as_account(f"{PLATFORM}-authority")
        held = [
            grant.grant_id
            for grant in grants.list_grants(office.services, authority)
            if grant.application == "hall-app" and grant.state == "live"
        ]
        crowd = Crowd(chain, running.url)
        with crowd.asking():
            wait_for(lambda: len(running.answering()) == PROCESSES)
            for grant_id in held:
                grants.revoke_grant(office.services, authority, grant_id)
            revoked = time.monotonic()
            everybody_was_answered(crowd)
            for file in sorted((WORLD / "grants").glob("*.yaml")):
                office.grant(document_of(file))
            granted = time.monotonic()
            everybody_was_answered(crowd)
    between = [told for told in crowd.since(revoked) if told.began < granted - 1.0]
    after = crowd.since(granted)
    assert crowd.broken == []
    assert {(told.status, told.slug) for told in crowd.told if told.began < revoked} >= {(200, "")}
    refused = [told for told in crowd.since(revoked) if told.status == 403]
    assert len(refused) >= CALLERS
    assert {told.slug for told in refused} == {"grant-revoked"}
    assert {told.status for told in between} <= {403}
    assert {told.status for told in after} == {200}


def test_a_key_that_an_operator_revokes_by_plain_sql_opens_nothing_more(chain: Chain) -> None:
    database = load_settings(chain.environment).database_url
    change = sa.text("UPDATE account_keys SET revoked_at = :at WHERE account = 'hall-app'")
    with served(chain) as running:
        crowd = Crowd(chain, running.url)
        with crowd.asking():
            wait_for(lambda: len(running.answering()) == PROCESSES)
            with plain_connection(database) as conn:
                conn.execute(change, {"at": "2026-01-01 00:00:00.000000"})
            revoked = time.monotonic()
            everybody_was_answered(crowd)
    with plain_connection(database) as conn:
        conn.execute(change, {"at": None})
    since = crowd.since(revoked)
    assert len(since) >= CALLERS
    assert {(told.status, told.slug) for told in since} == {(401, "revoked-key")}
    assert 200 in {told.status for told in crowd.told}


def test_an_audit_line_outlives_the_kill_of_any_process_once_its_answer_has_left(
    chain: Chain,
) -> None:
    with served(chain) as running:
        crowd = Crowd(chain, running.url)
        with crowd.asking():
            for _ in range(4):
                answering = running.answering()
                os.kill(answering[0].pid, signal.SIGKILL)
                everybody_was_answered(crowd)
                wait_for(lambda: len(running.answering()) > 0)
    assert crowd.broken != []  # the killed ones had calls in hand
    answered = {told.request_id for told in crowd.told}
    assert len(answered) == len(crowd.told) > 3 * CALLERS
    assert answered <= {line["request_id"] for line in audit_lines(chain)}
