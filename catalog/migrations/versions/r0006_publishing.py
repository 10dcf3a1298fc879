"""Publication in steps: bindings, notices, the negative list, scheduled publication."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, instant, order_by_number, primary, refers, text

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_AT_ONCE = 1000


def upgrade() -> None:
    _add_facts_of_versions()
    _add_queues()
    _create_reviews_and_schedule()
    _create_bindings()
    _create_negative_list()
    _create_notices()
    order_by_number(
        "record_versions",
        "records",
        "secrecy_reviews",
        "scheduled_publications",
        "bindings",
        "negative_list",
        "notices",
    )


def _add_facts_of_versions() -> None:
    op.add_column("record_versions", text("provider_name", 200))
    op.add_column("record_versions", sa.Column("share_type", sa.Integer))
    _fill_facts()
    with op.batch_alter_table("record_versions") as table:
        table.alter_column("provider_name", existing_type=sa.String(200), nullable=False)
        table.alter_column("share_type", existing_type=sa.Integer, nullable=False)


def _fill_facts() -> None:
    """Of versions that are there already the documents say it; 0 where one says nothing."""
    conn = op.get_bind()
    names = ("resource_id", "version", "document", "provider_name", "share_type")
    table = sa.table("record_versions", *map(sa.column, names))
    query = sa.select(table.c.resource_id, table.c.version, table.c.document)
    query = query.where(table.c.share_type.is_(None)).limit(_AT_ONCE)
    statement = sa.update(table).where(
        table.c.resource_id == sa.bindparam("of"), table.c.version == sa.bindparam("at")
    )
    while rows := conn.execute(query).all():
        facts = [_facts(*row) for row in rows]
        conn.execute(statement, facts)


def _facts(resource_id: str, version: int, document: str) -> dict[str, object]:
    said = json.loads(document)
    return {
        "of": resource_id,
        "at": version,
        "provider_name": said.get("provider_name") or "",
        "share_type": said.get("share_type") or 0,
    }


def _add_queues() -> None:
    op.add_column("records", text("waiting_for", 16))
    indexes(
        "records",
        {
            "waiting_for_resource_id": ["waiting_for", "resource_id"],
            "waiting_for_department_id": ["waiting_for", "department_id", "resource_id"],
        },
    )
    table = sa.table("records", *map(sa.column, ("state", "last_action", "waiting_for")))
    returned = table.c.state.in_(("draft", "registered", "revising", "withdrawn"))
    for role, waits in (
        # of what was submitted for publication nobody has signed the secrecy review yet
        ("reviewer", table.c.state.in_(("register_review", "publish_review"))),
        ("authority", table.c.state == "withdraw_review"),
        ("steward", returned & (table.c.last_action == "reject")),
    ):
        op.execute(sa.update(table).where(waits).values(waiting_for=role))


def _create_reviews_and_schedule() -> None:
    op.create_table(
        "secrecy_reviews",
        text("resource_id", 48, nullable=False),
        text("sha256", 64, nullable=False),
        text("signed_by", 64, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        instant("signed_at"),
        sa.Column("opinion", sa.Text, nullable=False),
        sa.Column("impact_note", sa.Text),
        primary("secrecy_reviews", "resource_id", "sha256", "signed_by"),
        refers("secrecy_reviews", "resource_id", "records.resource_id"),
    )
    op.create_table(
        "scheduled_publications",
        text("resource_id", 48, nullable=False),
        instant("publish_at"),
        text("agreed_by", 64, nullable=False),
        sa.Column("opinion", sa.Text, nullable=False),
        primary("scheduled_publications", "resource_id"),
        refers("scheduled_publications", "resource_id", "records.resource_id"),
    )
    indexes("scheduled_publications", {"publish_at": ["publish_at", "resource_id"]})


def _create_bindings() -> None:
    op.create_table(
        "bindings",
        text("resource_id", 48, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        text("kind", 16, nullable=False),
        text("target", 1000, nullable=False),
        text("bound_by", 64, nullable=False),
        instant("bound_at"),
        instant("ended_at", nullable=True),
        primary("bindings", "resource_id", "number"),
        refers("bindings", "resource_id", "records.resource_id"),
    )
    # what was published and delivered before there were bindings was bound all the same
    op.execute(
        "INSERT INTO bindings (resource_id, number, kind, target, bound_by, bound_at) "
        "SELECT resource_id, 1, 'table', 'incoming/' || resource_id, 'datong', changed_at "
        "FROM records WHERE published_version IS NOT NULL AND NOT is_view AND EXISTS ("
        "SELECT 1 FROM deliveries WHERE deliveries.resource_id = records.resource_id "
        "AND deliveries.state = 'loaded')"
    )


def _create_negative_list() -> None:
    op.create_table(
        "negative_list",
        text("resource_id", 48, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("basis", 64, nullable=False),
        sa.Column("clause", sa.Text, nullable=False),
        text("proposed_by", 64, nullable=False),
        text("approved_by", 64, nullable=False),
        instant("approved_at"),
        text("confirmed_by", 64),
        instant("confirmed_at", nullable=True),
        sa.Column("review_by", sa.Date, nullable=False),
        instant("ended_at", nullable=True),
        primary("negative_list", "resource_id", "number"),
        refers("negative_list", "resource_id", "records.resource_id"),
    )
    indexes("negative_list", {"ended_at": ["ended_at", "resource_id"]})


def _create_notices() -> None:
    op.create_table(
        "notices",
        text("notice_id", 36, nullable=False),
        text("account", 64),
        text("department_id", 31, nullable=False),
        text("kind", 32, nullable=False),
        text("resource_id", 48, nullable=False),
        sa.Column("zh", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        instant("created_at"),
        instant("read_at", nullable=True),
        text("read_by", 64),
        primary("notices", "notice_id"),
        refers("notices", "account", "accounts.name"),
        refers("notices", "department_id", "departments.department_id"),
        refers("notices", "resource_id", "records.resource_id"),
    )
    indexes(
        "notices",
        {"account": ["account", "notice_id"], "department_id": ["department_id", "notice_id"]},
    )
