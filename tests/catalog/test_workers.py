"""Workers that say they are there, and one that no longer does."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from catalog import workers
from catalog.workers import UNSEEN
from tests.catalog.makers import NOON


def test_a_worker_counts_while_it_is_seen(conn: sa.Connection) -> None:
    assert not workers.working(conn, NOON)
    workers.seen(conn, "host/1", NOON, standby=False)
    later = NOON + timedelta(seconds=10)
    workers.seen(conn, "host/1", later, standby=False)
    assert workers.working(conn, NOON + UNSEEN)
    assert not workers.working(conn, later + UNSEEN)
    assert workers.alive(conn, later) == ["host/1"]


def test_a_standby_is_alive_and_not_working(conn: sa.Connection) -> None:
    workers.seen(conn, "host/1", NOON, standby=True)
    assert workers.alive(conn, NOON) == ["host/1"]
    assert not workers.working(conn, NOON)


def test_one_that_goes_or_is_known_to_be_gone_does_not_count(conn: sa.Connection) -> None:
    workers.seen(conn, "host/1", NOON, standby=False)
    assert not workers.working(conn, NOON, gone=lambda worker: worker == "host/1")
    assert workers.working(conn, NOON)
    workers.remove(conn, "host/1")
    assert workers.alive(conn, NOON) == []


def test_those_long_unseen_are_forgotten_when_another_comes(conn: sa.Connection) -> None:
    workers.seen(conn, "old", NOON, standby=False)
    workers.seen(conn, "new", NOON + timedelta(days=2), standby=False)
    before = NOON - timedelta(days=1)
    assert workers.alive(conn, before) == ["new"]
