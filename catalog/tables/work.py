"""Tables of work to be done: jobs in their queue, the workers that take them, rights' revision."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),  # a delivery, a view
    sa.Column("lane", sa.String(200), nullable=False),  # one job at a time works in it
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("account", sa.String(64), sa.ForeignKey("accounts.name"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # subject and lane again while they are taken; null afterwards, and nulls do not collide
    sa.Column("live_subject", sa.String(100), unique=True),
    sa.Column("running_lane", sa.String(200), unique=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("deaths", sa.Integer, nullable=False),  # attempts that ended with their worker
    sa.Column("failures", sa.Integer, nullable=False),  # those that ended in an unforeseen error
    sa.Column("not_before", UtcTime, nullable=False),
    sa.Column("queued_at", UtcTime, nullable=False),
    sa.Column("started_at", UtcTime),
    sa.Column("ended_at", UtcTime),
    sa.Column("holder", sa.String(200)),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("expires_at", UtcTime),
    sa.Column("cancel_asked", sa.Boolean, nullable=False),
    sa.Column("cancellable", sa.Boolean, nullable=False),  # false from its commit on
    sa.Column("stage", sa.String(100)),
    sa.Column("done", sa.Float),  # 0 to 1, null where it cannot be told
    sa.Column("error", JsonText),
    sa.Index("ix_jobs_state_lane", "state", "lane", "job_id"),
    sa.Index("ix_jobs_department_id_started_at", "department_id", "started_at"),
    sa.Index("ix_jobs_subject", "kind", "subject", "job_id"),
)

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("worker_id", sa.String(200), primary_key=True),
    sa.Column("standby", sa.Boolean, nullable=False),  # works only while no other does
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
)

rights_revision = sa.Table(
    "rights_revision",
    metadata,
    # one row; triggers raise it in the transaction of every change of keys, accounts, grants
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
