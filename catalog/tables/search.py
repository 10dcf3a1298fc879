"""The table of demands: what somebody looked for and did not find."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

demands = sa.Table(
    "demands",
    metadata,
    sa.Column("demand_id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("items", JsonText, nullable=False),  # names of the items that are wanted
    sa.Column("query", sa.String(100)),  # what had been searched for without a hit
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("submitted_at", UtcTime, nullable=False),
    sa.Index("ix_demands_department_id_demand_id", "department_id", "demand_id"),
    sa.Index("ix_demands_account", "account", "demand_id"),
)
