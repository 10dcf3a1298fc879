"""A migrated catalogue database, on SQLite and on PostgreSQL in turn, and the people in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database, migrate, open_database
from tests.catalog.makers import People, settle
from tests.servers.postgres import PostgresServer


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, copied for each test, because migrating each one anew takes longer."""
    path = tmp_path_factory.mktemp("catalogue") / "template.db"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as conn:
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def migrated_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give the URL of a new migrated database of each kind in turn."""
    if database_kind == "sqlite":
        template: Path = request.getfixturevalue("template")
        path = tmp_path / "catalogue.db"
        path.write_bytes(template.read_bytes())
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    opened = open_database(migrated_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def shared_database(postgres: PostgresServer) -> Iterator[Database]:
    """One database in which nothing is ever committed: to make one takes as long as many tests."""
    with postgres.database() as url:
        opened = open_database(url)
        yield opened
        opened.dispose()


@pytest.fixture
def conn(database_kind: str, request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """Give a writing transaction; undone on PostgreSQL, unless the test also takes `database`."""
    if database_kind == "sqlite" or "database" in request.fixturenames:
        with request.getfixturevalue("database").transaction() as connection:
            yield connection
        return
    shared: Database = request.getfixturevalue("shared_database")
    with shared.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def people(conn: sa.Connection) -> People:
    return settle(conn)
