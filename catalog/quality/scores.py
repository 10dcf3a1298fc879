"""Scores kept in the database: which are due, how they are made, and lists of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from catalog.clock import CHINA_TIME, Clock
from catalog.deliveries import DeliveryState
from catalog.quality.criteria import Facts, judge, score_of
from catalog.quality.punctuality import Punctuality, punctuality
from catalog.record_register import Page, published
from catalog.tables import deliveries, record_scores, record_versions, records
from standards.records import ResourceKind, kind_of

BATCH = 500  # records scored in one transaction: short enough that nobody waits for it


@dataclass(frozen=True, slots=True)
class Score:
    """How good a published record is, 0 to 100, with the judgements that make it up."""

    resource_id: str
    department_id: str
    version: int
    score: int
    judgements: Sequence[Mapping[str, Any]]
    punctuality: Mapping[str, Any]
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class _Scored:
    resource_id: str
    department_id: str
    version: int
    is_view: bool
    published_at: datetime
    document: Mapping[str, Any]


_COLUMNS = (
    record_scores.c.resource_id,
    record_scores.c.department_id,
    record_scores.c.version,
    record_scores.c.score,
    record_scores.c.judgements,
    record_scores.c.punctuality,
    record_scores.c.scored_at,
)
_DUE = (
    sa.select(
        records.c.resource_id,
        records.c.department_id,
        records.c.published_version,
        records.c.is_view,
        record_versions.c.published_at,
        record_versions.c.document,
    )
    .join(
        record_versions,
        (record_versions.c.resource_id == records.c.resource_id)
        & (record_versions.c.version == records.c.published_version),
    )
    .outerjoin(record_scores, record_scores.c.resource_id == records.c.resource_id)
)


# what was withdrawn a moment ago is gone from every list at once
_IS_PUBLISHED = (records.c.resource_id == record_scores.c.resource_id) & (
    records.c.published_version.is_not(None)
)


def refresh_due(conn: sa.Connection, clock: Clock, limit: int = BATCH) -> int:
    """Score the published records whose score is missing, of another version, or of another day.

    A promise is broken by nothing but a day that passes, so every score is made anew each day.
    Returns how many were scored, 0 when all are fresh. Scores of what is not published go.
    """
    now = clock.now()
    day = _day(now)
    # a score is of its day in China
    morning = datetime(day.year, day.month, day.day, tzinfo=CHINA_TIME)
    due = (
        record_scores.c.resource_id.is_(None)
        | (record_scores.c.version != records.c.published_version)
        | (record_scores.c.scored_at < morning)
    )
    found = [
        _Scored(*row[:5], json.loads(row[5])) for row in conn.execute(_DUE.where(due).limit(limit))
    ]
    _store(conn, found, now)
    _forget_unpublished(conn)
    return len(found)


def score_now(conn: sa.Connection, resource: str, clock: Clock) -> Score:
    """What the score of a published record is now, stored nowhere; RecordNotPublished."""
    record = published(conn, resource)
    one = _Scored(
        record.resource_id,
        record.department_id,
        record.version,
        record.is_view,
        record.published_at,
        record.document,
    )
    [row] = _rows(conn, [one], clock.now())
    return Score(**row)


def find(conn: sa.Connection, resource_id: str) -> Score | None:
    """The stored score of a record; None before it was first made."""
    row = conn.execute(
        sa.select(*_COLUMNS).where(record_scores.c.resource_id == resource_id)
    ).first()
    return None if row is None else Score(*row)


def list_scores(
    conn: sa.Connection,
    *,
    department: str | None = None,
    below: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Score]:
    """Scores, the lowest first: what to mend first. `cursor` is `score/resource_id`."""
    table = record_scores
    query = sa.select(*_COLUMNS).join(records, _IS_PUBLISHED)
    if department is not None:
        query = query.where(table.c.department_id == department)
    if below is not None:
        query = query.where(table.c.score < below)
    if cursor is not None:
        score, _, resource_id = cursor.partition("/")
        query = query.where(
            sa.tuple_(table.c.score, table.c.resource_id) > (int(score), resource_id)
        )
    rows = list(conn.execute(query.order_by(table.c.score, table.c.resource_id).limit(limit + 1)))
    shown = [Score(*row) for row in rows[:limit]]
    more = f"{shown[-1].score}/{shown[-1].resource_id}" if len(rows) > limit else None
    return Page(shown, more)


def means(conn: sa.Connection) -> list[tuple[str, int, float]]:
    """Department, number of scored records, mean score; by department."""
    table = record_scores
    query = (
        sa.select(table.c.department_id, sa.func.count(), sa.func.avg(table.c.score))
        .join(records, _IS_PUBLISHED)
        .group_by(table.c.department_id)
        .order_by(table.c.department_id)
    )
    return [(str(row[0]), int(row[1]), round(float(row[2]), 1)) for row in conn.execute(query)]


def _store(conn: sa.Connection, found: Sequence[_Scored], now: datetime) -> None:
    rows = _rows(conn, found, now)
    if not rows:
        return
    ids = [row["resource_id"] for row in rows]
    conn.execute(sa.delete(record_scores).where(record_scores.c.resource_id.in_(ids)))
    conn.execute(sa.insert(record_scores), rows)


def _rows(conn: sa.Connection, found: Sequence[_Scored], now: datetime) -> list[dict[str, Any]]:
    delivered = _delivered(conn, found)
    filled = _filled(conn, [each.resource_id for each in found])
    return [
        _row(each, delivered[each.resource_id], each.resource_id in filled, now) for each in found
    ]


def _row(record: _Scored, days: Sequence[date], filled: bool, now: datetime) -> dict[str, Any]:
    kept = Punctuality()
    if not record.is_view and kind_of(record.document) is not ResourceKind.INTERFACE:
        cycle = str(record.document.get("update_cycle"))
        kept = punctuality(cycle, _day(record.published_at), days, _day(now))
    bound = None if record.is_view else filled or kind_of(record.document) is ResourceKind.INTERFACE
    judgements = judge(Facts(record.document, bound, kept))
    return {
        "resource_id": record.resource_id,
        "department_id": record.department_id,
        "version": record.version,
        "score": score_of(judgements),
        "judgements": [each.as_json() for each in judgements],
        "punctuality": kept.as_json(),
        "scored_at": now,
    }


def _delivered(conn: sa.Connection, found: Sequence[_Scored]) -> Mapping[str, list[date]]:
    """The days on which deliveries came that were loaded."""
    query = sa.select(deliveries.c.resource_id, deliveries.c.received_at).where(
        deliveries.c.resource_id.in_([each.resource_id for each in found]),
        deliveries.c.state == DeliveryState.LOADED,
    )
    days: defaultdict[str, list[date]] = defaultdict(list)
    for resource_id, received_at in conn.execute(query):
        days[resource_id].append(_day(received_at))
    return days


def _filled(conn: sa.Connection, resource_ids: Sequence[str]) -> frozenset[str]:
    """Those that a delivery put rows or files into."""
    query = (
        sa.select(deliveries.c.resource_id)
        .where(
            deliveries.c.resource_id.in_(resource_ids),
            deliveries.c.state == DeliveryState.LOADED,
            (deliveries.c.accepted > 0) | (deliveries.c.files > 0),
        )
        .distinct()
    )
    return frozenset(str(resource_id) for resource_id in conn.scalars(query))


def _forget_unpublished(conn: sa.Connection) -> None:
    gone = sa.select(records.c.resource_id).where(records.c.published_version.is_(None))
    conn.execute(sa.delete(record_scores).where(record_scores.c.resource_id.in_(gone)))


def _day(instant: datetime) -> date:
    return instant.astimezone(CHINA_TIME).date()
