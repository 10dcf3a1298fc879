"""Work that survives its process: jobs and workers; and a number that tells of changed rights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, primary, refers, text, unique

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

# whoever may read what is decided by these tables alone
_RIGHTS_TABLES = ("accounts", "account_keys", "grants")
_RAISE = "UPDATE rights_revision SET revision = revision + 1"
_POSTGRESQL_FUNCTION = f"""CREATE FUNCTION raise_rights_revision() RETURNS trigger AS $$
    BEGIN {_RAISE}; RETURN NULL; END $$ LANGUAGE plpgsql"""


def upgrade() -> None:
    _create_jobs()
    _create_workers()
    _create_rights_revision()
    _add_what_was_dropped()


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        text("job_id", 36, nullable=False),
        text("kind", 16, nullable=False),
        text("subject", 64, nullable=False),
        text("lane", 200, nullable=False),
        text("department_id", 31, nullable=False),
        text("account", 64, nullable=False),
        text("state", 16, nullable=False),
        text("live_subject", 100),
        text("running_lane", 200),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        instant("not_before"),
        instant("queued_at"),
        instant("started_at", nullable=True),
        instant("ended_at", nullable=True),
        text("holder", 200),
        sa.Column("fence", sa.BigInteger, nullable=False),
        instant("expires_at", nullable=True),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("cancellable", sa.Boolean, nullable=False),
        text("stage", 100),
        sa.Column("done", sa.Float),
        sa.Column("error", sa.Text),
        primary("jobs", "job_id"),
        unique("jobs", "live_subject"),
        unique("jobs", "running_lane"),
        refers("jobs", "department_id", "departments.department_id"),
        refers("jobs", "account", "accounts.name"),
    )
    indexes(
        "jobs",
        {
            "state_lane": ["state", "lane", "job_id"],
            "department_id_started_at": ["department_id", "started_at"],
            "subject": ["kind", "subject", "job_id"],
        },
    )


def _create_workers() -> None:
    op.create_table(
        "workers",
        text("worker_id", 200, nullable=False),
        sa.Column("standby", sa.Boolean, nullable=False),
        instant("started_at"),
        instant("seen_at"),
        primary("workers", "worker_id"),
    )


def _create_rights_revision() -> None:
    op.create_table(
        "rights_revision",
        sa.Column("only", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        primary("rights_revision", "only"),
    )
    op.execute('INSERT INTO rights_revision ("only", revision) VALUES (1, 1)')
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        op.execute(_POSTGRESQL_FUNCTION)
    for table in _RIGHTS_TABLES:
        if postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_raise_rights AFTER INSERT OR UPDATE OR DELETE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION raise_rights_revision()"
            )
            continue
        for verb in ("INSERT", "UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_raise_rights_{verb.lower()} AFTER {verb} ON {table} "
                f"BEGIN {_RAISE}; END"
            )


def _add_what_was_dropped() -> None:
    for column in (sa.Column("dropped", sa.Text), text("drop_mark", 64), text("manifest_mark", 64)):
        op.add_column("deliveries", column)
    op.create_index("ix_deliveries_drop_mark", "deliveries", ["drop_mark"], unique=True)
    indexes("deliveries", {"manifest_mark": ["manifest_mark"]})
