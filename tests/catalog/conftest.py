"""A migrated catalogue database on a real SQLite file, and the people in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database, migrate, open_database
from tests.catalog.makers import People, settle


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
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "catalogue.db"
    path.write_bytes(template.read_bytes())
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture
def conn(database: Database) -> Iterator[sa.Connection]:
    with database.transaction() as connection:
        yield connection


@pytest.fixture
def people(conn: sa.Connection) -> People:
    return settle(conn)
