"""The table of the audit store and the triggers that make it append-only on each database."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from catalog.database import ensure_schema, take_turns
from catalog.tables.base import UtcTime


class Clipped(sa.types.TypeDecorator[str]):
    """A text to search by, cut to the length of its column and without what no database keeps.

    A caller chooses parts of it, and a line must be written whatever he wrote; the whole text is
    in the line.
    """

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        if value is None:
            return None
        clean = value.encode(errors="replace").decode().replace("\x00", "\ufffd")
        return clean[: cast(sa.String, self.impl_instance).length]


class JsonLine(sa.types.TypeDecorator[str]):
    """A text of JSON in which half a surrogate pair is written as JSON escapes it: `\\ud800`."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else value.encode(errors="backslashreplace").decode()


audit_metadata = sa.MetaData()

audit_lines = sa.Table(
    "audit_lines",
    audit_metadata,
    # SQLite numbers rows by itself for its own integer type only
    sa.Column(
        "sequence",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("at", UtcTime, nullable=False, index=True),
    sa.Column("account", Clipped(64)),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("resource", Clipped(200)),
    sa.Column("line", JsonLine, nullable=False),
    sqlite_autoincrement=True,
)

_SQLITE = """CREATE TRIGGER IF NOT EXISTS audit_lines_keep_{verb} BEFORE {verb} ON audit_lines
       BEGIN SELECT RAISE(ABORT, 'audit lines are append-only'); END"""
# raised as a broken constraint, which is what SQLite makes of its ABORT
_POSTGRESQL_FUNCTION = """CREATE FUNCTION audit_lines_keep() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'audit lines are append-only'
    USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"""
_POSTGRESQL = """CREATE TRIGGER audit_lines_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_keep()"""
_POSTGRESQL_HAS = """SELECT EXISTS (SELECT FROM pg_trigger
    WHERE tgrelid = to_regclass('audit_lines') AND tgname = 'audit_lines_keep')"""


def install(conn: sa.Connection) -> None:
    """Create the table and its triggers where they are missing; safe when several do it at once."""
    if conn.dialect.name == "postgresql":
        _install_on_postgresql(conn)
        return
    audit_metadata.create_all(conn)
    for verb in ("UPDATE", "DELETE"):
        conn.exec_driver_sql(_SQLITE.format(verb=verb))


def _install_on_postgresql(conn: sa.Connection) -> None:
    # every start comes by here, and to make a trigger waits for all who are writing
    if conn.exec_driver_sql(_POSTGRESQL_HAS).scalar_one():
        return
    ensure_schema(conn)
    take_turns(conn, "audit")
    if conn.exec_driver_sql(_POSTGRESQL_HAS).scalar_one():
        return
    audit_metadata.create_all(conn)
    conn.exec_driver_sql(_POSTGRESQL_FUNCTION)
    conn.exec_driver_sql(_POSTGRESQL)
