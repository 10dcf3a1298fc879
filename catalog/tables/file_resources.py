"""Tables of file resources: their files by name, what was delivered of each, how often fetched."""

from __future__ import annotations

import sqlalchemy as sa

from catalog.tables.base import metadata

files = sa.Table(
    "files",
    metadata,
    sa.Column("file_id", sa.String(36), primary_key=True),
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), nullable=False),
    # a name may be too long to be indexed, and may be written in two ways (NFC, NFD): its hash
    sa.Column("name_key", sa.String(64), nullable=False),
    # as it was sent: the register of deliveries hides numbers in names, and two could look alike
    sa.Column("file_name", sa.Text, nullable=False),
    sa.UniqueConstraint("resource_id", "name_key"),
    sa.Index("ix_files_resource_id_file_id", "resource_id", "file_id"),
)

file_deliveries = sa.Table(
    "file_deliveries",
    metadata,
    sa.Column(
        "delivery_id", sa.String(36), sa.ForeignKey("deliveries.delivery_id"), primary_key=True
    ),
    sa.Column("file_id", sa.String(36), sa.ForeignKey("files.file_id"), nullable=False),
    # both null until the delivery is loaded, and for ever where it is refused
    sa.Column("version", sa.Integer),
    sa.Column("media_type", sa.String(150)),
    sa.UniqueConstraint("file_id", "version"),
)

file_fetches = sa.Table(
    "file_fetches",
    metadata,
    sa.Column("resource_id", sa.String(48), sa.ForeignKey("records.resource_id"), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),  # in China
    sa.Column("image", sa.Boolean, primary_key=True),
    sa.Column("fetches", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Index("ix_file_fetches_day", "day"),
)
