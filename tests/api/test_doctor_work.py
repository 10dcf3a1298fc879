"""Work that is in trouble is seen by its check alone: jobs, leases, deliveries, views, keys."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.settings import Settings
from api.usecases.doctor import Severity, examine
from catalog import jobs, workers
from catalog.clock import ManualClock
from catalog.database import Database
from catalog.jobs import JobKind
from catalog.tables import account_keys, deliveries, leases
from catalog.tables import jobs as job_table
from ingest.writer import this_process
from tests.api.makers import World
from tests.api.patient import (
    changed,
    database,
    failed,
    instead,
    look,
    now,
    settings,
    world,
)

__all__ = ["database", "settings", "world"]


def test_two_machines_on_what_belongs_to_one_are_seen(
    settings: Settings, database: Database
) -> None:
    with database.transaction() as conn:
        for host in ("one", "two"):
            workers.seen(conn, f"{host}/1/1/1", now(), standby=False)
    try:
        assert look(settings) == {"hosts"}
    finally:
        with database.transaction() as conn:
            for host in ("one", "two"):
                workers.remove(conn, f"{host}/1/1/1")


@contextmanager
def a_job(database: Database, **facts: object) -> Iterator[str]:
    """A job of a delivery that is not there, with these facts; gone at the end."""
    job_id = "0199f3c2-7a10-7000-8000-00000000000a"
    with database.transaction() as conn:
        jobs.enqueue(
            conn,
            job_id=job_id,
            kind=JobKind.DELIVERY,
            subject="a-delivery",
            lane="table:population",
            department_id="gongan",
            account="gongan-clerk",
            now=now(),
        )
        if facts:
            conn.execute(sa.update(job_table).where(_is(job_id)).values(**facts))
    try:
        yield job_id
    finally:
        with database.transaction() as conn:
            conn.execute(sa.delete(job_table).where(_is(job_id)))


def _is(job_id: str) -> sa.ColumnElement[bool]:
    return job_table.c.job_id == job_id


@contextmanager
def a_worker(database: Database) -> Iterator[None]:
    with database.transaction() as conn:
        workers.seen(conn, this_process(), now(), standby=False)
    try:
        yield
    finally:
        with database.transaction() as conn:
            workers.remove(conn, this_process())


def test_a_queue_without_a_worker_is_seen(settings: Settings, database: Database) -> None:
    with a_job(database):
        assert look(settings) == {"worker"}
        with a_worker(database):
            assert look(settings) == set()


ERROR = {"code": "x", "zh": "存储不可用", "en": "the store is away"}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("jobs_queued", {"queued_at": timedelta(minutes=11)}),
        ("jobs_failing", {"attempts": 3, "error": ERROR}),
        ("jobs_failing", {"attempts": 4, "deaths": 4}),
        ("jobs_failed", {"state": "failed", "ended_at": timedelta(hours=1), "error": ERROR}),
    ],
)
def test_jobs_in_trouble_are_seen_with_their_own_words(
    settings: Settings, database: Database, name: str, facts: dict[str, object]
) -> None:
    moments = {
        key: now() - value if isinstance(value, timedelta) else value
        for key, value in facts.items()
    }
    with a_job(database, **moments), a_worker(database):
        found = examine(lambda: settings)
    assert failed(found) == {name}
    check = found.find(name)
    assert check is not None
    assert "a-delivery" in check.en
    assert ("error" not in facts) or "the store is away" in check.en


def test_a_delivery_that_waits_for_an_hour_is_seen(settings: Settings, database: Database) -> None:
    old = {"state": "loading", "received_at": now() - timedelta(hours=2)}
    with database.reading() as conn:
        before = conn.execute(sa.select(deliveries.c.state, deliveries.c.received_at)).one()
    back = {"state": before.state, "received_at": before.received_at}
    table = sa.update(deliveries)
    with changed(database, table.values(**old), table.values(**back)):
        assert look(settings) == {"deliveries"}


def test_a_lease_of_a_dead_process_is_seen(settings: Settings, database: Database) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    holder = f"{socket.gethostname()}/{ended.pid}/1/1"
    row = {"name": "table:x", "holder": holder, "fence": 1, "expires_at": now() + timedelta(1)}
    insert, back = sa.insert(leases).values(row), sa.delete(leases).where(leases.c.fence >= 0)
    with changed(database, insert, back):
        found = examine(lambda: settings)
    assert failed(found) == {"leases"}
    assert found.ok


def test_a_view_that_is_recorded_and_not_served_is_seen(world: World) -> None:
    pointer = world.services.serving_folder("person") / "current"
    with instead(pointer, None):
        found = examine(lambda: world.services.settings)
        assert failed(found) == {"view_person"}
        assert not found.ok
    with instead(pointer, b"none"):
        assert look(world.services.settings) == {"view_person"}


def test_a_source_that_is_newer_than_the_view_is_a_note(
    settings: Settings, database: Database
) -> None:
    with database.reading() as conn:
        before = conn.scalar(sa.select(deliveries.c.loaded_at))
    table = sa.update(deliveries)
    with changed(database, table.values(loaded_at=now()), table.values(loaded_at=before)):
        found = examine(lambda: settings)
    assert failed(found) == {"view_person"}
    check = found.find("view_person")
    assert check is not None
    assert check.severity is Severity.NOTE


def test_a_key_that_runs_out_this_month_is_seen(settings: Settings, database: Database) -> None:
    with database.reading() as conn:
        key = conn.execute(sa.select(account_keys).limit(1)).one()
    of_it = sa.update(account_keys).where(account_keys.c.prefix == key.prefix)
    soon = of_it.values(expires_at=now() + timedelta(days=10))
    with changed(database, soon, of_it.values(expires_at=key.expires_at)):
        found = examine(lambda: settings)
    assert failed(found) == {"keys"}
    check = found.find("keys")
    assert check is not None
    assert key.account in check.en


def test_a_dropped_file_that_nobody_takes_is_seen(world: World) -> None:
    path = world.services.location.root / "dept-gongan" / "incoming" / "population" / "late.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    try:
        later = ManualClock(now() + timedelta(minutes=11))
        found = examine(lambda: world.services.settings, clock=later)
    finally:
        path.unlink()
    assert failed(found) == {"dropped", "store_clock"}
    check = found.find("dropped")
    assert check is not None
    assert "late.csv" in check.en
