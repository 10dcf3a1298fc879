"""Drafts that were imported, with what is still to be decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, order_by_number, primary, text

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        text("draft_id", 60, nullable=False),
        text("source", 31, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        text("name", 400, nullable=False),
        text("department_name", 400, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("decisions", sa.Text, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        text("duplicate_of", 60),
        text("state", 16, nullable=False),
        instant("imported_at"),
        text("settled_by", 64),
        instant("settled_at", nullable=True),
        text("resource_id", 48),
        sa.Column("reason", sa.Text),
        primary("drafts", "draft_id"),
    )
    indexes(
        "drafts",
        {
            "state_draft_id": ("state", "draft_id"),
            "department_name_draft_id": ("department_name", "draft_id"),
            "source_draft_id": ("source", "draft_id"),
        },
    )
    order_by_number("drafts")
