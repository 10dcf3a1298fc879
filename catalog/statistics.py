"""Counts of the catalogue: what stands there now, and what happened in each month (domain 6.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.life_cycle import State
from catalog.tables import departments, record_events, record_versions, records

CHINA_OFFSET = "+8 hours"  # no summer time since 1991, and no record is older


class Facet(StrEnum):
    """What records can be counted by."""

    KIND = "kind"
    DEPARTMENT = "department"
    SHARE_TYPE = "share_type"
    STATE = "state"


class Happening(StrEnum):
    """What is counted by months."""

    REGISTERED = "registered"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DEREGISTERED = "deregistered"


# the states that a record comes from when the thing happens for it; None: it was not there before
_HAPPENINGS: Mapping[Happening, State] = {
    Happening.REGISTERED: State.REGISTERED,
    Happening.PUBLISHED: State.PUBLISHED,
    Happening.WITHDRAWN: State.WITHDRAWN,
    Happening.DEREGISTERED: State.DEREGISTERED,
}
# who comes back there by a rejection, a discarded or a scheduled change has done nothing new
_NOT_NEW = ("reject", "discard", "write", "cancel_schedule")


@dataclass(frozen=True, slots=True)
class Count:
    """`value` of the facet as it stands in the records; `name` in Chinese where it has one."""

    value: str
    name: str
    records: int


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How often something happened to records of a kind in a month of China, such as 2026-11."""

    month: str
    happening: Happening
    kind: str
    department_id: str
    records: int


def count_by(conn: sa.Connection, facet: Facet) -> list[Count]:
    """The records by one facet, the most first: published ones, by state those in any state."""
    if facet is Facet.STATE:
        return _by_state(conn)
    if facet is Facet.DEPARTMENT:
        return _by_department(conn)
    column = record_versions.c.kind if facet is Facet.KIND else record_versions.c.share_type
    query = (
        sa.select(column, sa.func.count())
        .select_from(_published())
        .where(records.c.published_version.is_not(None))
        .group_by(column)
    )
    return _sorted([(str(value), str(value), number) for value, number in conn.execute(query)])


def count_months(
    conn: sa.Connection, *, since: str | None = None, department: str | None = None
) -> list[MonthCount]:
    """What happened, by month, kind of resource and department; `since` is a month, `2026-01`."""
    table = record_events
    month = _month(conn, table.c.at).label("month")
    query = (
        sa.select(
            month,
            table.c.to_state,
            record_versions.c.kind,
            records.c.department_id,
            sa.func.count(),
        )
        .join(records, records.c.resource_id == table.c.resource_id)
        .join(
            record_versions,
            (record_versions.c.resource_id == table.c.resource_id)
            & (record_versions.c.version == table.c.version),
        )
        .where(
            table.c.to_state.in_(list(_HAPPENINGS.values())),
            table.c.from_state.is_(None) | (table.c.from_state != table.c.to_state),
            table.c.action.not_in(_NOT_NEW),
        )
        .group_by(
            sa.text("month"), table.c.to_state, record_versions.c.kind, records.c.department_id
        )
        .order_by(
            sa.text("month"), table.c.to_state, record_versions.c.kind, records.c.department_id
        )
    )
    if department is not None:
        query = query.where(records.c.department_id == department)
    if since is not None:
        query = query.where(month >= since)
    happened = {state: happening for happening, state in _HAPPENINGS.items()}
    return [
        MonthCount(str(at), happened[State(state)], str(kind), str(owner), int(number))
        for at, state, kind, owner, number in conn.execute(query)
    ]


def _published() -> sa.Join:
    return sa.join(
        records,
        record_versions,
        (record_versions.c.resource_id == records.c.resource_id)
        & (record_versions.c.version == records.c.published_version),
    )


def _by_state(conn: sa.Connection) -> list[Count]:
    query = sa.select(records.c.state, sa.func.count()).group_by(records.c.state)
    return _sorted([(str(state), State(state).zh, number) for state, number in conn.execute(query)])


def _by_department(conn: sa.Connection) -> list[Count]:
    query = (
        sa.select(records.c.department_id, departments.c.name, sa.func.count())
        .join(departments, departments.c.department_id == records.c.department_id)
        .where(records.c.published_version.is_not(None))
        .group_by(records.c.department_id, departments.c.name)
    )
    return _sorted([(str(key), str(name), number) for key, name, number in conn.execute(query)])


def _sorted(found: Sequence[tuple[str, str, int]]) -> list[Count]:
    return [Count(*each) for each in sorted(found, key=lambda each: (-each[2], each[0]))]


def _month(conn: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    if conn.dialect.name == "sqlite":
        return sa.func.strftime("%Y-%m", sa.type_coerce(column, sa.Text), CHINA_OFFSET)
    return sa.func.to_char(sa.func.timezone("Asia/Shanghai", column), "YYYY-MM")
