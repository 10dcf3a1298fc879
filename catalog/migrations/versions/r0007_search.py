"""Demands that a search without a hit led to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, order_by_number, primary, refers, text

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "demands",
        text("demand_id", 36, nullable=False),
        text("state", 16, nullable=False),
        text("title", 200, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        text("query", 100),
        text("account", 64, nullable=False),
        text("department_id", 31, nullable=False),
        instant("submitted_at"),
        primary("demands", "demand_id"),
        refers("demands", "account", "accounts.name"),
        refers("demands", "department_id", "departments.department_id"),
    )
    indexes(
        "demands",
        {
            "department_id_demand_id": ["department_id", "demand_id"],
            "account": ["account", "demand_id"],
        },
    )
    order_by_number("demands")
