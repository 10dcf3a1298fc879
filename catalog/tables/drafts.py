"""The table of drafts: resources found in other catalogues, and what is left to decide."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("draft_id", sa.String(60), primary_key=True),  # source and position: found again
    sa.Column("source", sa.String(31), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String(400), nullable=False),
    sa.Column("department_name", sa.String(400), nullable=False),
    sa.Column("document", JsonText, nullable=False),
    sa.Column("decisions", JsonText, nullable=False),
    sa.Column("found", JsonText, nullable=False),  # what else the source said
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("duplicate_of", sa.String(60)),  # the first draft of the source with this title
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("imported_at", UtcTime, nullable=False),
    sa.Column("settled_by", sa.String(64)),  # who claimed or dropped it
    sa.Column("settled_at", UtcTime),
    sa.Column("resource_id", sa.String(48)),  # the record that was made of it
    sa.Column("reason", sa.Text),  # why it was dropped
    sa.Index("ix_drafts_state_draft_id", "state", "draft_id"),
    sa.Index("ix_drafts_department_name_draft_id", "department_name", "draft_id"),
    sa.Index("ix_drafts_source_draft_id", "source", "draft_id"),
)
