"""Reading one record: where it stands, what is published, its history and differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from catalog.errors import RecordNotFound, RecordNotPublished
from catalog.life_cycle import State
from catalog.record_diff import Difference, compare_documents
from catalog.record_rows import is_resource, version_row
from catalog.tables import record_events, record_versions, records
from standards.records import ResourceKind


@dataclass(frozen=True, slots=True)
class RecordState:
    """Where a record stands; `version` is the one being worked on, `revision` counts changes."""

    resource_id: str
    resource_code: str | None
    version: int
    state: State
    revision: int


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """What everybody may see; `is_view`: the lake builds its data, nobody delivers it."""

    resource_id: str
    resource_code: str | None
    version: int
    generation: int
    department_id: str
    document: Mapping[str, Any]
    published_at: datetime
    is_view: bool


@dataclass(frozen=True, slots=True)
class WorkingRecord:
    """The version that is being written or reviewed, or the published one where there is none."""

    resource_id: str
    resource_code: str | None
    version: int
    state: State
    revision: int
    department_id: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordSummary:
    resource_id: str
    resource_code: str | None
    version: int
    state: State
    revision: int
    department_id: str
    name: str
    kind: ResourceKind
    changed_at: datetime
    provider_name: str
    share_type: int


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """One line of the history; `action` is an Action or a Deed."""

    revision: int
    at: datetime
    action: str
    from_state: State | None
    to_state: State
    version: int
    account: str
    opinion: str | None


T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Some of a list; `next_cursor` asks for the next part, None at the end."""

    rows: Sequence[T_co]
    next_cursor: str | None


def state_of(row: Mapping[Any, Any]) -> RecordState:
    return RecordState(
        row["resource_id"],
        row["resource_code"],
        row["working_version"],
        State(row["state"]),
        row["revision"],
    )


PUBLISHED = sa.select(
    records.c.resource_id,
    records.c.resource_code,
    record_versions.c.version,
    records.c.generation,
    records.c.department_id,
    record_versions.c.document,
    record_versions.c.published_at,
    records.c.is_view,
).join_from(
    records,
    record_versions,
    (record_versions.c.resource_id == records.c.resource_id)
    & (record_versions.c.version == records.c.published_version),
)
_WORKING = sa.select(
    records.c.resource_id,
    records.c.resource_code,
    record_versions.c.version,
    records.c.state,
    records.c.revision,
    records.c.department_id,
).join_from(
    records,
    record_versions,
    (record_versions.c.resource_id == records.c.resource_id)
    & (record_versions.c.version == records.c.working_version),
)
SUMMARY = _WORKING.add_columns(
    record_versions.c.name,
    record_versions.c.kind,
    records.c.changed_at,
    record_versions.c.provider_name,
    record_versions.c.share_type,
)


def published(conn: sa.Connection, resource: str) -> PublishedRecord:
    """The version everybody may see, by resource id or code.

    Raises RecordNotFound, or RecordNotPublished where no version is visible.
    """
    row = conn.execute(PUBLISHED.where(is_resource(resource))).first()
    if row is not None:
        return read_published(row)
    state = conn.scalar(sa.select(records.c.state).where(is_resource(resource)))
    if state is None:
        raise RecordNotFound(resource)
    raise RecordNotPublished(resource, state=State(state))


def read_published(row: sa.Row[*tuple[Any, ...]]) -> PublishedRecord:
    """A row of PUBLISHED as a value."""
    resource_id, code, version, generation, department_id, text, at, is_view = row
    return PublishedRecord(
        resource_id, code, version, generation, department_id, json.loads(text), at, is_view
    )


def working(conn: sa.Connection, resource: str) -> WorkingRecord:
    """The version worked on, for the eyes of the providing department and the authority."""
    query = _WORKING.add_columns(record_versions.c.document)
    row = conn.execute(query.where(is_resource(resource))).first()
    if row is None:
        raise RecordNotFound(resource)
    resource_id, code, version, state, revision, department_id, text = row
    return WorkingRecord(
        resource_id, code, version, State(state), revision, department_id, json.loads(text)
    )


def document_of(conn: sa.Connection, resource: str, version: int) -> dict[str, Any]:
    """The document of any kept version, as it was written."""
    row = version_row(conn, _require_id(conn, resource), version)
    document: dict[str, Any] = json.loads(row["document"])
    return document


def history(
    conn: sa.Connection, resource: str, *, after: int = 0, limit: int | None = None
) -> list[RecordEvent]:
    """Everything that happened to a record since a revision, oldest first."""
    table = record_events
    query = sa.select(
        table.c.revision,
        table.c.at,
        table.c.action,
        table.c.from_state,
        table.c.to_state,
        table.c.version,
        table.c.account,
        table.c.opinion,
    ).where(table.c.resource_id == _require_id(conn, resource), table.c.revision > after)
    return [_event(row) for row in conn.execute(query.order_by(table.c.revision).limit(limit))]


def _event(row: sa.Row[*tuple[Any, ...]]) -> RecordEvent:
    revision, at, action, from_state, to_state, version, account, opinion = row
    start = None if from_state is None else State(from_state)
    return RecordEvent(revision, at, action, start, State(to_state), version, account, opinion)


def diff(conn: sa.Connection, resource: str, a: int, b: int) -> tuple[Difference, ...]:
    """What changed from version a to version b; VersionNotFound."""
    return compare_documents(document_of(conn, resource, a), document_of(conn, resource, b))


def _require_id(conn: sa.Connection, resource: str) -> str:
    found = conn.scalar(sa.select(records.c.resource_id).where(is_resource(resource)))
    if found is None:
        raise RecordNotFound(resource)
    return str(found)
