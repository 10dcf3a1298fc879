"""Opening the catalogue database: two kinds of transaction, and an up-to-date schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_SECONDS = 30
_MIGRATION_LOCK = 0x6D696772617465  # any number, the same for every process that migrates


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with explicit transactions; repositories get the connection and never commit."""

    engine: sa.Engine

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A writing transaction: committed at the end of the block, rolled back on any error.

        SQLite takes its write lock at the start, so that nothing read inside can be stale.
        """
        with self.engine.connect() as conn:
            conn = conn.execution_options(datong_writes=True)
            with conn.begin():
                yield conn

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent reading transaction, always rolled back at the end of the block."""
        with self.engine.connect() as conn:
            if conn.dialect.name == "postgresql":  # SQLite reads one state anyway
                conn = conn.execution_options(isolation_level="REPEATABLE READ")
            yield conn
            conn.rollback()

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database at a SQLAlchemy URL (a missing SQLite file is made); migrates nothing."""
    return Database(make_engine(url))


def make_engine(url: str) -> sa.Engine:
    """An engine whose transactions begin when we say so, on SQLite too."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, pool_size=20)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # the driver's own idea of transactions would leave rows behind after a rollback that
    # began with a savepoint: it is switched off, and _begin_sqlite says BEGIN itself
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(conn: sa.Connection) -> None:
    writes = conn.get_execution_options().get("datong_writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; a schema that is already there stays as it is."""
    # only `datong init` migrates; no other command should wait for Alembic to load
    from alembic import command
    from alembic.config import Config

    with database.transaction() as conn:
        if conn.dialect.name == "postgresql":  # SQLite's write lock already keeps others out
            conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config = Config()
        config.set_main_option(
            "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
        )
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
