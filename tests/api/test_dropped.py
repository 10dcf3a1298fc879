"""The watcher of incoming/ as a worker runs it: soon, for everybody, with an audit line each."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from api.bootstrap import open_services
from api.settings import load_settings
from api.usecases.dropped import Incoming, take_dropped
from catalog import deliveries
from catalog.clock import ManualClock
from catalog.deliveries import Delivery
from catalog.tables import accounts as accounts_table
from ingest.steps import Step
from ingest.work import see_through
from lake.location import StoreLocation
from tests.api.makers import GOOD_FILE, RESOURCE, World, a_record, make_offices

KEY = f"incoming/{RESOURCE}/population.csv"
SECONDS = 5


@pytest.fixture
def office(tmp_path: Path) -> Iterator[World]:
    """Departments and a published record on a folder; the clock is moved by the test."""
    settings = load_settings({"DATONG_HOME": str(tmp_path / "home"), "DATONG_THREADS": "1"})
    clock = ManualClock(datetime.now(UTC) + timedelta(seconds=10))
    services = open_services(settings, clock=clock)
    yield make_offices(services)
    services.close()


@pytest.fixture(params=["folder", "seaweedfs", "minio"])
def running_office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The same on each kind of store, with the clock of the machine."""
    environment = {"DATONG_HOME": str(tmp_path / "home"), "DATONG_THREADS": "1"}
    if request.param != "folder":
        place: StoreLocation = request.getfixturevalue(request.param)
        environment["DATONG_LAKE_URL"] = f"s3://{place.endpoint}"
        environment["DATONG_S3_ACCESS_KEY"] = place.access_key
        environment["DATONG_S3_SECRET_KEY"] = place.secret_key
    services = open_services(load_settings(environment))
    world = make_offices(services)
    services.store.ensure_bucket("dept-gongan")
    for info in list(services.store.list("dept-gongan", "incoming/")):
        services.store.remove("dept-gongan", info.key)
    yield world
    services.close()


@dataclass
class Watcher:
    """Looks every two seconds, as a worker's housekeeping does."""

    world: World

    def __enter__(self) -> Watcher:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            take_dropped(self.world.services)
            self._stopping.wait(2)


def put(world: World, key: str = KEY, department: str = "gongan") -> None:
    bucket = f"dept-{department}"
    world.services.store.ensure_bucket(bucket)
    world.services.store.put(bucket, key, io.BytesIO(GOOD_FILE))


def registered(world: World) -> list[Delivery]:
    with world.services.database.reading() as conn:
        return deliveries.list_deliveries(conn)


def look(world: World, watcher: Incoming | None = None) -> int:
    """One look, two seconds after the last."""
    clock = world.services.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(seconds=2))
    return take_dropped(world.services) if watcher is None else watcher.look()


def lines_of(world: World) -> list[dict[str, Any]]:
    return [line for line in world.audit() if line["address"] == "incoming"]


def test_a_dropped_file_is_a_delivery_within_five_seconds(running_office: World) -> None:
    with Watcher(running_office):
        time.sleep(2.2)  # it has looked and found nothing
        put(running_office)
        deadline = time.monotonic() + SECONDS
        while not registered(running_office) and time.monotonic() < deadline:
            time.sleep(0.05)
        [delivery] = registered(running_office)
    services = running_office.services
    done = see_through(services.intake(), delivery)
    assert (done.state, done.accepted) == ("loaded", 2)
    receipt = f"receipts/{RESOURCE}/{done.delivery_id}.json"
    with services.store.open("dept-gongan", receipt) as stream:
        assert json.load(stream)["state"] == "loaded"


def test_each_file_leaves_an_audit_line_of_the_departments_own_account(office: World) -> None:
    put(office)
    put(office, "incoming/nothing/a.csv")
    assert (look(office), look(office)) == (0, 2)
    lines = lines_of(office)
    assert {(line["action"], line["account"], line["department"]) for line in lines} == {
        ("delivery.deliver", "gongan-incoming", "gongan")
    }
    told = {line["detail"]["dropped"]: line["detail"]["state"] for line in lines}
    assert told == {KEY: "received", "incoming/nothing/a.csv": "refused"}


def test_nobody_calls_by_the_account_of_dropped_files(office: World) -> None:
    put(office)
    look(office)
    look(office)
    with office.services.database.reading() as conn:
        keys = sa.text("SELECT count(*) FROM account_keys WHERE account = 'gongan-incoming'")
        assert conn.scalar(keys) == 0
        kept = conn.execute(sa.select(accounts_table.c.kind, accounts_table.c.roles).where(
            accounts_table.c.name == "gongan-incoming")).one()  # fmt: skip
    assert tuple(kept) == ("application", "clerk")


def test_one_file_that_fails_keeps_no_other_waiting_and_is_told_once(office: World) -> None:
    put(office, f"incoming/{RESOURCE}/first.csv")
    time.sleep(0.02)
    put(office, f"incoming/{RESOURCE}/second.csv")
    found: list[Step] = []

    def fail_but_at_the_second(step: Step) -> None:
        if step is Step.DROP_FOUND:
            found.append(step)
            if len(found) != 2:
                raise RuntimeError

    watcher = Incoming(replace(office.services, on_step=fail_but_at_the_second))
    with capture_logs() as logs:
        assert [look(office, watcher) for _ in range(9)] == [0, 1, 0, 0, 0, 0, 0, 0, 0]
    watcher.close()
    # tried again after 2, 4 and 8 seconds
    assert len(found) == 5
    [delivery] = registered(office)
    assert delivery.file_name == "second.csv"
    told = [log for log in logs if log["event"] == "dropped-file-not-taken"]
    assert [(log["key"], log["error"]) for log in told] == [
        (f"incoming/{RESOURCE}/first.csv", "RuntimeError")
    ]


def test_a_failure_of_one_department_is_none_of_another(office: World) -> None:
    """Before such names were the platform's own, an administrator had given one to somebody."""
    taken = {"name": "minzheng-incoming", "department_id": "minzheng", "kind": "person"}
    with office.services.database.transaction() as conn:
        now = office.services.clock.now()
        conn.execute(sa.insert(accounts_table).values(**taken, roles="steward", added_at=now))
    put(office, department="minzheng")
    put(office)
    with capture_logs() as logs:
        assert [look(office) for _ in range(4)] == [0, 1, 0, 0]
    [log] = [log for log in logs if log["event"] == "dropped-file-not-taken"]
    assert (log["bucket"], log["error"]) == ("dept-minzheng", "AccountTaken")
    assert "minzheng-incoming" in log["said"]
    assert [each.department_id for each in registered(office)] == ["gongan"]


def test_folders_to_drop_into_are_there_for_a_clerk(office: World) -> None:
    look(office)
    incoming = office.services.location.root / "dept-gongan" / "incoming"
    assert [each.name for each in incoming.iterdir()] == [RESOURCE]
    office.publish(a_record(resource_id="second"))
    for _ in range(16):
        look(office)
    assert sorted(each.name for each in incoming.iterdir()) == [RESOURCE, "second"]


def test_two_workers_that_both_believe_to_be_the_watcher_double_nothing(office: World) -> None:
    other = replace(office.services)
    put(office)
    put(office, "incoming/nothing/a.csv")
    both = [Incoming(office.services), Incoming(other)]
    for _ in range(3):
        clock = office.services.clock
        assert isinstance(clock, ManualClock)
        clock.advance(timedelta(seconds=2))
        threads = [threading.Thread(target=each.look) for each in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for each in both:
        each.close()
    other.close()
    assert len(registered(office)) == 2
    assert list(office.services.store.list("dept-gongan", "incoming/")) == []
