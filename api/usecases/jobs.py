"""Jobs: what is waiting or being worked on, for those who may see it, and how to end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.answers import JobAnswer
from api.errors import JobNotVisible, NotOneOf
from api.usecases.access import Caller, Trail, masked, watched
from api.usecases.rights import UseCase
from catalog import jobs
from catalog.jobs import Job, JobKind, JobState

if TYPE_CHECKING:
    from api.bootstrap import Services

_SEE_ALL = frozenset({"operator", "auditor"})
_CANCEL_ALL = frozenset({"operator"})


def list_jobs(
    services: Services,
    caller: Caller,
    *,
    states: Sequence[str] = (),
    limit: int = 100,
    before: str | None = None,
) -> list[JobAnswer]:
    """The jobs that the caller may see, newest first.

    An operator and an auditor see all, a clerk those of the department's deliveries, and everyone
    what they asked for themselves.
    """
    wrong = set(states) - set(JobState)
    if wrong:
        raise NotOneOf("state", tuple(JobState))
    with watched(services, caller, UseCase.JOB_LIST), services.database.reading() as conn:
        wanted = [JobState(state) for state in states] or None
        account = caller.require()
        if caller.roles & _SEE_ALL:
            found = jobs.list_jobs(conn, states=wanted, limit=limit, before=before)
        else:
            found = jobs.list_jobs(
                conn,
                delivered_by=account.department_id if "clerk" in caller.roles else None,
                asked_by=account.name,
                states=wanted,
                limit=limit,
                before=before,
            )
    return [answer(job) for job in found]


def show_job(services: Services, caller: Caller, job_id: str) -> JobAnswer:
    """Where a job stands. JobNotVisible."""
    with watched(services, caller, UseCase.JOB_SHOW) as trail:
        trail.detail["job_id"] = job_id
        job = _visible(services, caller, job_id, _SEE_ALL)
        _note(trail, job)
    return answer(job)


def cancel_job(services: Services, caller: Caller, job_id: str) -> JobAnswer:
    """End a job: at once if it waits, else at its next step before the commit.

    The delivery of a cancelled job is refused, with a receipt; its bytes stay, and the same file
    may be delivered again. Raises JobNotVisible, JobNotCancellable.
    """
    with watched(services, caller, UseCase.JOB_CANCEL) as trail:
        trail.detail["job_id"] = job_id
        job = _visible(services, caller, job_id, _CANCEL_ALL)
        _note(trail, job)
        job = _cancel(services, job)
        trail.detail["state"] = job.state.value
    return answer(job)


def _cancel(services: Services, job: Job) -> Job:
    if job.kind is JobKind.DELIVERY:
        from ingest.work import cancel_delivery

        return cancel_delivery(services.intake(), job.job_id)
    with services.database.transaction() as conn:
        jobs.cancel(conn, job.job_id)
        jobs.withdraw(conn, job.job_id, services.clock.now())
        return jobs.require(conn, job.job_id)


def _visible(services: Services, caller: Caller, job_id: str, all_of: frozenset[str]) -> Job:
    """The job; one that is not the caller's business is as if there were none."""
    with services.database.reading() as conn:
        found = jobs.find(conn, job_id)
    account = caller.require()
    if found is not None:
        own_delivery = (
            "clerk" in caller.roles
            and found.kind is JobKind.DELIVERY
            and found.department_id == account.department_id
        )
        if own_delivery or found.account == account.name or caller.roles & all_of:
            return found
    raise JobNotVisible(masked(job_id))


def _note(trail: Trail, job: Job) -> None:
    trail.detail |= {"job_id": job.job_id, "kind": job.kind.value, "subject": job.subject}
    trail.detail["state"] = job.state.value


def answer(job: Job) -> JobAnswer:
    """A job as every caller gets it."""
    waits = job.state is JobState.QUEUED
    return JobAnswer(
        job_id=job.job_id,
        kind=job.kind.value,
        subject=job.subject,
        department_id=job.department_id,
        account=job.account,
        state=job.state.value,
        attempts=job.attempts,
        stage=job.stage,
        done=job.done,
        error=None if job.error is None else dict(job.error),
        cancel_asked=job.cancel_asked,
        not_before=job.not_before if waits else None,
        queued_at=job.queued_at,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )
