"""The register of built views: which version is served, made from what and known when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.lake_errors import StaleViewVersion
from catalog.tables import view_versions as table


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewVersion:
    """One build of a view: `inputs` maps each source to the snapshot and deliveries it gave."""

    view_id: str
    version: int
    definition_version: int
    rows: int
    content_hash: str
    built_at: datetime
    known_at: datetime
    snapshot_id: int | None
    metadata_location: str | None
    serving_path: str
    inputs: Mapping[str, Any]
    seconds: float


_FIELDS = tuple(each.name for each in fields(ViewVersion))
_SELECT = sa.select(*(table.c[name] for name in _FIELDS))


def next_version(conn: sa.Connection, view_id: str) -> int:
    """The number of the next build, counted from 1."""
    query = sa.select(sa.func.max(table.c.version)).where(table.c.view_id == view_id)
    return (conn.scalar(query) or 0) + 1


def insert(conn: sa.Connection, built: ViewVersion) -> None:
    """Record a build; StaleViewVersion when its number is not the next one (another was faster)."""
    expected = next_version(conn, built.view_id)
    if built.version != expected:
        raise StaleViewVersion(built.view_id, version=built.version, next_version=expected)
    values = {name: getattr(built, name) for name in _FIELDS}
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(values))
    except sa.exc.IntegrityError as error:
        following = next_version(conn, built.view_id)
        raise StaleViewVersion(
            built.view_id, version=built.version, next_version=following
        ) from error


def current(conn: sa.Connection, view_id: str) -> ViewVersion | None:
    """The newest build, or None before the first one."""
    query = _SELECT.where(table.c.view_id == view_id).order_by(table.c.version.desc()).limit(1)
    row = conn.execute(query).mappings().first()
    return None if row is None else ViewVersion(**row)
