"""How many tables, interfaces, files and images are published, shared and fetched (GD-03, GD-04).

Fetches are counted by day, resource and sort of file; who fetched what is in the audit store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.clock import CHINA_TIME
from catalog.deliveries import DeliveryState
from catalog.tables import (
    deliveries,
    file_deliveries,
    file_fetches,
    files,
    grants,
    record_versions,
    records,
)
from standards.records import ResourceKind

IMAGE = "image/"


class ResourceType(StrEnum):
    """What is counted; an image is a file whose media type says so."""

    TABLE = "table"
    FILE = "file"
    INTERFACE = "interface"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class TypeCount:
    """Of one type: published resources, grants of them, pieces, and how often those were fetched.

    Pieces are files or images kept, every version counted once; of tables and interfaces they
    are the resources. A resource that holds an image is counted under image as well as under file.
    """

    resources: int
    pieces: int
    grants: int
    fetches: int


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Of one resource: names, versions of them, bytes of all versions, fetches and their bytes."""

    files: int
    versions: int
    bytes: int
    fetches: int
    fetched_bytes: int


@dataclass(frozen=True, slots=True)
class Period:
    """Days in China, both included; None is without end."""

    since: date | None = None
    until: date | None = None

    def holds(self, column: sa.ColumnElement[Any]) -> list[sa.ColumnElement[bool]]:
        """Conditions on an instant."""
        first = [] if self.since is None else [column >= _start(self.since)]
        last = [] if self.until is None else [column < _start(self.until + timedelta(days=1))]
        return [*first, *last]

    def holds_day(self, column: sa.ColumnElement[str]) -> list[sa.ColumnElement[bool]]:
        """Conditions on a day as text."""
        first = [] if self.since is None else [column >= self.since.isoformat()]
        last = [] if self.until is None else [column <= self.until.isoformat()]
        return [*first, *last]


_ALWAYS = Period()
_is_image = file_deliveries.c.media_type.startswith(IMAGE)
_loaded = (
    sa.join(files, file_deliveries, file_deliveries.c.file_id == files.c.file_id)
    .join(deliveries, deliveries.c.delivery_id == file_deliveries.c.delivery_id)
)  # fmt: skip


def count_fetch(
    conn: sa.Connection, resource_id: str, media_type: str, size: int, at: datetime
) -> None:
    """A file is about to be handed out."""
    table, image = file_fetches, media_type.startswith(IMAGE)
    day = at.astimezone(CHINA_TIME).date().isoformat()
    key = {"resource_id": resource_id, "day": day, "image": image}
    same = sa.and_(*(table.c[name] == value for name, value in key.items()))
    more = sa.update(table).where(same)
    more = more.values(fetches=table.c.fetches + 1, bytes=table.c.bytes + size)
    if conn.execute(more).rowcount == 1:
        return
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(**key, fetches=1, bytes=size))
    except sa.exc.IntegrityError:  # the first of the day came twice at once
        conn.execute(more)


def counts(
    conn: sa.Connection, *, since: date | None = None, until: date | None = None
) -> Mapping[ResourceType, TypeCount]:
    """What was published, loaded, granted and fetched in a period, of what is published today.

    The period is of the day on which the version in force was published, a file was loaded, a grant
    was given, a file was fetched.
    """
    period = Period(since, until)
    resources = _published(conn, period)
    granted = _granted(conn, period)
    pieces = _pieces(conn, period)
    fetched = _fetched(conn, period)
    found = {}
    for kind in ResourceType:
        own = resources.get(kind.value, 0)
        in_files = kind in (ResourceType.FILE, ResourceType.IMAGE)
        found[kind] = TypeCount(
            resources=own,
            pieces=pieces[kind is ResourceType.IMAGE] if in_files else own,
            grants=granted.get(kind.value, 0),
            fetches=fetched[kind is ResourceType.IMAGE] if in_files else 0,
        )
    return found


def counts_of(conn: sa.Connection, resource_id: str) -> FileCounts:
    """The files of one resource, current or not."""
    names, versions, size = conn.execute(
        sa.select(
            sa.func.count(files.c.file_id.distinct()),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(deliveries.c.size), 0),
        )
        .select_from(_loaded)
        .where(files.c.resource_id == resource_id, *_is_loaded())
    ).one()
    fetches, fetched = conn.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(file_fetches.c.fetches), 0),
            sa.func.coalesce(sa.func.sum(file_fetches.c.bytes), 0),
        ).where(file_fetches.c.resource_id == resource_id)
    ).one()
    return FileCounts(int(names), int(versions), int(size), int(fetches), int(fetched))


def _is_loaded() -> list[sa.ColumnElement[bool]]:
    return [file_deliveries.c.version.is_not(None), deliveries.c.state == DeliveryState.LOADED]


def _published(conn: sa.Connection, period: Period) -> dict[str, int]:
    query = (
        sa.select(record_versions.c.kind, sa.func.count())
        .select_from(_in_force())
        .where(*_delivered_by_departments(), *period.holds(record_versions.c.published_at))
    )
    found = {str(kind): int(n) for kind, n in conn.execute(query.group_by(record_versions.c.kind))}
    images = query.with_only_columns(sa.func.count()).where(_holds_an_image())
    return {**found, ResourceType.IMAGE.value: int(conn.scalar(images) or 0)}


def _granted(conn: sa.Connection, period: Period) -> dict[str, int]:
    query = (
        sa.select(record_versions.c.kind, sa.func.count())
        .select_from(_in_force().join(grants, grants.c.resource_id == records.c.resource_id))
        .where(*_delivered_by_departments(), *period.holds(grants.c.granted_at))
    )
    found = {str(kind): int(n) for kind, n in conn.execute(query.group_by(record_versions.c.kind))}
    images = query.with_only_columns(sa.func.count()).where(_holds_an_image())
    return {**found, ResourceType.IMAGE.value: int(conn.scalar(images) or 0)}


def _pieces(conn: sa.Connection, period: Period) -> dict[bool, int]:
    query = (
        sa.select(_is_image.label("image"), sa.func.count())
        .select_from(_loaded)
        .where(*_is_loaded(), *period.holds(deliveries.c.loaded_at))
        .group_by(sa.text("image"))
    )
    found = {bool(image): int(n) for image, n in conn.execute(query)}
    return {False: 0, True: 0} | found


def _fetched(conn: sa.Connection, period: Period) -> dict[bool, int]:
    table = file_fetches
    query = sa.select(table.c.image, sa.func.sum(table.c.fetches))
    query = query.where(*period.holds_day(table.c.day)).group_by(table.c.image)
    return {False: 0, True: 0} | {bool(image): int(n) for image, n in conn.execute(query)}


def _holds_an_image() -> sa.ColumnElement[bool]:
    return (
        sa.select(sa.literal(1))
        .select_from(_loaded)
        .where(files.c.resource_id == records.c.resource_id, _is_image, *_is_loaded())
        .correlate(records)
        .exists()
    )


def _in_force() -> sa.Join:
    return sa.join(
        records,
        record_versions,
        (record_versions.c.resource_id == records.c.resource_id)
        & (record_versions.c.version == records.c.published_version),
    )


def _delivered_by_departments() -> list[sa.ColumnElement[bool]]:
    return [
        records.c.is_view.is_(sa.false()),
        record_versions.c.kind.in_([each.value for each in ResourceKind]),
    ]


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA_TIME).astimezone(UTC)
