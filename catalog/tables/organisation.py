"""Tables of who takes part: facts of the platform, departments, accounts and their keys."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

platform_facts = sa.Table(
    "platform_facts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("recorded_at", UtcTime, nullable=False),
)

departments = sa.Table(
    "departments",
    metadata,
    sa.Column("department_id", sa.String(31), primary_key=True),
    sa.Column("code", sa.String(18), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("duty", sa.String(64)),
    sa.Column("division_code", sa.String(12)),
    sa.Column("parent", sa.String(31), sa.ForeignKey("departments.department_id")),
    sa.Column("document", JsonText, nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("responsible", sa.String(100)),
    sa.Column("roles", sa.String(200), nullable=False),
    sa.Column("added_at", UtcTime, nullable=False),
)

account_keys = sa.Table(
    "account_keys",
    metadata,
    sa.Column("key_sha256", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name"), nullable=False, index=True),
    sa.Column("prefix", sa.String(16), nullable=False, unique=True),
    sa.Column("issued_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
)
