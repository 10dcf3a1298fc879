"""Opening the catalogue database: two kinds of transaction, and an up-to-date schema."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from catalog.database_urls import connecting, schema_of
from catalog.storable import refuse_unusable

BUSY_SECONDS = 30
_PAUSE = 0.02
# A transaction lasts milliseconds, so ten connections carry thousands of calls a second; a server
# takes a hundred by default, and each process has a pool for the catalogue and one for its audit.
_POOL = {"pool_size": 5, "max_overflow": 5, "pool_timeout": BUSY_SECONDS}


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with explicit transactions; repositories get the connection and never commit."""

    engine: sa.Engine

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A writing transaction: committed at the end of the block, rolled back on any error.

        SQLite takes its write lock at the start, so that nothing read inside can be stale. On
        PostgreSQL others go on meanwhile: whoever reads in order to write locks the row it reads,
        compares what it changes with what it read, or takes its turn (`take_turns`).
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
    """An engine whose transactions begin when we say so, on SQLite too.

    An OperationalError is what a server that is gone leads to; the next transaction connects
    anew. No error repeats the values of a statement.
    """
    parsed = sa.make_url(url)
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    refuse_unusable(engine)
    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    return sa.create_engine(connecting(url), pool_pre_ping=True, hide_parameters=True, **_POOL)


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    patience = {"timeout": BUSY_SECONDS}
    engine = sa.create_engine(url, connect_args=patience, pool_size=20, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # the driver's own idea of transactions would leave rows behind after a rollback that
    # began with a savepoint: it is switched off, and _begin_sqlite says BEGIN itself
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: Any) -> None:
    """Switch to the write-ahead log; of two who do it to a new file at once, one waits."""
    for _attempt in range(int(BUSY_SECONDS / _PAUSE)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            # SQLite itself does not wait here, whatever its busy_timeout says
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            time.sleep(_PAUSE)
        else:
            return
    raise sqlite3.OperationalError("database is locked")


def _begin_sqlite(conn: sa.Connection) -> None:
    writes = conn.get_execution_options().get("datong_writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def take_turns(conn: sa.Connection, name: str) -> None:
    """Let one transaction at a time go on from here, of all that give the same name.

    On SQLite a writing transaction is alone from its start.
    """
    if conn.dialect.name == "postgresql":
        number = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def ensure_schema(conn: sa.Connection) -> None:
    """Make the schema that the URL of the connection names, where PostgreSQL lacks it."""
    schema = schema_of(conn.engine.url)
    if schema is None or conn.dialect.name != "postgresql":
        return
    # looked for first: who may make none may use one that is there
    if not sa.inspect(conn).has_schema(schema):
        take_turns(conn, "schema")
        conn.execute(sa.schema.CreateSchema(schema, if_not_exists=True))


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema up to a revision, the newest; one that is already there stays as it is.

    Several processes may do so at once.
    """
    # only `datong init` migrates; no other command should wait for Alembic to load
    from alembic import command
    from alembic.config import Config

    with database.transaction() as conn:
        ensure_schema(conn)
        take_turns(conn, "migrate")
        config = Config()
        config.set_main_option(
            "script_location", str(Path(__file__).parent / "migrations").replace("%", "%%")
        )
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
