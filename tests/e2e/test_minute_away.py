"""The store and the database are away for a minute each: everything stalls, and then goes on."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from api.usecases.views import build_view, queue_view
from tests.api.makers import GOOD_FILE, World, a_record
from tests.api.test_worker import Place, a_place, environment_for, until
from tests.conftest import require_part
from tests.e2e.plain_reader import PlainReader
from tests.e2e.senders import RESOURCES, ROWS, Asked, Senders, a_file
from tests.servers.postgres import PostgresServer, find_postgres, running_postgres
from tests.servers.server import S3Server
from tests.servers.weed import find_weed, weed_server

AWAY = 60.0
# The store goes first: each is missed alone for a while, and both together.
APART = 20.0
# What the edge says that cannot ask or write the database, and what of the store.
NO_DATABASE = {"/problems/audit-not-written", "/problems/database-unavailable"}
NO_STORE = {"/problems/store-unavailable"}
PROCESSES = 3
CHANGES = 4


@dataclass
class Times:
    """When what went away and came back, on the clock of this process."""

    store_gone: float = 0
    database_gone: float = 0
    store_back: float = 0
    database_starts: float = 0
    database_back: float = 0


@dataclass
class Town:
    """Two workers and an API of their own on a store and a database that can be taken away."""

    place: Place
    store: S3Server
    database: PostgresServer
    plain: PlainReader

    @property
    def world(self) -> World:
        return self.place.world

    def serve(self) -> tuple[subprocess.Popen[bytes], str]:
        port = self.place.home / "port"
        process = self.place.start(
            "api.cli", "serve", "--no-worker", "--port", "0", "--port-file", str(port)
        )
        until(port.exists)
        return process, f"http://127.0.0.1:{port.read_text().strip()}"

    def count(self, table: str, where: str) -> int:
        [(found,)] = self.plain.sql(f"SELECT count(*) FROM {table} WHERE {where}")
        return int(found)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    program = find_weed()
    if find_postgres() is None:
        require_part("postgres")
    if program is None:
        require_part("s3")
    home = tmp_path / "home"
    with (
        running_postgres(tmp_path / "postgres") as database,
        weed_server(program, tmp_path / "weed") as store,
        database.database(migrated=False) as url,
    ):
        environment = environment_for(home, url) | {
            "DATONG_LAKE_URL": f"s3://{store.location.endpoint}",
            "DATONG_S3_ACCESS_KEY": store.location.access_key,
            "DATONG_S3_SECRET_KEY": store.location.secret_key,
        }
        with a_place(home, environment) as place:
            settings = place.services.settings
            plain = PlainReader(home, settings.database_url, store.location)
            made = Town(place, store, database, plain)
            settle(made)
            yield made
            plain.close()


def settle(town: Town) -> None:
    """A second table, a served view, an application that may ask, and a queue of deliveries."""
    world = town.world
    world.publish(a_record(resource_id=RESOURCES[1], name="出生登记信息"))
    world.deliver(GOOD_FILE, file_name="first.csv")
    operator = world.caller("operator")
    build_view(town.place.services, operator, "person", progress=lambda *_: None)
    world.grant()


def test_everything_stalls_and_then_goes_on(town: Town) -> None:
    registered = ["first.csv", *(leave_to_a_worker(town, number) for number in range(16))]
    queue_view(town.place.services, town.world.caller("operator"), "person")
    server, address = town.serve()
    workers = [town.place.worker(), town.place.worker()]
    senders = Senders(address, town.world.keys, town.store.location)
    with senders.running():
        until(lambda: town.count("jobs", "state = 'done'") > 4)
        times = take_both_away(town)
        until(lambda: answers_again(senders, times), "lookups were not answered again")
        until(lambda: len(senders.delivered) > 20)
    until(lambda: town.count("deliveries", "state NOT IN ('loaded', 'refused')") == 0)
    until(lambda: len(objects_dropped(town)) == 0, "a dropped file still lies there")
    until(lambda: town.count("jobs", "state IN ('queued', 'running')") == 0)
    assert [process.poll() for process in (server, *workers)] == [None] * PROCESSES
    assert senders.failed == []
    the_edge_told_the_truth(senders, times)
    every_file_is_loaded_once(town, [*registered, *senders.delivered])
    changes_are_logged_not_tries(town)


def leave_to_a_worker(town: Town, number: int) -> str:
    name, content = a_file()
    town.world.deliver(content, file_name=name, resource=RESOURCES[number % 2], wait=False)
    return name


def take_both_away(town: Town) -> Times:
    """A minute without each of them, begun while jobs are running."""
    times = Times()
    until(lambda: town.count("jobs", "state = 'running'") > 0)
    times.store_gone = time.monotonic()
    town.store.stop()
    assert town.count("jobs", "state = 'queued'") > 0
    time.sleep(APART)
    times.database_gone = time.monotonic()
    town.database.stop()
    time.sleep(AWAY - APART)
    town.store.start()
    times.store_back = time.monotonic()
    time.sleep(max(0, times.database_gone + AWAY - time.monotonic()))
    times.database_starts = time.monotonic()
    town.database.start()
    return replace(times, database_back=time.monotonic())


def answers_again(senders: Senders, times: Times) -> bool:
    return any(each.status == 200 for each in senders.of("lookup", since=times.database_back))


def the_edge_told_the_truth(senders: Senders, times: Times) -> None:
    for what in ("lookup", "health"):
        away = senders.of(what, times.database_gone + 0.5, times.database_starts)
        before = senders.of(what, until=times.database_gone)
        after = senders.of(what, times.database_back)
        assert {each.status for each in before} == {200}, f"{what} needs no store"
        assert {each.status for each in away} == {503}
        assert {each.problem for each in away} <= NO_DATABASE
        first = next(number for number, each in enumerate(after) if each.status == 200)
        assert {each.status for each in after[first:]} == {200}
    uploads = [*senders.of("upload"), *senders.of("waiting upload")]
    assert {each.status for each in uploads} <= {201, 202, 503}
    assert {each.problem for each in uploads} <= {None} | NO_DATABASE | NO_STORE
    no_store = senders.of("upload", times.store_gone, times.database_gone)
    no_database = senders.of("upload", times.store_back, times.database_starts)
    assert problems_of(no_store) == NO_STORE
    assert problems_of(no_database)
    assert problems_of(no_database) <= NO_DATABASE


def problems_of(asked: list[Asked]) -> set[str]:
    return {each.problem for each in asked if each.problem is not None}


def every_file_is_loaded_once(town: Town, sent: list[str]) -> None:
    registered = town.plain.sql("SELECT file_name, state, accepted FROM deliveries")
    assert Counter(name for name, _, _ in registered) == Counter(sent)
    assert {state for _, state, _ in registered} == {"loaded"}
    assert town.count("jobs", "state <> 'done' OR failures > 0") == 0
    for resource in RESOURCES:
        rows = town.plain.curated(resource)
        accepted = town.plain.sql(
            "SELECT delivery_id, accepted FROM deliveries WHERE resource_id = :r", r=resource
        )
        assert len(rows) == len(set(rows))
        assert Counter(delivery for _, delivery in rows) == dict(accepted)
    assert sum(accepted for _, _, accepted in registered) == ROWS * (len(sent) - 1) + 2
    *_, (version, snapshot, metadata) = town.plain.recorded()
    assert town.plain.served().version == version == 2
    rows_of_view = town.plain.view_rows(snapshot, metadata)["person"]
    assert dict(rows_of_view) == town.plain.served().names


def objects_dropped(town: Town) -> list[str]:
    found = town.plain.objects("dept-gongan", "incoming")
    return [each for each in found if each.endswith(".csv")]


def changes_are_logged_not_tries(town: Town) -> None:
    """One line a process when something is gone and one when it is back, for each kind of work."""
    # those of requests apart, of which each has its answer
    lines = [line for line in town.place.log() if "request_id" not in line]
    assert [line for line in town.place.log() if line["event"] == "unexpected"] == []
    stalled = Counter(line.get("what") for line in lines if line["event"] == "stalled")
    assert stalled["jobs"] > 0
    assert max(stalled.values()) <= CHANGES * PROCESSES
    going_on = Counter(line.get("what") for line in lines if line["event"] == "going-on")
    assert going_on.keys() == stalled.keys()
    warned = [line for line in lines if line["level"] in {"warning", "error"}]
    assert len(warned) <= sum(stalled.values()) + PROCESSES * CHANGES
