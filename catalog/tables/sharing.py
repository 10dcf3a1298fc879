"""Tables of who may read what: grants and the items each of them holds."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("grant_id", sa.String(36), primary_key=True),
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), nullable=False),
    sa.Column("items", JsonText, nullable=False),  # list of item ids in the record's order
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("valid_from", UtcTime, nullable=False),
    sa.Column("valid_until", UtcTime, nullable=False),  # the first instant outside
    sa.Column("granted_by", sa.String(64), nullable=False),
    sa.Column("granted_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
    sa.Column("revoked_by", sa.String(64)),
    sa.Index("ix_grants_account_resource_id", "account", "resource_id"),
    sa.Index("ix_grants_resource_id", "resource_id"),
)
