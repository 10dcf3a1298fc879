"""A database of the first release comes up to date with every row as it was, and rights counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import departments
from catalog.database import Database, migrate, open_database
from catalog.grants import add_grant
from catalog.tables import account_keys, accounts, grants, metadata, rights_revision
from tests.catalog.makers import NOON, a_clock, a_department, a_grant, publish, settle
from tests.catalog.test_migrations import shape

FIRST = "0001"
MOMENT = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.fixture
def old(empty_database: str) -> Iterator[Database]:
    """Give a database of the first revision with rows in every table."""
    opened = open_database(empty_database)
    migrate(opened, FIRST)
    with opened.transaction() as conn:
        for table in tables_of(conn):
            conn.execute(sa.insert(table), [full_row(table, conn), sparse_row(table, conn)])
    yield opened
    opened.dispose()


def tables_of(conn: sa.Connection) -> list[sa.Table]:
    """The tables as they are in the database, those referred to first."""
    found = sa.MetaData()
    found.reflect(conn)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def full_row(table: sa.Table, conn: sa.Connection) -> dict[str, Any]:
    return {column.name: value_for(column, conn, "甲") for column in table.columns}


def sparse_row(table: sa.Table, conn: sa.Connection) -> dict[str, Any]:
    """A row with nothing in it that need not be."""
    return {
        column.name: None if column.nullable else value_for(column, conn, "z")
        for column in table.columns
    }


def value_for(column: sa.Column[Any], conn: sa.Connection, mark: str) -> Any:
    """A value that shows every way in which its type can be damaged; the same for a reference."""
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return MOMENT if conn.dialect.name == "postgresql" else MOMENT.replace(tzinfo=None)
    if isinstance(kind, sa.Boolean):
        return mark == "z"
    if isinstance(kind, sa.BigInteger):
        return 2**62
    if isinstance(kind, sa.Integer):
        return 7 if mark == "z" else 8
    if isinstance(kind, sa.Float):
        return 0.1
    assert isinstance(kind, sa.String)
    if kind.length is None:
        return f'{{"{mark}":" 𠮷\\n"}}'
    return f"{mark}-_A0"[: kind.length]


def contents(conn: sa.Connection, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    """What stands in these columns, table by table."""
    found = {table.name: table for table in tables_of(conn)}
    return {
        name: sorted(
            (tuple(row) for row in conn.execute(sa.select(*(found[name].c[c] for c in names)))),
            key=str,
        )
        for name, names in columns.items()
    }


def test_every_row_of_the_first_schema_is_unchanged_in_the_newest(old: Database) -> None:
    with old.reading() as conn:
        columns = {table.name: table.columns.keys() for table in tables_of(conn)}
        before = contents(conn, columns)
    assert len(before) == 14
    assert {len(rows) for rows in before.values()} == {2}
    migrate(old)
    with old.reading() as conn:
        assert contents(conn, columns) == before


def test_the_upgraded_schema_is_that_of_a_new_database(old: Database, database: Database) -> None:
    migrate(old)
    with old.reading() as upgraded, database.reading() as new:
        assert shape(upgraded) == shape(new)
        assert set(metadata.tables) <= set(shape(upgraded))


def revision_of(database: Database) -> int:
    with database.reading() as conn:
        return int(conn.execute(sa.select(rights_revision.c.revision)).scalar_one())


@pytest.fixture
def granted(database: Database) -> Database:
    """Give a database with a grant in it."""
    with database.transaction() as conn:
        people = settle(conn)
        publish(conn, people)
        add_grant(conn, a_grant(), people.authority, a_clock())
        insert_account(conn, "leaver")
    return database


def insert_grant(conn: sa.Connection) -> None:
    [row] = conn.execute(sa.select(grants)).mappings()
    conn.execute(sa.insert(grants).values({**row, "grant_id": "another"}))


def insert_account(conn: sa.Connection, name: str = "another") -> None:
    [row] = conn.execute(sa.select(accounts).where(accounts.c.name == "steward")).mappings()
    conn.execute(sa.insert(accounts).values({**row, "name": name}))


def insert_key(conn: sa.Connection) -> None:
    row = conn.execute(sa.select(account_keys).limit(1)).mappings().one()
    other = {"key_sha256": "0" * 64, "prefix": "another"}
    conn.execute(sa.insert(account_keys).values({**row, **other}))


CHANGES: dict[str, Callable[[sa.Connection], object]] = {
    "a grant is given": insert_grant,
    "a grant is changed": lambda conn: conn.execute(sa.update(grants).values(revoked_at=NOON)),
    "a grant is gone": lambda conn: conn.execute(sa.delete(grants)),
    "a key is issued": insert_key,
    "a key is changed": lambda c: c.execute(sa.update(account_keys).values(revoked_at=NOON)),
    "a key is gone": lambda conn: conn.execute(sa.delete(account_keys)),
    "an account is added": insert_account,
    "an account is changed": lambda conn: conn.execute(sa.update(accounts).values(roles="admin")),
    "an account is gone": lambda conn: conn.execute(
        sa.delete(accounts).where(accounts.c.name == "leaver")
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_rights_is_counted_with_its_transaction(
    granted: Database, change: Callable[[sa.Connection], object]
) -> None:
    before = revision_of(granted)
    with granted.reading() as undone:
        change(undone)
    assert revision_of(granted) == before
    with granted.transaction() as conn:
        change(conn)
    assert revision_of(granted) > before


def test_what_says_nothing_of_rights_is_not_counted(granted: Database) -> None:
    before = revision_of(granted)
    with granted.transaction() as conn:
        code = "119901000000000430"
        departments.add(conn, a_department(department_id="minzu", code=code), a_clock())
    assert revision_of(granted) == before
