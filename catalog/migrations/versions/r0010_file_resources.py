"""Files kept for file resources, and who fetched them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import indexes, order_by_number, primary, refers, text, unique

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("files", sa.Integer))
    # the newest full delivery of a file resource says which versions can be current
    columns = ["resource_id", "mode", "data_time", "delivery_id"]
    indexes("deliveries", {"resource_id_mode": columns})
    _create_files()
    _create_file_deliveries()
    _create_file_fetches()
    order_by_number("files", "file_deliveries", "file_fetches")


def _create_files() -> None:
    op.create_table(
        "files",
        text("file_id", 36, nullable=False),
        text("resource_id", 48, nullable=False),
        text("name_key", 64, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        primary("files", "file_id"),
        unique("files", "resource_id", "name_key"),
        refers("files", "resource_id", "records.resource_id"),
    )
    op.create_index("ix_files_resource_id_file_id", "files", ["resource_id", "file_id"])


def _create_file_deliveries() -> None:
    op.create_table(
        "file_deliveries",
        text("delivery_id", 36, nullable=False),
        text("file_id", 36, nullable=False),
        sa.Column("version", sa.Integer),
        text("media_type", 150),
        primary("file_deliveries", "delivery_id"),
        unique("file_deliveries", "file_id", "version"),
        refers("file_deliveries", "delivery_id", "deliveries.delivery_id"),
        refers("file_deliveries", "file_id", "files.file_id"),
    )


def _create_file_fetches() -> None:
    op.create_table(
        "file_fetches",
        text("resource_id", 48, nullable=False),
        text("day", 10, nullable=False),
        sa.Column("image", sa.Boolean, nullable=False),
        sa.Column("fetches", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        primary("file_fetches", "resource_id", "day", "image"),
        refers("file_fetches", "resource_id", "records.resource_id"),
    )
    op.create_index("ix_file_fetches_day", "file_fetches", ["day"])
