"""Do the job of a delivery: from whatever step it was cut off at to its verdict."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from catalog import deliveries, jobs
from catalog.deliveries import Delivery
from catalog.jobs import Job, JobKind, JobState
from ingest import refusals
from ingest.accept import keep, queue, why_not_taken
from ingest.ending import End, ended, refuse
from ingest.failures import ANOTHER_IS_AT_IT, AWAY, give_back, is_foreseen, put_back
from ingest.holding import TTL, CancelAsked, Held, never, watched
from ingest.intake import Intake
from ingest.process import process
from ingest.publish import is_committed
from ingest.raw import BytesLost
from ingest.steps import Step
from ingest.writer import is_gone, this_process
from lake.errors import LakeError

# A file that brings the platform down each time must end with a verdict, not come back for ever.
MAX_FAILURES = 3
MAX_DEATHS = 5
POLL = 0.1
PAUSE = 1.0


def see_through(intake: Intake, delivery: Delivery) -> Delivery:
    """Bring a delivery to its verdict: do its job here, or wait for whoever is at it.

    What goes wrong here is raised; the job is queued again all the same.
    """
    while delivery.state in deliveries.UNFINISHED:
        job = take(intake, delivery)
        if job is None:
            time.sleep(POLL)
        else:
            try:
                return do_delivery(intake, job)
            except ANOTHER_IS_AT_IT:
                time.sleep(PAUSE)
        delivery = _look(intake, delivery)
    return delivery


def take(intake: Intake, delivery: Delivery) -> Job | None:
    """Claim the job of an unfinished delivery, which is queued here where it has none.

    None while another one is at it, or at another delivery to the same table.
    """
    holder, now = this_process(), intake.clock.now()
    with intake.database.reading() as conn:
        known = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
        wanted = known.job_id if known is not None and known.live else None
        if wanted is not None and not jobs.is_work(conn, holder, now, only=wanted, gone=is_gone):
            return None
    with intake.database.transaction() as conn:
        current = deliveries.require(conn, delivery.delivery_id)
        if current.state not in deliveries.UNFINISHED:
            return None
        wanted = queue(conn, intake, current).job_id
        return jobs.claim(conn, holder, now, TTL, only=wanted, gone=is_gone)


def _look(intake: Intake, delivery: Delivery) -> Delivery:
    with intake.database.reading() as conn:
        job = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
        found = deliveries.require(conn, delivery.delivery_id)
    if job is not None and job.state is JobState.RUNNING:
        intake.progress(job.stage or "处理中 being worked on", job.done)
    else:
        intake.progress("等待处理 waiting", None)
    return found


def do_delivery(
    intake: Intake, job: Job, *, ttl: timedelta = TTL, stopping: Callable[[], bool] = never
) -> Delivery:
    """Do a claimed job; its end is recorded in one transaction with the verdict.

    What goes wrong is raised after the job was queued again. JobLost where another one has the
    job by now; StopAsked where `stopping` said so before the commit.
    """
    with Held(intake.database, intake.clock, job, ttl, stopping) as held:
        try:
            done = _to_its_end(watched(intake, held), held)
        except KeyboardInterrupt:
            give_back(intake, job)
            raise
        except Exception as error:  # the edge of a job: whatever it is, the queue is told first
            foreseen = is_foreseen(intake, job, error)
            if foreseen or job.failures + 1 < MAX_FAILURES:
                put_back(intake, job, error, foreseen=foreseen)
                raise
            _keep_to_the_fence(intake, job)
            if _is_loaded(intake, job):
                put_back(intake, job, error, foreseen=False)
                raise
            refusal = refusals.platform_failed(type(error).__name__, job.failures + 1)
            done = refuse(intake, _delivery(intake, job), refusal, end=ended(intake, job))
    intake.on_step(Step.JOB_ENDED)
    return done


def _is_loaded(intake: Intake, job: Job) -> bool:
    """Whether the rows are in the table: then they are not refused, however often it fails to say
    so; doctor tells the operator. Where it cannot be known, nothing is refused either."""
    try:
        return is_committed(intake, _delivery(intake, job))
    except (*AWAY, LakeError):
        return True


def _keep_to_the_fence(intake: Intake, job: Job) -> None:
    """JobLost where another one has the job: the receipt is for that one to write."""
    with intake.database.reading() as conn:
        jobs.cancel_asked(conn, job)


def _to_its_end(intake: Intake, held: Held) -> Delivery:
    try:
        intake.on_step(Step.JOB_CLAIMED)
        return _to_its_verdict(intake, held)
    except CancelAsked:
        delivery = _delivery(intake, held.job)
        return refuse(intake, delivery, refusals.cancelled(), end=_cancelled(intake, held.job))


def _to_its_verdict(intake: Intake, held: Held) -> Delivery:
    job, end = held.job, ended(intake, held.job)
    delivery = _delivery(intake, job)
    if delivery.state not in deliveries.UNFINISHED:
        with intake.database.transaction() as conn:
            end(conn)
        return delivery
    given_up = None
    if job.deaths >= MAX_DEATHS:
        given_up = refusals.workers_died(job.deaths), _failed(intake, job)
        if delivery.attempt == 0 or delivery.resource_id is None:
            return refuse(intake, delivery, given_up[0], end=given_up[1])
    if delivery.raw_key is None:
        try:
            delivery = keep(intake, delivery, queued=False)
        except BytesLost:
            return refuse(intake, delivery, refusals.bytes_lost(), end=end)
    if delivery.resource_id is None:
        return refuse(intake, delivery, why_not_taken(intake, delivery), end=end)
    return process(intake, delivery.delivery_id, held, given_up=given_up)


def cancel_delivery(intake: Intake, job_id: str) -> Job:
    """Cancel the job of a delivery; a waiting one is refused here, with its receipt.

    A job that somebody is at ends at its next step before the commit. Raises JobNotFound,
    JobNotCancellable.
    """
    with intake.database.transaction() as conn:
        job = jobs.cancel(conn, job_id)
    delivery = _delivery(intake, job)
    if job.state is JobState.QUEUED and delivery.state in deliveries.UNFINISHED:
        # who claimed it meanwhile was asked as well, and refuses it in our place
        with suppress(_Begun):
            refuse(intake, delivery, refusals.cancelled(), end=_withdrawn(intake, job))
    with intake.database.reading() as conn:
        return jobs.require(conn, job_id)


class _Begun(Exception):
    """The job that was to be withdrawn is being worked on by now."""


def _delivery(intake: Intake, job: Job) -> Delivery:
    with intake.database.reading() as conn:
        return deliveries.require(conn, job.subject)


def _cancelled(intake: Intake, job: Job) -> End:
    return lambda conn: jobs.end_cancelled(conn, job, intake.clock.now())


def _failed(intake: Intake, job: Job) -> End:
    error = refusals.workers_died(job.deaths).as_json()
    return lambda conn: jobs.fail_for_good(conn, job, error, intake.clock.now())


def _withdrawn(intake: Intake, job: Job) -> End:
    def end(conn: sa.Connection) -> None:
        if not jobs.withdraw(conn, job.job_id, intake.clock.now()):
            raise _Begun

    return end
