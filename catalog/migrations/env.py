"""Run by Alembic: brings the schema up to date on the connection that `migrate` hands over."""

from __future__ import annotations

from alembic import context

from catalog.tables import metadata


def run() -> None:
    """Run the revisions inside the transaction of the caller."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run()
