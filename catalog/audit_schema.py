"""The table of the audit store and the triggers that make it append-only on each database."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import UtcTime

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
    sa.Column("account", sa.String(64)),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("resource", sa.String(200)),
    sa.Column("line", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

_SQLITE = """CREATE TRIGGER IF NOT EXISTS audit_lines_keep_{verb} BEFORE {verb} ON audit_lines
       BEGIN SELECT RAISE(ABORT, 'audit lines are append-only'); END"""
_POSTGRESQL_FUNCTION = """CREATE OR REPLACE FUNCTION audit_lines_keep() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION 'audit lines are append-only'; END $$ LANGUAGE plpgsql"""
_POSTGRESQL = """CREATE OR REPLACE TRIGGER audit_lines_keep
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_lines_keep()"""
_INSTALL_LOCK = 0x6461746F6E67  # any number, the same for every process that installs


def install(conn: sa.Connection) -> None:
    """Create the table and its triggers where they are missing; safe when several do it at once."""
    if conn.dialect.name == "postgresql":
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_INSTALL_LOCK)))
    audit_metadata.create_all(conn)
    if conn.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            conn.exec_driver_sql(_SQLITE.format(verb=verb))
    else:
        conn.exec_driver_sql(_POSTGRESQL_FUNCTION)
        conn.exec_driver_sql(_POSTGRESQL)
