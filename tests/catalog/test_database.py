"""Transactions on real databases: what is rolled back is gone, whatever it began with."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database, open_database, take_turns
from catalog.tables import code_fronts, leases
from tests.catalog.makers import NOON
from tests.servers.databases import only_on


def add_front(conn: sa.Connection, front: str) -> None:
    conn.execute(sa.insert(code_fronts).values(front=front, last_issued=1))


def fronts(database: Database) -> list[str]:
    with database.reading() as conn:
        return list(conn.scalars(sa.select(code_fronts.c.front).order_by(code_fronts.c.front)))


class Refused(Exception):
    """An error in the middle of a transaction."""


def test_a_transaction_is_committed_at_its_end(database: Database) -> None:
    with database.transaction() as conn:
        add_front(conn, "101001")
    assert fronts(database) == ["101001"]


def test_an_error_rolls_everything_back(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as conn:
            add_front(conn, "101001")
            raise Refused

    with pytest.raises(Refused):
        fail()
    assert fronts(database) == []


def test_a_rollback_that_began_with_a_savepoint_keeps_no_row(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as conn:
            with conn.begin_nested():
                add_front(conn, "101001")
            raise Refused

    with pytest.raises(Refused):
        fail()
    assert fronts(database) == []


def test_a_failed_savepoint_undoes_its_own_part_alone(database: Database) -> None:
    with database.transaction() as conn:
        add_front(conn, "101001")
        savepoint = conn.begin_nested()
        add_front(conn, "102001")
        with pytest.raises(sa.exc.IntegrityError):
            add_front(conn, "101001")
        savepoint.rollback()
        add_front(conn, "103001")
    assert fronts(database) == ["101001", "103001"]


def test_what_a_reader_writes_is_never_kept(database: Database) -> None:
    with database.reading() as conn:
        add_front(conn, "101001")
    assert fronts(database) == []


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.reading() as reader:
        assert reader.scalar(sa.select(sa.func.count()).select_from(code_fronts)) == 0
        with database.transaction() as writer:
            add_front(writer, "101001")
        assert reader.scalar(sa.select(sa.func.count()).select_from(code_fronts)) == 0
    assert fronts(database) == ["101001"]


def count_at_once(database: Database, take: Callable[[sa.Connection], sa.Select[int]]) -> int:
    """The end of counting to 81 by four writers, each of which reads and then writes."""
    with database.transaction() as conn:
        add_front(conn, "101001")

    def count_on() -> None:
        for _turn in range(20):
            with database.transaction() as conn:
                number = conn.execute(take(conn)).scalar_one()
                conn.execute(sa.update(code_fronts).values(last_issued=number + 1))

    threads = [threading.Thread(target=count_on) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as conn:
        return int(conn.execute(sa.select(code_fronts.c.last_issued)).scalar_one())


@only_on("sqlite")
def test_writers_queue_up_and_lose_no_change(database: Database) -> None:
    assert count_at_once(database, lambda _: sa.select(code_fronts.c.last_issued)) == 81


def test_who_locks_what_he_reads_loses_no_change(database: Database) -> None:
    locked = sa.select(code_fronts.c.last_issued).with_for_update()
    assert count_at_once(database, lambda _: locked) == 81


def test_who_takes_turns_loses_no_change(database: Database) -> None:
    def in_turn(conn: sa.Connection) -> sa.Select[int]:
        take_turns(conn, "counting")
        return sa.select(code_fronts.c.last_issued)

    assert count_at_once(database, in_turn) == 81


@only_on("sqlite")
def test_a_committed_row_is_synced_and_foreign_keys_hold(database: Database) -> None:
    with database.reading() as conn:
        values = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@only_on("postgresql")
def test_a_session_says_who_it_is_and_waits_for_nobody_for_ever(database: Database) -> None:
    names = ("application_name", "timezone", "datestyle", "lock_timeout")
    with database.reading() as conn:
        values = [conn.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]
    assert values == ["datong", "UTC", "ISO, DMY", "30s"]


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    opened = open_database(f"sqlite:///{tmp_path}/new/folder/catalogue.db")
    with opened.reading() as conn:
        assert conn.scalar(sa.select(1)) == 1
    opened.dispose()


def kept_instant(database: Database, instant: datetime) -> datetime:
    with database.transaction() as conn:
        row = {"name": "table", "fence": 1, "expires_at": instant}
        conn.execute(sa.insert(leases).values(row))
    with database.reading() as conn:
        found: datetime = conn.execute(sa.select(leases.c.expires_at)).scalar_one()
    return found


@pytest.mark.parametrize(
    "instant", [NOON, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
)
def test_an_instant_comes_back_aware_and_in_utc(database: Database, instant: datetime) -> None:
    found = kept_instant(database, instant)
    assert found == instant
    assert found.tzinfo is UTC


@only_on("sqlite")
def test_an_instant_is_kept_as_a_text_that_sorts_as_it_does(
    database: Database, tmp_path: Path
) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    assert kept_instant(database, shanghai) == shanghai
    raw = sqlite3.connect(tmp_path / "catalogue.db")
    assert raw.execute("SELECT expires_at FROM leases").fetchone() == (
        "2026-11-25 04:00:00.000000",
    )
    raw.close()


def test_an_instant_without_a_zone_is_refused(conn: sa.Connection) -> None:
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    row = {"name": "table", "fence": 1, "expires_at": naive}
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        conn.execute(sa.insert(leases).values(row))
