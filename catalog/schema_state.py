"""Which revision a catalogue database is at, and which one this program wants."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa


def newest_revision() -> str:
    """The revision that `migrate` would bring a database to."""
    # only `init` and `doctor` need Alembic: no other command waits for it to load
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    return str(ScriptDirectory.from_config(config).get_current_head())


def revision_of(conn: sa.Connection) -> str | None:
    """The revision a database is at; None where it was never migrated."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(conn).get_current_revision()
