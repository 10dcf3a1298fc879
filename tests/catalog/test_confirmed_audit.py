"""Audit lines of remembered rights: written only while these are still the rights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.audit import AuditLine, AuditStore
from catalog.confirmed_audit import ConfirmedAudit
from catalog.database import Database
from catalog.database_urls import in_schema
from catalog.lake_errors import AuditNotWritten
from catalog.rights_cache import RightsCache
from tests.catalog.makers import NOON, settle
from tests.catalog.test_audit import a_line
from tests.servers.databases import only_on
from tests.servers.postgres import PostgresServer

LINES = [a_line(number, request_id=f"0199-{number}") for number in range(3)]


@pytest.fixture(params=["together", "apart"])
def store(
    migrated_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[AuditStore]:
    """An audit store beside the catalogue as Settings makes it, and one in a file."""
    sqlite = migrated_url.startswith("sqlite") or request.param == "apart"
    url = f"sqlite:///{tmp_path}/audit.db" if sqlite else in_schema(migrated_url, "datong_audit")
    opened = AuditStore(url)
    yield opened
    opened.close()


@contextmanager
def confirming(database: Database, store: AuditStore) -> Iterator[ConfirmedAudit]:
    confirmed = ConfirmedAudit(database, store)
    yield confirmed
    confirmed.close()


@pytest.fixture
def confirmed(database: Database, store: AuditStore) -> Iterator[ConfirmedAudit]:
    with database.transaction() as conn:
        settle(conn)
    with confirming(database, store) as opened:
        yield opened


def revision(database: Database) -> int:
    return RightsCache(database).read([]).revision


def change(database: Database, statement: str) -> None:
    with database.transaction() as conn:
        conn.exec_driver_sql(statement)


def lines(store: AuditStore) -> list[AuditLine]:
    return [stored.line for stored in store.lines()]


def test_lines_are_written_in_their_order_while_nothing_has_changed(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore
) -> None:
    now = revision(database)
    assert confirmed.write(now, confirmed.ready(LINES))
    assert confirmed.write(now, confirmed.ready(LINES[:1]))
    assert lines(store) == [*LINES, LINES[0]]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account_keys SET revoked_at = expires_at",
        "UPDATE accounts SET responsible = 'x' WHERE name = 'aid-system'",
        "DELETE FROM account_keys",
    ],
)
def test_nothing_is_written_under_rights_that_have_changed(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore, statement: str
) -> None:
    before = revision(database)
    change(database, statement)
    assert not confirmed.write(before, confirmed.ready(LINES))
    assert lines(store) == []
    assert confirmed.write(revision(database), confirmed.ready(LINES))
    assert lines(store) == LINES


def test_a_change_that_is_not_committed_changes_nothing(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore
) -> None:
    before = revision(database)
    with database.engine.connect() as conn:
        conn.exec_driver_sql("UPDATE account_keys SET revoked_at = expires_at")
        assert confirmed.write(before, confirmed.ready(LINES))
        conn.rollback()
    assert confirmed.write(before, confirmed.ready(LINES))
    assert lines(store) == [*LINES, *LINES]


def test_lines_that_cannot_be_written_are_an_error_and_the_next_ones_are_not(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore
) -> None:
    engine = sa.create_engine(store.url)
    now = revision(database)
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE audit_lines RENAME TO elsewhere")
    with pytest.raises(AuditNotWritten, match="0199-0") as refused:
        confirmed.write(now, confirmed.ready(LINES))
    assert isinstance(refused.value.__cause__, sa.exc.DBAPIError)
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE elsewhere RENAME TO audit_lines")
    engine.dispose()
    assert confirmed.write(now, confirmed.ready(LINES))


def test_a_line_is_the_same_however_it_was_written(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore
) -> None:
    hostile = "a\x00b\ud800\"\\'%s" + "字" * 300
    line = replace(LINES[0], resource=hostile, account=None, detail={"note": hostile})
    store.write(line)
    assert confirmed.write(revision(database), confirmed.ready([line]))
    engine = sa.create_engine(store.url)
    with engine.connect() as conn:
        query = sa.text("SELECT at, account, action, resource, line FROM audit_lines")
        one, other = conn.execute(query).all()
    engine.dispose()
    assert one == other
    assert lines(store) == [line, line]


@only_on("postgresql")
def test_a_line_that_the_server_cut_meanwhile_costs_no_call(
    database: Database, migrated_url: str, postgres: PostgresServer
) -> None:
    opened = AuditStore(in_schema(migrated_url, "datong_audit"))
    with confirming(database, opened) as confirmed:
        now = revision(database)
        for count in range(1, 4):
            assert confirmed.write(now, confirmed.ready(LINES[:1]))
            opened.write(LINES[1])
            assert len(lines(opened)) == 2 * count
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            with postgres.connect() as conn:
                conn.execute(cut, [database.engine.url.database])
                still = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
                while conn.execute(still, [database.engine.url.database]).fetchone() != (0,):
                    pass
    opened.close()


def test_lines_of_the_moment_have_their_moment(
    confirmed: ConfirmedAudit, database: Database, store: AuditStore
) -> None:
    assert confirmed.write(revision(database), confirmed.ready(LINES))
    assert [each.line for each in store.lines(since=NOON, until=LINES[2].at)] == LINES[:2]
