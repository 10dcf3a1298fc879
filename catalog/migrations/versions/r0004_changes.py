"""Changes of what is published, in the order in which they were made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import instant, order_by_number, primary, text

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "catalogue_changes",
        # a BIGINT is no rowid on SQLite, and would be given no number by itself
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        text("resource_id", 48, nullable=False),
        instant("at"),
        primary("catalogue_changes", "sequence"),
    )
    order_by_number("catalogue_changes")
    op.execute(
        "INSERT INTO catalogue_changes (resource_id, at) "
        "SELECT resource_id, changed_at FROM records "
        "WHERE published_version IS NOT NULL ORDER BY resource_id"
    )
