"""Take up what no living process is at: deliveries without a verdict, jobs whose holder died."""

from __future__ import annotations

import logging

from catalog import deliveries, jobs, workers
from catalog.deliveries import UNFINISHED, Delivery
from catalog.errors import KnownError
from catalog.jobs import Job, JobKind, JobState
from ingest.accept import queue
from ingest.failures import ANOTHER_IS_AT_IT
from ingest.fsck.checking import Checking
from ingest.fsck.findings import Group, Kind, Words
from ingest.holding import TTL
from ingest.recover import ADOPTED_AFTER
from ingest.work import do_delivery, take
from ingest.writer import is_gone, this_process

# api/logs.py takes it into the platform's log: where it went by, and no value
_LOG = logging.getLogger(__name__)
QUEUED_AGAIN: Words = ("已重新排队", "queued again")
_AT_ONCE = 1000


def check_unfinished(checking: Checking) -> None:
    """Bring to their verdict the deliveries that nobody is at, or queue them for a worker."""
    checking.intake.progress("没有完成的批次 unfinished deliveries", None)
    with checking.intake.database.reading() as conn:
        unfinished = deliveries.unfinished(conn)
        worker_there = any(not is_gone(each) for each in workers.alive(conn, checking.now))
    for delivery in unfinished:
        _check_delivery(checking, delivery, worker_there=worker_there)
    if not worker_there:
        _check_jobs(checking, {each.delivery_id for each in unfinished})


def _check_delivery(checking: Checking, delivery: Delivery, *, worker_there: bool) -> None:
    with checking.intake.database.reading() as conn:
        job = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
    has_job = job is not None and job.live
    if job is not None and has_job:
        if worker_there or not _is_abandoned(checking, job):
            return
    elif delivery.received_at > checking.now - ADOPTED_AFTER:
        return  # it is being registered at this moment
    finishing = _queue if worker_there else _finish
    outcome, detail = Group.UNFINISHED, _state(delivery)
    if not checking.options.dry_run:
        found = finishing(checking, delivery)
        if found is None:
            return
        outcome, detail = found
    checking.tell(
        outcome,
        Kind.DELIVERY,
        bucket=delivery.raw_bucket,
        key=delivery.raw_key,
        about=delivery.delivery_id,
        detail=detail,
    )


def _is_abandoned(checking: Checking, job: Job) -> bool:
    """Nobody is at it: it waits, or it is held by a process that is gone or silent."""
    if job.state is JobState.QUEUED or job.expires_at is None:
        return True
    return job.expires_at <= checking.now or is_gone(str(job.holder))


def _queue(checking: Checking, delivery: Delivery) -> tuple[Group, Words] | None:
    """Leave it to the worker that is there."""
    with checking.intake.database.transaction() as conn:
        current = deliveries.require(conn, delivery.delivery_id)
        if current.state not in UNFINISHED:
            return None
        queue(conn, checking.intake, current)
    return Group.REPAIRED, QUEUED_AGAIN


def _finish(checking: Checking, delivery: Delivery) -> tuple[Group, Words] | None:
    """Do its job here; None where somebody else is at it after all."""
    job = take(checking.intake, delivery)
    if job is None:
        return None
    try:
        return Group.REPAIRED, _state(do_delivery(checking.intake, job))
    except ANOTHER_IS_AT_IT:
        return None
    except KnownError as error:
        return Group.UNFINISHED, (error.zh, error.en)
    except Exception as error:  # noqa: BLE001 (one that fails must not keep the others waiting)
        name = type(error).__name__
        _LOG.error("delivery %s failed again", delivery.delivery_id, exc_info=error)
        zh, en = f"再次失败（{name}），详情见日志", f"it failed again ({name}); see the log"
        return Group.UNFINISHED, (zh, en)


def _state(delivery: Delivery) -> Words:
    state = delivery.state.value
    return f"状态 {state}", f"its state is {state}"


def _check_jobs(checking: Checking, told: set[str]) -> None:
    """Other jobs whose holder died are queued again: the next worker does them."""
    with checking.intake.database.reading() as conn:
        running = jobs.list_jobs(conn, states=[JobState.RUNNING], limit=_AT_ONCE)
    for job in running:
        if job.subject in told or not _is_abandoned(checking, job):
            continue

        def freeing(job: Job = job) -> Words | None:
            return _free(checking, job)

        checking.mend(Group.UNFINISHED, Kind.JOB, freeing, key=job.job_id, about=job.subject)


def _free(checking: Checking, job: Job) -> Words | None:
    now = checking.now
    with checking.intake.database.transaction() as conn:
        taken = jobs.claim(conn, this_process(), now, TTL, only=job.job_id, gone=is_gone)
        if taken is not None:
            jobs.give_back(conn, taken, now)
    return None if taken is None else QUEUED_AGAIN
