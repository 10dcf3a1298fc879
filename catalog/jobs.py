"""The queue of jobs: rows that survive every process, claimed one at a time, fairly, with a fence.

A job is worked on under `holder` and `fence` until `expires_at`. Whoever holds it no longer is told
JobLost by every function that takes a Job. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from catalog.job_errors import JobLost, JobNotCancellable
from catalog.job_rows import (
    LIVE,
    SELECT,
    Job,
    JobKind,
    JobState,
    every,
    find,
    first,
    list_jobs,
    of_subject,
    require,
)
from catalog.tables import jobs as table

__all__ = [
    "LIVE",
    "Job",
    "JobKind",
    "JobState",
    "cancel",
    "cancel_asked",
    "claim",
    "end_cancelled",
    "enqueue",
    "fail_for_good",
    "fail_for_now",
    "find",
    "finish",
    "give_back",
    "heartbeat",
    "is_work",
    "list_jobs",
    "of_subject",
    "pass_return",
    "report_progress",
    "require",
    "withdraw",
]

_CLAIM_LOCK = 0x636C61696D  # any number, the same for every process that claims


# A running job of these kinds works on what was there when it began: another may wait behind it.
_MAY_WAIT_BEHIND_ITSELF = (JobKind.VIEW,)

# Attempts within which a holder that lives but lost its hold has not died of the job. Each outage
# costs one; a job that keeps its own process from renewing must end some time.
_EXCUSED = 20

_IDLE: Mapping[str, Any] = {
    "holder": None,
    "expires_at": None,
    "running_lane": None,
    "stage": None,
    "done": None,
}


def enqueue(
    conn: sa.Connection,
    *,
    job_id: str,
    kind: JobKind,
    subject: str,
    lane: str,
    department_id: str,
    account: str,
    now: datetime,
    cancellable: bool = True,
) -> Job:
    """Queue a job, or answer the one of this subject that is queued or running already.

    A running view build is passed over: what was loaded since is for the next one.
    """
    live_subject = f"{kind}:{subject}"
    same = SELECT.where(table.c.live_subject == live_subject)
    waiting = first(conn, same)
    if waiting is not None:
        return waiting
    values = dict.fromkeys((column.name for column in table.columns), None) | {
        "job_id": job_id,
        "kind": kind,
        "subject": subject,
        "lane": lane,
        "department_id": department_id,
        "account": account,
        "state": JobState.QUEUED,
        "live_subject": live_subject,
        **dict.fromkeys(("attempts", "deaths", "failures", "fence"), 0),
        "not_before": now,
        "queued_at": now,
        "cancel_asked": False,
        "cancellable": cancellable,
    }
    try:
        _insert(conn, values)
    except sa.exc.IntegrityError:
        waiting = first(conn, same)
        if waiting is not None:
            return waiting
        _insert(conn, values)  # its twin ended in between, or something else is wrong: again
    return require(conn, job_id)


def _insert(conn: sa.Connection, values: Mapping[str, Any]) -> None:
    with conn.begin_nested():  # what fails leaves the rest of the transaction as it was
        conn.execute(sa.insert(table).values(values))


def claim(
    conn: sa.Connection,
    holder: str,
    now: datetime,
    ttl: timedelta,
    *,
    only: str | None = None,
    gone: Callable[[str], bool],
) -> Job | None:
    """Take the next job for `holder`, or None where there is none to be done now.

    Of the departments that have one, the one with the fewest running jobs is served, then the one
    unserved for longest; of it, the oldest job. `only` names the one job that is wanted, which is
    then taken before its back-off is over. Jobs whose time is up or whose holder is `gone` are
    queued again first, with one death more; so are those of `holder` itself, who asks for a job
    because it has none, without.
    """
    if conn.dialect.name == "postgresql":  # SQLite's write lock already keeps others out
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_CLAIM_LOCK)))
    _free_the_abandoned(conn, holder, now, gone)
    found = conn.scalar(_next(now, only))
    if found is None:
        return None
    job = require(conn, found)
    values: dict[str, Any] = {
        "state": JobState.RUNNING,
        "holder": holder,
        "fence": job.fence + 1,
        "expires_at": now + ttl,
        "started_at": now,
        "attempts": job.attempts + 1,
        "running_lane": job.lane,
    }
    if job.kind in _MAY_WAIT_BEHIND_ITSELF:
        values["live_subject"] = None
    # who withdraws a job takes no turn: one that ended since it was found is not taken
    still_waits = (table.c.job_id == found) & (table.c.state == JobState.QUEUED)
    if not conn.execute(sa.update(table).where(still_waits).values(**values)).rowcount:
        return None
    return require(conn, found)


def is_work(
    conn: sa.Connection,
    holder: str,
    now: datetime,
    *,
    only: str | None = None,
    gone: Callable[[str], bool],
) -> bool:
    """Whether a claim may find something; a look that takes no lock."""
    return bool(_abandoned(conn, holder, now, gone)) or conn.scalar(_next(now, only)) is not None


def _abandoned(
    conn: sa.Connection, holder: str, now: datetime, gone: Callable[[str], bool]
) -> list[Job]:
    running = every(conn, SELECT.where(table.c.state == JobState.RUNNING))
    return [
        job
        for job in running
        if job.expires_at is None
        or job.expires_at <= now
        or job.holder == holder
        or gone(str(job.holder))
    ]


def _free_the_abandoned(
    conn: sa.Connection, holder: str, now: datetime, gone: Callable[[str], bool]
) -> None:
    for job in _abandoned(conn, holder, now, gone):
        excused = job.attempts < _EXCUSED and _lives_here(str(job.holder), holder, gone)
        died = 0 if job.holder == holder or excused else 1
        values = {**_IDLE, "state": JobState.QUEUED, "not_before": now, "deaths": job.deaths + died}
        conn.execute(sa.update(table).where(_held(job)).values(**values))


def _lives_here(owner: str, holder: str, gone: Callable[[str], bool]) -> bool:
    """Whether the owner of a job runs on the machine of `holder`: then it did not die of the job,
    but could not renew its hold, as when the database was away for longer than that lasts."""
    return _machine(owner) == _machine(holder) and not gone(owner)


def _machine(holder: str) -> str:
    return holder.split("/", 1)[0]


def _next(now: datetime, only: str | None) -> sa.Select[Any]:
    """Which job is next, in one statement: the oldest of each department, then the department."""
    busy = sa.select(table.c.running_lane).where(table.c.running_lane.is_not(None))
    eligible = sa.select(table.c.department_id, sa.func.min(table.c.job_id).label("job_id")).where(
        table.c.state == JobState.QUEUED, table.c.lane.not_in(busy)
    )
    if only is None:
        eligible = eligible.where(table.c.not_before <= now)
    else:
        eligible = eligible.where(table.c.job_id == only)
    oldest = eligible.group_by(table.c.department_id).subquery("oldest")
    other = table.alias("other")
    of_department = other.c.department_id == oldest.c.department_id
    running = (
        sa.select(sa.func.count())
        .where(other.c.state == JobState.RUNNING, of_department)
        .scalar_subquery()
    )
    served = sa.select(sa.func.max(other.c.started_at)).where(of_department).scalar_subquery()
    return (
        sa.select(oldest.c.job_id)
        .order_by(running, served.is_not(None), served, oldest.c.job_id)
        .limit(1)
    )


def heartbeat(conn: sa.Connection, job: Job, now: datetime, ttl: timedelta) -> None:
    """Hold the job longer. One whose time is up and that nobody took can still be held."""
    _change(conn, job, {"expires_at": now + ttl})


def report_progress(conn: sa.Connection, job: Job, stage: str, done: float | None) -> None:
    """Say what is being done, and the fraction done; the caller calls this not too often."""
    _change(conn, job, {"stage": stage[:100], "done": done})


def cancel_asked(conn: sa.Connection, job: Job) -> bool:
    """Whether somebody asked for its end; JobLost as everywhere."""
    asked = conn.scalar(sa.select(table.c.cancel_asked).where(_held(job)))
    if asked is None:
        raise _lost(job)
    return bool(asked)


def pass_return(conn: sa.Connection, job: Job) -> bool:
    """From here on the job cannot be cancelled; False where that was asked for before."""
    if conn.execute(
        sa.update(table)
        .where(_held(job), table.c.cancel_asked.is_(False))
        .values(cancellable=False)
    ).rowcount:
        return True
    cancel_asked(conn, job)
    return False


def finish(conn: sa.Connection, job: Job, now: datetime) -> None:
    """The work is done; a file refused whole is work done too."""
    _end(conn, job, now, {"state": JobState.DONE, "done": 1.0, "error": None})


def fail_for_good(conn: sa.Connection, job: Job, error: Mapping[str, Any], now: datetime) -> None:
    """Nobody will try it again."""
    _end(conn, job, now, {"state": JobState.FAILED, "error": dict(error)})


def end_cancelled(conn: sa.Connection, job: Job, now: datetime) -> None:
    """Its worker stopped because that was asked for."""
    _end(conn, job, now, {"state": JobState.CANCELLED})


def fail_for_now(
    conn: sa.Connection,
    job: Job,
    error: Mapping[str, Any],
    not_before: datetime,
    *,
    foreseen: bool = True,
) -> None:
    """Queue it again, to be tried from `not_before` on; an unforeseen failure is counted."""
    values = {**_IDLE, "state": JobState.QUEUED, "not_before": not_before, "error": dict(error)}
    _change(conn, job, {**values, "failures": table.c.failures + (0 if foreseen else 1)})


def give_back(conn: sa.Connection, job: Job, now: datetime) -> None:
    """Queue it again at once: its worker is going, and nothing was wrong with it."""
    _change(conn, job, {**_IDLE, "state": JobState.QUEUED, "not_before": now})


def cancel(conn: sa.Connection, job_id: str) -> Job:
    """Ask for the end of a job, queued or running; asking again changes nothing.

    Whoever is at it, or claims it next, ends it. JobNotFound, JobNotCancellable.
    """
    open_still = (table.c.job_id == job_id) & table.c.state.in_(LIVE) & table.c.cancellable
    found = conn.execute(sa.update(table).where(open_still).values(cancel_asked=True)).rowcount
    job = require(conn, job_id)
    if not found:
        raise JobNotCancellable(job_id, job.state)
    return job


def withdraw(conn: sa.Connection, job_id: str, now: datetime) -> bool:
    """End a job that is to be cancelled and that nobody has begun; False where somebody has."""
    waiting = (table.c.job_id == job_id) & (table.c.state == JobState.QUEUED)
    asked = waiting & table.c.cancel_asked
    values = {"state": JobState.CANCELLED, "ended_at": now, "live_subject": None}
    return conn.execute(sa.update(table).where(asked).values(**values)).rowcount == 1


def _end(conn: sa.Connection, job: Job, now: datetime, values: Mapping[str, Any]) -> None:
    _change(conn, job, {**_IDLE, "ended_at": now, "live_subject": None, **values})


def _change(conn: sa.Connection, job: Job, values: Mapping[str, Any]) -> None:
    if conn.execute(sa.update(table).where(_held(job)).values(**values)).rowcount != 1:
        raise _lost(job)


def _held(job: Job) -> sa.ColumnElement[bool]:
    return (
        (table.c.job_id == job.job_id)
        & (table.c.state == JobState.RUNNING)
        & (table.c.holder == job.holder)
        & (table.c.fence == job.fence)
    )


def _lost(job: Job) -> JobLost:
    return JobLost(job.job_id, str(job.holder))
