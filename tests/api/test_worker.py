"""Workers as processes: what they do, how they die, and who goes on after them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from api.answers import DeliveryAnswer
from api.bootstrap import Services, open_services
from api.settings import load_settings
from api.usecases import jobs as job_cases
from api.usecases import views
from api.usecases.deliveries import show_delivery
from api.usecases.rights import UseCase
from catalog import jobs, workers
from catalog.jobs import Job, JobKind, JobState
from tests.api.makers import GOOD_FILE, RESOURCE, World, make_offices
from tests.api.working import working
from tests.servers.postgres import PostgresServer

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def until(what: Callable[[], object], why: str = "") -> None:
    """Wait for a condition; a deadline that is far away turns a hang into a failure."""
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, why or "this never came"
        time.sleep(0.02)


@dataclass
class Place:
    """A home with a record to deliver to, and processes that work on it."""

    home: Path
    environment: dict[str, str]
    world: World
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def services(self) -> Services:
        return self.world.services

    def deliver(self, **facts: Any) -> DeliveryAnswer:
        """Leave a file of two good rows to a worker."""
        return self.world.deliver(GOOD_FILE, wait=False, **facts)

    def shown(self, delivery: DeliveryAnswer) -> DeliveryAnswer:
        return show_delivery(self.services, self.world.caller("gongan-clerk"), delivery.delivery_id)

    def job(self, delivery: DeliveryAnswer) -> Job:
        with self.services.database.reading() as conn:
            found = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
        assert found is not None
        return found

    def start(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env={**self.environment, **more}
        )
        self.processes.append(process)
        return process

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        return self.start("api.cli", "worker", *options)

    def stopping(self, step: str, action: str, ttl: float = 60) -> subprocess.Popen[bytes]:
        """A worker that does something at a step; wait for `reached`."""
        return self.start("tests.api.work_and_stop", str(self.home), step, action, str(ttl))

    def reached(self) -> bool:
        return (self.home / "reached").exists()

    def is_done(self, delivery: DeliveryAnswer) -> Callable[[], bool]:
        return lambda: self.shown(delivery).state == "loaded"

    def alive(self) -> list[str]:
        with self.services.database.reading() as conn:
            return workers.alive(conn, self.services.clock.now())

    def log(self) -> list[dict[str, Any]]:
        path = self.home / "logs" / "datong.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of every file that lies in the curated table's folder: by plain DuckDB."""
        files = self.home / "lake" / "dept-gongan" / "curated" / RESOURCE / "g1" / "data"
        with duckdb.connect() as con:
            scan = f"SELECT id_number, _delivery FROM '{files}/**/*.parquet' ORDER BY ALL"
            return con.execute(scan).fetchall()

    def rows_are_there_once(self, delivery: DeliveryAnswer) -> None:
        told = self.shown(delivery)
        assert (told.state, told.accepted) == ("loaded", 2)
        rows = self.rows()
        assert len(rows) == len(set(rows)) == 2
        assert {row[1] for row in rows} == {delivery.delivery_id}
        assert self.job(delivery).state is JobState.DONE


