"""The files of a file resource: known by name, a version more at each delivery, current by query.

What is current follows from the deliveries as it does for tables: the newest full delivery by
(data time, delivery id), then of each name the newest version that is not older.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.deliveries import Delivery, DeliveryMode, DeliveryState
from catalog.file_counts import count_fetch, counts
from catalog.file_errors import FileNotFound, NotAFileResource
from catalog.ids import Ids
from catalog.tables import deliveries, file_deliveries, files

__all__ = [
    "FileNotFound",
    "FileVersion",
    "NotAFileResource",
    "PlannedVersion",
    "add_version",
    "count_fetch",
    "counts",
    "find_current",
    "has_files",
    "list_current",
    "list_versions",
    "name_key",
    "plan_version",
    "register",
    "sent_name",
]


@dataclass(frozen=True, slots=True)
class FileVersion:
    """One version of a file: what was delivered under its name, and where the bytes lie.

    `name` is as it was sent, numbers included: for those who may read the file.
    """

    file_id: str
    version: int
    resource_id: str
    name: str
    media_type: str
    size: int
    sha256: str
    data_time: datetime
    loaded_at: datetime
    delivery_id: str
    department_id: str
    raw_bucket: str
    raw_key: str


@dataclass(frozen=True, slots=True)
class PlannedVersion:
    """What a delivery becomes if it is loaded now; `same_as` is the newest version of its bytes.

    `superseded`: the file, or the whole resource, has something of a later data time.
    """

    file_id: str
    version: int
    same_as: int | None
    superseded: bool


def name_key(name: str) -> str:
    """What makes two names the same file: their characters, however they are put together."""
    # half a character in a name is for the database to refuse, as everywhere
    composed = unicodedata.normalize("NFC", name).encode("utf-8", "surrogatepass")
    return hashlib.sha256(composed).hexdigest()


def register(
    conn: sa.Connection, delivery_id: str, resource_id: str, file_name: str, ids: Ids
) -> str:
    """Note by which name a registered delivery came, and give the id of the file.

    It is the id of all files of this name there, whatever becomes of the delivery.
    """
    key = name_key(file_name)
    file_id = _find_id(conn, resource_id, key)
    if file_id is None:
        file_id = _insert_file(conn, resource_id, key, file_name, ids.new())
    values = {"delivery_id": delivery_id, "file_id": file_id}
    conn.execute(sa.insert(file_deliveries).values(values))
    return file_id


def _find_id(conn: sa.Connection, resource_id: str, key: str) -> str | None:
    query = sa.select(files.c.file_id).where(
        files.c.resource_id == resource_id, files.c.name_key == key
    )
    return conn.scalar(query)


def _insert_file(conn: sa.Connection, resource_id: str, key: str, name: str, file_id: str) -> str:
    row = {"file_id": file_id, "resource_id": resource_id, "name_key": key, "file_name": name}
    try:
        with conn.begin_nested():  # what fails leaves the rest of the transaction as it was
            conn.execute(sa.insert(files).values(row))
    except sa.exc.IntegrityError:
        twin = _find_id(conn, resource_id, key)  # a file of this name came at the same moment
        if twin is None:
            raise
        return twin
    return file_id


def sent_name(conn: sa.Connection, delivery_id: str) -> str:
    """The name by which a delivery of a file resource came."""
    query = sa.select(files.c.file_name).join_from(file_deliveries, files)
    return str(conn.execute(query.where(file_deliveries.c.delivery_id == delivery_id)).scalar_one())


def plan_version(conn: sa.Connection, delivery: Delivery) -> PlannedVersion:
    """Say what a registered delivery becomes; holds as long as nobody else loads to the resource.

    ValueError for a delivery that was not registered as a file.
    """
    file_id = conn.scalar(
        sa.select(file_deliveries.c.file_id).where(
            file_deliveries.c.delivery_id == delivery.delivery_id
        )
    )
    if file_id is None:
        raise ValueError(f"the delivery {delivery.delivery_id} is of no file")
    versions = list(conn.execute(_LOADED.where(files.c.file_id == file_id)).mappings())
    numbers = [row["version"] for row in versions]
    same = [row["version"] for row in versions if row["sha256"] == delivery.sha256]
    own = (delivery.data_time, delivery.delivery_id)
    newer = any((row["data_time"], row["delivery_id"]) > own for row in versions)
    full = _newest_full(conn, str(delivery.resource_id))
    return PlannedVersion(
        file_id,
        version=max(numbers, default=0) + 1,
        same_as=max(same, default=None),
        superseded=newer or (full is not None and full > own),
    )


def add_version(
    conn: sa.Connection, delivery_id: str, planned: PlannedVersion, media_type: str
) -> None:
    """Record the version that a delivery became, in the transaction that records it as loaded."""
    statement = sa.update(file_deliveries).where(
        file_deliveries.c.delivery_id == delivery_id, file_deliveries.c.version.is_(None)
    )
    conn.execute(statement.values(version=planned.version, media_type=media_type))


_AT_ONCE, _MOST_AT_ONCE = 100, 10_000
# By equality SQLite would begin with every loaded delivery there is, for each file anew.
_NOT_LOADED = [state for state in DeliveryState if state is not DeliveryState.LOADED]
_COLUMNS = (
    files.c.file_id,
    file_deliveries.c.version,
    files.c.resource_id,
    files.c.file_name.label("name"),
    file_deliveries.c.media_type,
    deliveries.c.size,
    deliveries.c.sha256,
    deliveries.c.data_time,
    deliveries.c.loaded_at,
    deliveries.c.delivery_id,
    deliveries.c.department_id,
    deliveries.c.raw_bucket,
    deliveries.c.raw_key,
)
_LOADED = (
    sa.select(*_COLUMNS)
    .join_from(files, file_deliveries, file_deliveries.c.file_id == files.c.file_id)
    .join(deliveries, deliveries.c.delivery_id == file_deliveries.c.delivery_id)
    .where(
        file_deliveries.c.version.is_not(None),
        deliveries.c.state.not_in(_NOT_LOADED),
    )
)


def list_current(
    conn: sa.Connection, resource_id: str, *, limit: int = 500, after: str | None = None
) -> list[FileVersion]:
    """The current files of a resource by id; `after` is the last id of the page before."""
    found: list[FileVersion] = []
    looked_at = max(limit, _AT_ONCE)
    while len(found) < limit:
        # a few names at a time, so that a page costs what it holds; more where few are current
        names = [str(each) for each in conn.scalars(_names(resource_id, after, looked_at))]
        if not names:
            break
        query = _current(conn, resource_id).where(files.c.file_id.between(names[0], names[-1]))
        rows = conn.execute(query.order_by(files.c.file_id).limit(limit - len(found)))
        found += [_version(row) for row in rows.mappings()]
        after, looked_at = names[-1], min(looked_at * 4, _MOST_AT_ONCE)
    return found


def _names(resource_id: str, after: str | None, limit: int) -> sa.Select[tuple[str]]:
    query = sa.select(files.c.file_id).where(files.c.resource_id == resource_id)
    if after is not None:
        query = query.where(files.c.file_id > after)
    return query.order_by(files.c.file_id).limit(limit)


def find_current(
    conn: sa.Connection, resource_id: str, file: str, *, by_name: bool = True
) -> FileVersion | None:
    """The current version of a file of the resource, by the file's id or its name."""
    named = files.c.file_id == file
    if by_name:
        named |= files.c.name_key == name_key(file)
    rows = conn.execute(_current(conn, resource_id).where(named)).mappings().all()
    # a file may be named as another one's id is: the id tells
    found = sorted(rows, key=lambda row: row["file_id"] != file)
    return _version(found[0]) if found else None


