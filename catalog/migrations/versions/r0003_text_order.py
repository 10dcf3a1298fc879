"""Texts compare and sort by their characters' numbers on PostgreSQL too, in any language it speaks.

A database made for a language sorts `a-b` and `ab` as its dictionary does; lists that are read page
by page, and what is built in their order, would differ from one place to the other.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            kind = column["type"]
            if table == "alembic_version" or not isinstance(kind, sa.String) or kind.collation:
                continue
            by_number = type(kind)(kind.length, collation="C")
            op.alter_column(table, column["name"], type_=by_number)
