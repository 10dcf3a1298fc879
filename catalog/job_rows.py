"""Jobs as the database holds them: their value, and finding them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.job_errors import JobNotFound
from catalog.tables import jobs as table


class JobKind(StrEnum):
    DELIVERY = "delivery"
    VIEW = "view"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work on a subject; jobs of one `lane` are done one at a time.

    `attempts` counts claims, `deaths` those that ended with their worker, `failures` those that
    ended in an error nobody foresaw. `done` is a fraction, `error` `{code, zh, en}` of the last
    attempt that failed.
    """

    job_id: str
    kind: JobKind
    subject: str
    lane: str
    department_id: str
    account: str
    state: JobState
    attempts: int
    deaths: int
    failures: int
    not_before: datetime
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    holder: str | None
    fence: int
    expires_at: datetime | None
    cancel_asked: bool
    cancellable: bool
    stage: str | None
    done: float | None
    error: Mapping[str, Any] | None

    @property
    def live(self) -> bool:
        """Whether its end is still to come."""
        return self.state in LIVE


_FIELDS = tuple(each.name for each in fields(Job))
SELECT = sa.select(*(table.c[name] for name in _FIELDS))


def find(conn: sa.Connection, job_id: str) -> Job | None:
    return first(conn, SELECT.where(table.c.job_id == job_id))


def require(conn: sa.Connection, job_id: str) -> Job:
    """The job, or JobNotFound."""
    found = find(conn, job_id)
    if found is None:
        raise JobNotFound(job_id)
    return found


def of_subject(conn: sa.Connection, kind: JobKind, subject: str) -> Job | None:
    """The newest job of a subject, ended or not."""
    query = SELECT.where(table.c.kind == kind, table.c.subject == subject)
    return first(conn, query.order_by(table.c.job_id.desc()).limit(1))


def list_jobs(
    conn: sa.Connection,
    *,
    delivered_by: str | None = None,
    asked_by: str | None = None,
    states: Collection[JobState] | None = None,
    limit: int = 100,
    before: str | None = None,
) -> list[Job]:
    """Jobs, newest first; `before` is the last job_id of the page before.

    With `delivered_by`, a department, or `asked_by`, an account: the jobs of deliveries of the
    one, and whatever the other asked for; else all.
    """
    query = SELECT.order_by(table.c.job_id.desc()).limit(limit)
    if delivered_by is not None or asked_by is not None:
        delivered = (table.c.kind == JobKind.DELIVERY) & (table.c.department_id == delivered_by)
        query = query.where(delivered | (table.c.account == asked_by))
    if states is not None:
        query = query.where(table.c.state.in_(states))
    if before is not None:
        query = query.where(table.c.job_id < before)
    return every(conn, query)


def first(conn: sa.Connection, query: sa.Select[Any]) -> Job | None:
    row = conn.execute(query).mappings().first()
    return None if row is None else _job(row)


def every(conn: sa.Connection, query: sa.Select[Any]) -> list[Job]:
    return [_job(row) for row in conn.execute(query).mappings()]


def _job(row: Mapping[Any, Any]) -> Job:
    facts = {name: row[name] for name in _FIELDS}
    facts["kind"] = JobKind(facts["kind"])
    facts["state"] = JobState(facts["state"])
    return Job(**facts)
