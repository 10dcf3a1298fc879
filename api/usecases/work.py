"""What a worker does: one job after the other, whoever asked for it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from api.errors import JobCancelled, NoWorkerSeen
from api.problems import code_of
from api.usecases.access import OK, Caller, Trail, write_line
from api.usecases.deliveries import trail_of
from api.usecases.rights import UseCase
from api.usecases.views import do_view, record_of
from catalog import accounts, jobs, workers
from catalog.jobs import Job, JobKind, JobState

if TYPE_CHECKING:
    from api.bootstrap import Services

ADDRESS = "worker"  # where a call came from that no machine sent


def claim_next(services: Services, holder: str, ttl: timedelta) -> Job | None:
    """The next job, claimed for `holder`, or None; an idle look takes no lock."""
    from ingest.writer import is_gone

    now = services.clock.now()
    with services.database.reading() as conn:
        if not jobs.is_work(conn, holder, now, gone=is_gone):
            return None
    with services.database.transaction() as conn:
        return jobs.claim(conn, holder, now, ttl, gone=is_gone)


def work_on(
    services: Services,
    job: Job,
    *,
    ttl: timedelta,
    stopping: Callable[[], bool],
) -> None:
    """Do a claimed job. What goes wrong is raised after it was queued again or failed for good.

    The end of a job is told by an audit line that names who asked for it, since a delivery may have
    been cut off before its own call could write one. A kill in between leaves the register alone.
    """
    if job.kind is JobKind.VIEW:
        _build_view(services, job, ttl, stopping)
        return
    from ingest.work import do_delivery

    done = do_delivery(services.intake(), job, ttl=ttl, stopping=stopping)
    _write_line(services, job, trail_of(UseCase.DELIVER, done), OK)


def _build_view(services: Services, job: Job, ttl: timedelta, stopping: Callable[[], bool]) -> None:
    """The audit line of a build names who asked for it; a try that will be repeated has none."""
    try:
        built = do_view(services, job, ttl=ttl, stopping=stopping)
    except JobCancelled as cancelled:
        _write_line(services, job, _trail_of(job), code_of(cancelled))
        return
    except Exception as error:  # whatever ended the build for good, its line says so
        if _has_failed(services, job):
            _write_line(services, job, _trail_of(job), code_of(error))
        raise
    trail = _trail_of(job)
    trail.rows = built.rows
    _write_line(services, job, trail, OK)


def _has_failed(services: Services, job: Job) -> bool:
    """Whether nobody will try it again; while the database is away nothing has been recorded."""
    from ingest.holding import DATABASE_AWAY

    try:
        with services.database.reading() as conn:
            return jobs.require(conn, job.job_id).state is JobState.FAILED
    except DATABASE_AWAY:
        return False


def _trail_of(build: Job) -> Trail:
    return Trail(UseCase.VIEW_BUILD, resource=record_of(build.subject))


def _write_line(services: Services, job: Job, trail: Trail, result: str) -> None:
    with services.database.reading() as conn:
        account = accounts.require_account(conn, job.account)
    caller = Caller(services.ids.new(), ADDRESS, account)
    trail.detail["job_id"] = job.job_id
    write_line(services, caller, trail, result)


def give_back(services: Services, job: Job) -> None:
    """Queue a job again whose process ends in the middle of it, and free its table at once."""
    from catalog import leases
    from ingest.failures import give_back as queue_again
    from ingest.failures import record

    intake = services.intake()
    queue_again(intake, job)
    record(intake, lambda conn: leases.evict(conn, job.lane, str(job.holder)))


def look_around(services: Services) -> None:
    """Ask database and store for next to nothing; raises what they say when they are away."""
    from ingest import failures
    from lake.layout import BASE_BUCKET

    failures.look_around(services.intake(), BASE_BUCKET)


def may_work(services: Services, *, standby: bool) -> bool:
    """Whether it is a worker's turn: a standby's is while no other worker is there."""
    from ingest.writer import is_gone

    if not standby:
        return True
    with services.database.reading() as conn:
        return not workers.working(conn, services.clock.now(), gone=is_gone)


def say_there(services: Services, worker_id: str, *, standby: bool) -> None:
    with services.database.transaction() as conn:
        workers.seen(conn, worker_id, services.clock.now(), standby=standby)


def say_gone(services: Services, worker_id: str) -> None:
    with services.database.transaction() as conn:
        workers.remove(conn, worker_id)


def check_worker(services: Services) -> str:
    """The id of a worker of this host that is there, or NoWorkerSeen."""
    host = socket.gethostname()
    with services.database.reading() as conn:
        found = workers.alive(conn, services.clock.now())
    here = [each for each in found if each.startswith(f"{host}/")]
    if not here:
        raise NoWorkerSeen(host, int(workers.UNSEEN.total_seconds()))
    return here[0]