def list_versions(conn: sa.Connection, file_id: str) -> list[FileVersion]:
    """Every version of a file, current or not, in the order of their numbers."""
    query = _LOADED.where(files.c.file_id == file_id).order_by(file_deliveries.c.version)
    return [_version(row) for row in conn.execute(query).mappings()]


def has_files(conn: sa.Connection, resource_id: str) -> bool:
    """Whether a resource has a current file: a fact for its binding (挂接)."""
    return bool(list_current(conn, resource_id, limit=1))


def _current(conn: sa.Connection, resource_id: str) -> sa.Select[Any]:
    query = _LOADED.where(files.c.resource_id == resource_id, ~_is_overtaken())
    full = _newest_full(conn, resource_id)
    if full is None:
        return query
    data_time, delivery_id = full
    return query.where(
        (deliveries.c.data_time > data_time)
        | ((deliveries.c.data_time == data_time) & (deliveries.c.delivery_id >= delivery_id))
    )


def _is_overtaken() -> sa.ColumnElement[bool]:
    """Whether the file has a version of a later data time, or as late and sent after this one."""
    link, newer = file_deliveries.alias("newer_link"), deliveries.alias("newer")
    same_time = newer.c.data_time == deliveries.c.data_time
    return (
        sa.select(sa.literal(1))
        .select_from(link.join(newer, newer.c.delivery_id == link.c.delivery_id))
        .where(
            link.c.file_id == files.c.file_id,
            link.c.version.is_not(None),
            newer.c.state.not_in(_NOT_LOADED),
            (newer.c.data_time > deliveries.c.data_time)
            | (same_time & (newer.c.delivery_id > deliveries.c.delivery_id)),
        )
        .correlate(files, deliveries)
        .exists()
    )


def _newest_full(conn: sa.Connection, resource_id: str) -> tuple[datetime, str] | None:
    row = conn.execute(
        sa.select(deliveries.c.data_time, deliveries.c.delivery_id)
        .where(
            deliveries.c.resource_id == resource_id,
            deliveries.c.mode == DeliveryMode.FULL,
            deliveries.c.state.not_in(_NOT_LOADED),
            deliveries.c.files > 0,
        )
        .order_by(deliveries.c.data_time.desc(), deliveries.c.delivery_id.desc())
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


_FIELDS = tuple(each.name for each in fields(FileVersion))


def _version(row: Mapping[Any, Any]) -> FileVersion:
    return FileVersion(**{name: row[name] for name in _FIELDS})
