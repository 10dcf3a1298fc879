"""Registers of data elements and of information systems; other names of departments."""

from __future__ import annotations

import json
import unicodedata

import sqlalchemy as sa
from alembic import op

from catalog.migrations.columns import (
    indexes,
    instant,
    order_by_number,
    primary,
    refers,
    text,
    unique,
)

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _make_elements()
    _make_systems()
    _make_departments()
    order_by_number(
        "elements",
        "element_versions",
        "element_events",
        "information_systems",
        "system_versions",
        "department_versions",
        "department_names",
    )
    _fill_departments()


def _make_elements() -> None:
    op.create_table(
        "elements",
        text("element_id", 64, nullable=False),
        text("state", 16, nullable=False),
        text("origin", 16, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.Column("adopted_version", sa.Integer),
        text("department_id", 31),
        text("submitted_by", 64),
        text("last_action", 20, nullable=False),
        instant("changed_at"),
        refers("elements", "department_id", "departments.department_id"),
        primary("elements", "element_id"),
    )
    indexes("elements", {"state_element_id": ("state", "element_id")})
    op.create_table(
        "element_versions",
        text("element_id", 64, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("name", 100, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        text("author", 64, nullable=False),
        instant("written_at"),
        refers("element_versions", "element_id", "elements.element_id"),
        primary("element_versions", "element_id", "version"),
    )
    op.create_table(
        "element_events",
        text("element_id", 64, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        instant("at"),
        text("action", 20, nullable=False),
        text("from_state", 16),
        text("to_state", 16, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        text("account", 64, nullable=False),
        sa.Column("opinion", sa.Text),
        refers("element_events", "element_id", "elements.element_id"),
        primary("element_events", "element_id", "revision"),
    )


def _make_systems() -> None:
    op.create_table(
        "information_systems",
        text("system_id", 48, nullable=False),
        text("department_id", 31, nullable=False),
        text("name", 200, nullable=False),
        text("status", 16, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        refers("information_systems", "department_id", "departments.department_id"),
        primary("information_systems", "system_id"),
        unique("information_systems", "department_id", "name"),
    )
    indexes("information_systems", {"name": ("name",)})
    op.create_table(
        "system_versions",
        text("system_id", 48, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        text("sha256", 64, nullable=False),
        text("author", 64, nullable=False),
        instant("written_at"),
        refers("system_versions", "system_id", "information_systems.system_id"),
        primary("system_versions", "system_id", "version"),
    )


def _make_departments() -> None:
    op.create_table(
        "department_versions",
        text("department_id", 31, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        text("author", 64),
        instant("written_at"),
        refers("department_versions", "department_id", "departments.department_id"),
        primary("department_versions", "department_id", "version"),
    )
    op.create_table(
        "department_names",
        text("department_id", 31, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        text("name", 200, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("office", sa.Text),
        refers("department_names", "department_id", "departments.department_id"),
        primary("department_names", "department_id", "position"),
    )
    indexes("department_names", {"folded": ("folded",), "office": ("office",)})


def _fill_departments() -> None:
    """The names of departments as they stand in them; `datong init` reads what they mean."""
    op.execute(
        "INSERT INTO department_versions (department_id, version, document, written_at) "
        "SELECT department_id, 1, document, added_at FROM departments"
    )
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO department_names (department_id, position, name, folded, place) "
        "VALUES (:department_id, :position, :name, :folded, '')"
    )
    found = connection.execute(sa.text("SELECT department_id, name, document FROM departments"))
    for department_id, name, document in found.all():
        aliases = json.loads(document).get("aliases") or ()
        for position, each in enumerate((name, *aliases)):
            folded = "".join(unicodedata.normalize("NFKC", each).lower().split())
            facts = {"department_id": department_id, "position": position}
            connection.execute(insert, {**facts, "name": each, "folded": folded})
