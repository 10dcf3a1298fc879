"""Tables of what is said about data: records, versions, history, codes, view definitions."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import UtcTime, metadata

records = sa.Table(
    "records",
    metadata,
    sa.Column("resource_id", sa.String(48), primary_key=True),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("resource_code", sa.String(80), unique=True),
    sa.Column("is_view", sa.Boolean, nullable=False),  # built by the lake: no source, no deliveries
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("origin", sa.String(20)),  # the state a review leads back to when it rejects
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("last_version", sa.Integer, nullable=False),
    sa.Column("working_version", sa.Integer, nullable=False),
    sa.Column("published_version", sa.Integer),  # null: nothing is visible
    sa.Column("last_published_version", sa.Integer),  # stays after a withdrawal
    sa.Column("generation", sa.Integer),
    sa.Column("submitted_by", sa.String(64)),
    sa.Column("last_action", sa.String(20), nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("waiting_for", sa.String(16)),  # the role in whose review queue the record stands
    sa.Index("ix_records_state_resource_id", "state", "resource_id"),
    sa.Index("ix_records_department_id_resource_id", "department_id", "resource_id"),
    sa.Index("ix_records_waiting_for_resource_id", "waiting_for", "resource_id"),
    sa.Index("ix_records_waiting_for_department_id", "waiting_for", "department_id", "resource_id"),
)

record_versions = sa.Table(
    "record_versions",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(400), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),  # canonical JSON, as hashed
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("written_at", UtcTime, nullable=False),
    sa.Column("published_at", UtcTime),  # the first publication of this version
    # of the document, so that lists and counts need not read it
    sa.Column("provider_name", sa.String(200), nullable=False),
    sa.Column("share_type", sa.Integer, nullable=False),
)

record_events = sa.Table(
    "record_events",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("from_state", sa.String(20)),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("opinion", sa.Text),
)

code_fronts = sa.Table(
    "code_fronts",
    metadata,
    sa.Column("front", sa.String(40), primary_key=True),
    sa.Column("last_issued", sa.BigInteger, nullable=False),
)

view_definitions = sa.Table(
    "view_definitions",
    metadata,
    sa.Column("view_id", sa.String(32), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("origin", sa.String(16), nullable=False),  # "shipped": an upgrade may follow it up
    sa.Column("document", sa.Text, nullable=False),  # canonical JSON, as hashed
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("installed_at", UtcTime, nullable=False),
)

# what is published changed: a search index reads on from the last number it knows
catalogue_changes = sa.Table(
    "catalogue_changes",
    metadata,
    sa.Column(
        "sequence",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    sa.Column("resource_id", sa.String(48), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
)
