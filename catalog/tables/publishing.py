"""Tables of what accompanies publication: sign-offs, schedule, bindings, negative list, notices."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import UtcTime, metadata

# who signed which content off as holding no secret; by hash, so that other content needs another
secrecy_reviews = sa.Table(
    "secrecy_reviews",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("signed_by", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("signed_at", UtcTime, nullable=False),
    sa.Column("opinion", sa.Text, nullable=False),
    sa.Column("impact_note", sa.Text),  # what it means for personal information
)

scheduled_publications = sa.Table(
    "scheduled_publications",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("publish_at", UtcTime, nullable=False),
    sa.Column("agreed_by", sa.String(64), nullable=False),
    sa.Column("opinion", sa.Text, nullable=False),
    sa.Index("ix_scheduled_publications_publish_at", "publish_at", "resource_id"),
)

bindings = sa.Table(
    "bindings",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # within the record
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("target", sa.String(1000), nullable=False),
    sa.Column("bound_by", sa.String(64), nullable=False),
    sa.Column("bound_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
)

negative_list = sa.Table(
    "negative_list",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # within the record
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("basis", sa.String(64), nullable=False),
    sa.Column("clause", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.String(64), nullable=False),
    sa.Column("approved_by", sa.String(64), nullable=False),
    sa.Column("approved_at", UtcTime, nullable=False),
    sa.Column("confirmed_by", sa.String(64)),
    sa.Column("confirmed_at", UtcTime),
    sa.Column("review_by", sa.Date, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Index("ix_negative_list_ended_at", "ended_at", "resource_id"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("notice_id", sa.String(36), primary_key=True),
    # to an account, or where that is null to everybody of the department
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name")),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), nullable=False),
    sa.Column("zh", sa.Text, nullable=False),
    sa.Column("en", sa.Text, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("read_at", UtcTime),
    sa.Column("read_by", sa.String(64)),
    sa.Index("ix_notices_account", "account", "notice_id"),
    sa.Index("ix_notices_department_id", "department_id", "notice_id"),
)
