"""The table of scores: how good each published record is, and why."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

record_scores = sa.Table(
    "record_scores",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("department_id", sa.String(31), nullable=False),  # for lists of one department
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),  # 0 to 100
    sa.Column("judgements", JsonText, nullable=False),
    sa.Column("punctuality", JsonText, nullable=False),
    sa.Column("scored_at", UtcTime, nullable=False),
    sa.Index("ix_record_scores_score", "score", "resource_id"),
    sa.Index("ix_record_scores_department_id_score", "department_id", "score", "resource_id"),
    sa.Index("ix_record_scores_scored_at", "scored_at"),
)
