"""Scores of records, stored with their reasons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, order_by_number, primary, refers, text

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "record_scores",
        text("resource_id", 48, nullable=False),
        text("department_id", 31, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("judgements", sa.Text, nullable=False),
        sa.Column("punctuality", sa.Text, nullable=False),
        instant("scored_at"),
        primary("record_scores", "resource_id"),
        refers("record_scores", "resource_id", "records.resource_id"),
    )
    indexes(
        "record_scores",
        {
            "score": ["score", "resource_id"],
            "department_id_score": ["department_id", "score", "resource_id"],
            "scored_at": ["scored_at"],
        },
    )
    order_by_number("record_scores")
