"""Tables of registers: data elements, information systems, and all names of departments."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import JsonText, UtcTime, metadata

elements = sa.Table(
    "elements",
    metadata,
    sa.Column("element_id", sa.String(64), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),  # "shipped": an upgrade may follow it up
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("last_version", sa.Integer, nullable=False),
    sa.Column("adopted_version", sa.Integer),  # null: no item may point at it
    # whose proposal the last version is; null for what is shipped
    sa.Column("department_id", sa.String(31), sa.ForeignKey("departments.department_id")),
    sa.Column("submitted_by", sa.String(64)),  # who may not decide what is under review
    sa.Column("last_action", sa.String(20), nullable=False),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Index("ix_elements_state_element_id", "state", "element_id"),
)

element_versions = sa.Table(
    "element_versions",
    metadata,
    sa.Column("element_id", sa.String(64), sa.ForeignKey("elements.element_id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),  # canonical JSON, as hashed
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("written_at", UtcTime, nullable=False),
)

element_events = sa.Table(
    "element_events",
    metadata,
    sa.Column("element_id", sa.String(64), sa.ForeignKey("elements.element_id"), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("from_state", sa.String(16)),
    sa.Column("to_state", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("account", sa.String(64), nullable=False),
    sa.Column("opinion", sa.Text),
)

information_systems = sa.Table(
    "information_systems",
    metadata,
    sa.Column("system_id", sa.String(48), primary_key=True),
    sa.Column(
        "department_id", sa.String(31), sa.ForeignKey("departments.department_id"), nullable=False
    ),
    sa.Column("name", sa.String(200), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("department_id", "name", name="uq_information_systems_department_id_name"),
)

system_versions = sa.Table(
    "system_versions",
    metadata,
    sa.Column(
        "system_id", sa.String(48), sa.ForeignKey("information_systems.system_id"), primary_key=True
    ),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", sa.Text, nullable=False),  # canonical JSON, as hashed
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("written_at", UtcTime, nullable=False),
)

# a department as it was registered and each time it was changed
department_versions = sa.Table(
    "department_versions",
    metadata,
    sa.Column(
        "department_id",
        sa.String(31),
        sa.ForeignKey("departments.department_id"),
        primary_key=True,
    ),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("document", JsonText, nullable=False),
    sa.Column("author", sa.String(64)),  # null: not known
    sa.Column("written_at", UtcTime, nullable=False),
)

# derived from the departments and the table of words; `position` 0 is the name, others aliases
department_names = sa.Table(
    "department_names",
    metadata,
    sa.Column(
        "department_id",
        sa.String(31),
        sa.ForeignKey("departments.department_id"),
        primary_key=True,
    ),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("folded", sa.Text, nullable=False, index=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("office", sa.Text, index=True),  # null: no office of the table of words
)