def environment_for(home: Path, url: str | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATONG_")}
    kept |= {"DATONG_HOME": str(home), "DATONG_THREADS": "2", "DATONG_MEMORY": "1GB"}
    return kept if url is None else {**kept, "DATONG_DATABASE_URL": url}


@contextmanager
def a_place(home: Path, environment: Mapping[str, str]) -> Iterator[Place]:
    services = open_services(load_settings(environment))
    place = Place(home, dict(environment), make_offices(services))
    try:
        yield place
    finally:
        for process in place.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()
        services.close()


@pytest.fixture
def place(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same on SQLite and on PostgreSQL."""
    home = tmp_path / "home"
    if database_kind == "sqlite":
        with a_place(home, environment_for(home, None)) as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with (
        server.database(migrated=False) as url,
        a_place(home, environment_for(home, url)) as made,
    ):
        yield made


def test_a_worker_loads_what_was_left_to_it_and_ends_when_told(place: Place) -> None:
    early = place.deliver()
    assert early.state == "received"
    assert early.job is not None
    assert (early.job.state, early.job.attempts) == ("queued", 0)
    worker = place.worker()
    until(place.is_done(early))
    assert place.shown(early).job is None
    until(place.alive)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    assert place.alive() == []
    place.rows_are_there_once(early)
    [call, load] = [
        line
        for line in place.world.audit()
        if line["detail"].get("delivery_id") == early.delivery_id
        and line["action"] == UseCase.DELIVER
    ]
    assert (call["detail"]["state"], load["detail"]["state"]) == ("received", "loaded")
    assert (load["address"], load["account"], load["rows"]) == ("worker", call["account"], 2)


@pytest.mark.parametrize("step", ["job_claimed", "rows_checked", "rows_committed"])
def test_a_killed_workers_job_is_finished_by_another(place: Place, step: str) -> None:
    delivery = place.deliver()
    dying = place.stopping(step, "die")
    assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
    assert place.shown(delivery).state in {"received", "loading"}
    place.worker()
    until(place.is_done(delivery))
    place.rows_are_there_once(delivery)
    assert (place.job(delivery).attempts, place.job(delivery).deaths) == (2, 1)


@pytest.mark.parametrize("step", ["rows_checked", "rows_staged", "report_written"])
def test_one_that_stood_still_records_nothing_over_its_successor(place: Place, step: str) -> None:
    delivery = place.deliver()
    still = place.stopping(step, "stand", ttl=1.5)
    until(place.reached)
    with working(place.services):
        until(place.is_done(delivery))
        ended = place.job(delivery)
        told = place.shown(delivery)
        still.send_signal(signal.SIGCONT)
        # it is at the next job when this one is done: so it has come to terms with the first
        second = place.deliver(data_time="2026-11-01")
        until(place.is_done(second))
    third = place.deliver(data_time="2026-11-02")
    until(place.is_done(third), "the one that stood still works on")
    assert place.job(third).holder is None
    assert place.shown(delivery) == told
    assert place.job(delivery) == ended
    of_first = [row for row in place.rows() if row[1] == delivery.delivery_id]
    assert len(of_first) == len(set(of_first)) == 2
    assert any(line["event"] in {"job-put-back", "job-failed"} for line in place.log())
    still.send_signal(signal.SIGTERM)
    assert still.wait(timeout=20) == 0


def test_a_worker_that_is_told_to_end_gives_its_job_back(place: Place) -> None:
    delivery = place.deliver()
    worker = place.stopping("rows_checked", "wait")
    until(place.reached)
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.2)
    (place.home / "go").touch()
    assert worker.wait(timeout=20) == 0
    job = place.job(delivery)
    assert (job.state, job.attempts, job.deaths, job.error) == (JobState.QUEUED, 1, 0, None)
    assert place.alive() == []
    with working(place.services):
        until(place.is_done(delivery))
    place.rows_are_there_once(delivery)


def test_a_job_that_comes_to_no_step_is_given_back_where_it_stands(place: Place) -> None:
    delivery = place.deliver()
    worker = place.stopping("rows_staged", "wait")
    until(place.reached)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(timeout=30) == 0
    job = place.job(delivery)
    assert (job.state, job.deaths) == (JobState.QUEUED, 0)
    with working(place.services):
        until(place.is_done(delivery))
    place.rows_are_there_once(delivery)


def test_several_workers_share_the_work_and_come_back_when_they_die(place: Place) -> None:
    supervisor = place.worker("--concurrency", "2")
    until(lambda: len(place.alive()) == 2)
    first = place.alive()
    os.kill(int(first[0].split("/")[1]), signal.SIGKILL)
    until(lambda: set(place.alive()) - set(first), "no other one was started")
    sent = [place.deliver(data_time=f"2026-10-{day:02d}") for day in range(1, 7)]
    for delivery in sent:
        until(place.is_done(delivery))
    assert len(place.rows()) == 12
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=20) == 0
    until(lambda: not [each for each in place.alive() if each != first[0]])


def test_workers_end_with_a_parent_that_was_killed(place: Place) -> None:
    supervisor = place.worker("--concurrency", "2")
    until(lambda: len(place.alive()) == 2)
    supervisor.kill()
    supervisor.wait()
    until(lambda: place.alive() == [], "they went on without it")


def test_a_standby_works_only_while_no_other_is_there(place: Place) -> None:
    busy = place.stopping("job_claimed", "wait")
    first = place.deliver()
    until(place.reached)
    with working(place.services, standby=True):
        second = place.deliver(data_time="2026-11-01", resource=RESOURCE)
        until(lambda: len(place.alive()) == 2)
        time.sleep(1)
        assert place.job(second).attempts == 0
        busy.kill()
        until(place.is_done(first))
        until(place.is_done(second))


def test_a_check_finds_a_worker_of_this_host_or_fails(place: Place) -> None:
    assert place.worker("--check").wait(timeout=30) == 1
    worker = place.worker()
    until(place.alive)
    assert place.worker("--check").wait(timeout=30) == 0
    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=20)
    assert place.worker("--check").wait(timeout=30) == 1


def test_a_view_is_built_by_a_worker_for_who_asked(place: Place) -> None:
    place.world.deliver(GOOD_FILE)
    operator = place.world.caller("operator")
    queued = views.queue_view(place.services, operator, "person")
    assert (queued.kind, queued.subject, queued.state) == ("view", "person", "queued")
    assert views.queue_view(place.services, operator, "person").job_id == queued.job_id
    place.worker()
    until(lambda: job_cases.show_job(place.services, operator, queued.job_id).state == "done")
    shown = views.show_views(place.services, operator, "person")
    assert (shown[0]["view_version"], shown[0]["rows"]) == (1, 2)
    until(lambda: [line for line in place.world.audit() if line["address"] == "worker"])
    [line] = [line for line in place.world.audit() if line["address"] == "worker"]
    assert (line["action"], line["account"], line["rows"]) == ("view.build", "operator", 2)
    assert line["detail"] == {"job_id": queued.job_id}


def test_who_asks_for_a_view_waits_for_the_worker_that_builds_it(place: Place) -> None:
    place.world.deliver(GOOD_FILE)
    queued = views.queue_view(place.services, place.world.caller("operator"), "person")
    with working(place.services):
        built = views.build_view(
            place.services, place.world.caller("operator"), "person", progress=lambda *_: None
        )
        until(lambda: job_of(place, queued.job_id).state is JobState.DONE)
    assert built.rows == 2


def job_of(place: Place, job_id: str) -> Job:
    with place.services.database.reading() as conn:
        return jobs.require(conn, job_id)
