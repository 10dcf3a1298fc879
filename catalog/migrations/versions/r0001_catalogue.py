"""The first schema: who takes part, what is said about data, who may read, what was delivered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, primary, refers, text, unique

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _create_organisation()
    _create_records()
    _create_record_history()
    _create_grants()
    _create_deliveries()
    _create_curated_tables_and_leases()
    _create_view_versions()


def _create_organisation() -> None:
    op.create_table(
        "platform_facts",
        text("name", 64, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        instant("recorded_at"),
        primary("platform_facts", "name"),
    )
    op.create_table(
        "departments",
        text("department_id", 31, nullable=False),
        text("code", 18, nullable=False),
        text("name", 200, nullable=False),
        text("duty", 64),
        text("division_code", 12),
        text("parent", 31),
        sa.Column("document", sa.Text, nullable=False),
        instant("added_at"),
        primary("departments", "department_id"),
        unique("departments", "code"),
        refers("departments", "parent", "departments.department_id"),
    )
    op.create_table(
        "accounts",
        text("name", 64, nullable=False),
        text("department_id", 31, nullable=False),
        text("kind", 16, nullable=False),
        text("responsible", 100),
        text("roles", 200, nullable=False),
        instant("added_at"),
        primary("accounts", "name"),
        refers("accounts", "department_id", "departments.department_id"),
    )
    op.create_table(
        "account_keys",
        text("key_sha256", 64, nullable=False),
        text("account", 64, nullable=False),
        text("prefix", 16, nullable=False),
        instant("issued_at"),
        instant("expires_at"),
        instant("revoked_at", nullable=True),
        primary("account_keys", "key_sha256"),
        unique("account_keys", "prefix"),
        refers("account_keys", "account", "accounts.name"),
    )
    indexes("account_keys", {"account": ["account"]})


def _create_records() -> None:
    op.create_table(
        "records",
        text("resource_id", 48, nullable=False),
        text("department_id", 31, nullable=False),
        text("resource_code", 80),
        sa.Column("is_view", sa.Boolean, nullable=False),
        text("state", 20, nullable=False),
        text("origin", 20),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.Column("working_version", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        sa.Column("last_published_version", sa.Integer),
        sa.Column("generation", sa.Integer),
        text("submitted_by", 64),
        text("last_action", 20, nullable=False),
        instant("changed_at"),
        primary("records", "resource_id"),
        unique("records", "resource_code"),
        refers("records", "department_id", "departments.department_id"),
    )
    indexes(
        "records",
        {
            "state_resource_id": ["state", "resource_id"],
            "department_id_resource_id": ["department_id", "resource_id"],
        },
    )


def _create_record_history() -> None:
    op.create_table(
        "record_versions",
        text("resource_id", 48, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("name", 400, nullable=False),
        text("kind", 16, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        text("author", 64, nullable=False),
        instant("written_at"),
        instant("published_at", nullable=True),
        primary("record_versions", "resource_id", "version"),
        refers("record_versions", "resource_id", "records.resource_id"),
    )
    op.create_table(
        "record_events",
        text("resource_id", 48, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("at"),
        text("action", 20, nullable=False),
        text("from_state", 20),
        text("to_state", 20, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("account", 64, nullable=False),
        sa.Column("opinion", sa.Text),
        primary("record_events", "resource_id", "revision"),
        refers("record_events", "resource_id", "records.resource_id"),
    )
    op.create_table(
        "code_fronts",
        text("front", 40, nullable=False),
        sa.Column("last_issued", sa.BigInteger, nullable=False),
        primary("code_fronts", "front"),
    )
    op.create_table(
        "view_definitions",
        text("view_id", 32, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("origin", 16, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        instant("installed_at"),
        primary("view_definitions", "view_id", "version"),
    )


def _create_grants() -> None:
    op.create_table(
        "grants",
        text("grant_id", 36, nullable=False),
        text("account", 64, nullable=False),
        text("resource_id", 48, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        text("purpose", 64, nullable=False),
        instant("valid_from"),
        instant("valid_until"),
        text("granted_by", 64, nullable=False),
        instant("granted_at"),
        instant("revoked_at", nullable=True),
        text("revoked_by", 64),
        primary("grants", "grant_id"),
        refers("grants", "account", "accounts.name"),
        refers("grants", "resource_id", "records.resource_id"),
    )
    indexes(
        "grants",
        {"account_resource_id": ["account", "resource_id"], "resource_id": ["resource_id"]},
    )


def _create_deliveries() -> None:
    op.create_table("deliveries", *_delivery_facts(), *_delivery_results(), *_delivery_rules())
    indexes(
        "deliveries",
        {
            "account_idempotency_key": ["account", "idempotency_key"],
            "resource_id_state": ["resource_id", "state", "delivery_id"],
            "department_id": ["department_id", "delivery_id"],
            "state": ["state", "delivery_id"],
        },
    )


def _delivery_facts() -> list[sa.Column[Any]]:
    return [
        text("delivery_id", 36, nullable=False),
        text("resource_id", 48),
        text("resource_named", 200, nullable=False),
        sa.Column("record_version", sa.Integer),
        sa.Column("generation", sa.Integer),
        text("department_id", 31, nullable=False),
        text("account", 64, nullable=False),
        text("mode", 16, nullable=False),
        instant("data_time"),
        sa.Column("file_name", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("rows_declared", sa.BigInteger),
        text("sha256_declared", 64),
        text("idempotency_key", 200),
        text("retry_key", 64, nullable=False),
        text("live_retry_key", 64),
        text("live_idempotency_key", 200),
    ]


def _delivery_results() -> list[sa.Column[Any]]:
    return [
        text("state", 16, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        text("raw_bucket", 63),
        sa.Column("raw_key", sa.Text),
        text("encoding", 32),
        text("format", 32),
        sa.Column("rows_in", sa.BigInteger),
        sa.Column("accepted", sa.BigInteger),
        sa.Column("quarantined", sa.BigInteger),
        sa.Column("unchanged", sa.BigInteger),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("notes", sa.Text, nullable=False),
        instant("received_at"),
        instant("loaded_at", nullable=True),
        sa.Column("snapshot_id", sa.BigInteger),
    ]


def _delivery_rules() -> list[sa.Constraint]:
    return [
        primary("deliveries", "delivery_id"),
        unique("deliveries", "live_retry_key"),
        unique("deliveries", "account", "live_idempotency_key"),
        refers("deliveries", "resource_id", "records.resource_id"),
        refers("deliveries", "department_id", "departments.department_id"),
        refers("deliveries", "account", "accounts.name"),
    ]


def _create_curated_tables_and_leases() -> None:
    op.create_table(
        "curated_tables",
        text("resource_id", 48, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        text("bucket", 63, nullable=False),
        text("identifier", 200, nullable=False),
        sa.Column("snapshot_id", sa.BigInteger),
        sa.Column("metadata_location", sa.Text),
        sa.Column("fence", sa.BigInteger, nullable=False),
        primary("curated_tables", "resource_id", "generation"),
        refers("curated_tables", "resource_id", "records.resource_id"),
    )
    op.create_table(
        "leases",
        text("name", 200, nullable=False),
        text("holder", 200),
        sa.Column("fence", sa.BigInteger, nullable=False),
        instant("expires_at"),
        primary("leases", "name"),
    )


def _create_view_versions() -> None:
    op.create_table(
        "view_versions",
        text("view_id", 32, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("definition_version", sa.Integer, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        text("content_hash", 64, nullable=False),
        instant("built_at"),
        instant("known_at"),
        sa.Column("snapshot_id", sa.BigInteger),
        sa.Column("metadata_location", sa.Text),
        sa.Column("serving_path", sa.Text, nullable=False),
        sa.Column("inputs", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        primary("view_versions", "view_id", "version"),
    )
