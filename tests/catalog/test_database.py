"""Transactions on a real SQLite file: what is rolled back is gone, whatever it began with."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database, open_database
from catalog.tables import code_fronts, leases
from tests.catalog.makers import NOON


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


def test_writers_queue_up_and_lose_no_change(database: Database) -> None:
    with database.transaction() as conn:
        add_front(conn, "101001")

    def count_on() -> None:
        for _turn in range(20):
            with database.transaction() as conn:
                number = conn.execute(sa.select(code_fronts.c.last_issued)).scalar_one()
                conn.execute(sa.update(code_fronts).values(last_issued=number + 1))

    threads = [threading.Thread(target=count_on) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as conn:
        assert conn.scalar(sa.select(code_fronts.c.last_issued)) == 81


def test_a_committed_row_is_synced_and_foreign_keys_hold(database: Database) -> None:
    with database.reading() as conn:
        values = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_folder_of_a_new_file_is_made(tmp_path: Path) -> None:
    opened = open_database(f"sqlite:///{tmp_path}/new/folder/catalogue.db")
    with opened.reading() as conn:
        assert conn.scalar(sa.select(1)) == 1
    opened.dispose()


def test_an_instant_comes_back_aware_and_in_utc(database: Database, tmp_path: Path) -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    with database.transaction() as conn:
        row = {"name": "table", "fence": 1, "expires_at": shanghai}
        conn.execute(sa.insert(leases).values(row))
    with database.reading() as conn:
        found = conn.execute(sa.select(leases.c.expires_at)).scalar_one()
    assert found == shanghai
    assert found.tzinfo is UTC
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
