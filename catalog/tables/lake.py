"""Tables of what ingest and lake report: deliveries, curated tables, leases, view versions."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("delivery_id", sa.String(36), primary_key=True),
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id")),
    sa.Column("resource_named", sa.String(200), nullable=False),
    sa.Column("record_version", sa.Integer),
    sa.Column("generation", sa.Integer),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),
    sa.Column("data_time", UtcTime, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("rows_declared", sa.BigInteger),
    sa.Column("sha256_declared", sa.String(64)),
    sa.Column("idempotency_key", sa.String(200)),
    sa.Column("retry_key", sa.String(64), nullable=False),
    # the two keys again while the delivery is live; null afterwards, and nulls do not collide
    sa.Column("live_retry_key", sa.String(64), unique=True),
    sa.Column("live_idempotency_key", sa.String(200)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("raw_bucket", sa.String(63)),
    sa.Column("raw_key", sa.Text),
    sa.Column("encoding", sa.String(32)),
    sa.Column("format", sa.String(32)),
    sa.Column("rows_in", sa.BigInteger),
    sa.Column("accepted", sa.BigInteger),
    sa.Column("quarantined", sa.BigInteger),
    sa.Column("unchanged", sa.BigInteger),
    sa.Column("rules", JsonText, nullable=False),
    sa.Column("reason", JsonText),
    sa.Column("notes", JsonText, nullable=False),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("loaded_at", UtcTime),
    sa.Column("snapshot_id", sa.BigInteger),
    # of a file that lay in incoming/: where, and which very object it and its manifest were
    sa.Column("dropped", JsonText),
    sa.Column("drop_mark", sa.String(64)),
    sa.Column("manifest_mark", sa.String(64)),
    sa.Column("files", sa.Integer),  # kept of a file resource; null where rows are delivered
    sa.UniqueConstraint("account", "live_idempotency_key"),
    sa.Index("ix_deliveries_drop_mark", "drop_mark", unique=True),
    sa.Index("ix_deliveries_manifest_mark", "manifest_mark"),
    sa.Index("ix_deliveries_account_idempotency_key", "account", "idempotency_key"),
    sa.Index("ix_deliveries_resource_id_mode", "resource_id", "mode", "data_time", "delivery_id"),
    sa.Index("ix_deliveries_resource_id_state", "resource_id", "state", "delivery_id"),
    sa.Index("ix_deliveries_department_id", "department_id", "delivery_id"),
    sa.Index("ix_deliveries_state", "state", "delivery_id"),
)

curated_tables = sa.Table(
    "curated_tables",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("bucket", sa.String(63), nullable=False),
    sa.Column("identifier", sa.String(200), nullable=False),
    sa.Column("snapshot_id", sa.BigInteger),
    sa.Column("metadata_location", sa.Text),
    sa.Column("fence", sa.BigInteger, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("holder", sa.String(200)),  # null: free
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
)

view_versions = sa.Table(
    "view_versions",
    metadata,
    sa.Column("view_id", sa.String(32), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("definition_version", sa.Integer, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("built_at", UtcTime, nullable=False),
    sa.Column("known_at", UtcTime, nullable=False),
    sa.Column("snapshot_id", sa.BigInteger),
    sa.Column("metadata_location", sa.Text),
    sa.Column("serving_path", sa.Text, nullable=False),
    sa.Column("inputs", JsonText, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)
