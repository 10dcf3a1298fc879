"""Two transactions of which the second comes while the first is at work and has not committed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import sqlalchemy as sa

from catalog.database import Database

First = TypeVar("First")
Second = TypeVar("Second")
PATIENCE = 30.0


def meanwhile(
    database: Database,
    first: Callable[[sa.Connection], First],
    second: Callable[[sa.Connection], Second],
) -> tuple[First, Future[Second]]:
    """Do `first`; before it commits let `second` come as far as it can; then commit both.

    On PostgreSQL the second goes on until it waits for the first, or to its end. On SQLite it
    waits for its turn before it begins.
    """
    outcome: Future[Second] = Future()

    def work() -> None:
        try:
            with database.transaction() as conn:
                result = second(conn)
        except Exception as error:  # noqa: BLE001 - an outcome as any other, for the test to judge
            outcome.set_exception(error)
        else:
            outcome.set_result(result)

    thread = threading.Thread(target=work)
    try:
        with database.transaction() as conn:
            done = first(conn)
            thread.start()
            if conn.dialect.name == "postgresql":
                _wait_until_stuck(database, outcome)
    finally:
        thread.join(PATIENCE)
    assert not thread.is_alive()
    return done, outcome


def _wait_until_stuck(database: Database, outcome: Future[Second]) -> None:
    waits = sa.text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    deadline = time.monotonic() + PATIENCE
    while not outcome.done():
        with database.reading() as conn:
            if conn.scalar(waits):
                return
        assert time.monotonic() < deadline
        time.sleep(0.005)
