"""Short words for columns, constraints and indexes in revisions, named as tables/base.py names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op


def text(name: str, length: int, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), **options)


def instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def indexes(table: str, indexes: Mapping[str, Sequence[str]]) -> None:
    for name, columns in indexes.items():
        op.create_index(f"ix_{table}_{name}", table, list(columns))


def order_by_number(*tables: str) -> None:
    """Let the texts of these tables sort by their characters' numbers on PostgreSQL (see r0003)."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    for table in tables:
        for column in inspector.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.String) and not kind.collation:
                by_number = type(kind)(kind.length, collation="C")
                op.alter_column(table, column["name"], type_=by_number)
