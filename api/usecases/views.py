"""The base views: built from what is loaded, recorded in the catalogue, then served."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from api.answers import JobAnswer, ViewVersionAnswer
from api.errors import BuildersDied, JobCancelled, JobFailed, ViewNotFound
from api.usecases import jobs as job_answers
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from api.usecases.view_builds import build_version, plan_build
from catalog import jobs, leases, view_definitions
from catalog import view_versions as versions
from catalog.errors import KnownError
from catalog.jobs import Job, JobKind, JobState
from catalog.view_versions import ViewVersion

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.leases import Lease
    from ingest.holding import Held
    from lake.views.build import BuiltView

Progress = Callable[[str, float | None], None]

RECORDS = {"person": "person", "legal_entity": "legal-entity"}
"""The base views, and the record of each: what a grant on the view names."""

_POLL = 0.1
_PAUSE = 1.0


def record_of(view_id: str) -> str:
    """The resource id of a view's record, or ViewNotFound."""
    if view_id not in RECORDS:
        raise ViewNotFound(view_id, tuple(RECORDS))
    return RECORDS[view_id]


def build_view(
    services: Services, caller: Caller, view_id: str, *, progress: Progress
) -> ViewVersionAnswer:
    """Build the next version of a view and serve it, here, or wait for a worker that does.

    A build that is running began before this call and may lack what was loaded since: this one
    comes after it. A crash at any point leaves the served version as it was. JobFailed,
    JobCancelled, and whatever goes wrong here; the build is tried again all the same.
    """
    resource = record_of(view_id)
    with watched(services, caller, UseCase.VIEW_BUILD, resource=resource) as trail:
        job = _queue(services, caller, view_id)
        trail.detail["job_id"] = job.job_id
        recorded = _see_through(services, job, progress)
        trail.rows = recorded.rows
    return _answer(recorded)


def queue_view(services: Services, caller: Caller, view_id: str) -> JobAnswer:
    """Leave the next build of a view to a worker; a build that waits already is that one."""
    resource = record_of(view_id)
    with watched(services, caller, UseCase.VIEW_BUILD, resource=resource) as trail:
        job = _queue(services, caller, view_id)
        trail.detail |= {"job_id": job.job_id, "state": job.state.value}
    return job_answers.answer(job)


def _queue(services: Services, caller: Caller, view_id: str) -> Job:
    from ingest.writer import view_lease

    account = caller.require()
    with services.database.transaction() as conn:
        return jobs.enqueue(
            conn,
            job_id=services.ids.new(),
            kind=JobKind.VIEW,
            subject=view_id,
            lane=view_lease(view_id),
            department_id=account.department_id,
            account=account.name,
            now=services.clock.now(),
        )


def _see_through(services: Services, job: Job, progress: Progress) -> ViewVersion:
    from ingest.failures import ANOTHER_IS_AT_IT
    from ingest.holding import TTL
    from ingest.writer import is_gone, this_process

    while True:
        now = services.clock.now()
        with services.database.reading() as conn:
            job = jobs.require(conn, job.job_id)
            free = jobs.is_work(conn, this_process(), now, only=job.job_id, gone=is_gone)
        if not job.live:
            return _result(services, job)
        claimed = None
        if free:
            with services.database.transaction() as conn:
                claimed = jobs.claim(conn, this_process(), now, TTL, only=job.job_id, gone=is_gone)
        if claimed is None:
            running = job.state is JobState.RUNNING
            progress((running and job.stage) or "等待处理 waiting", job.done)
            time.sleep(_POLL)
            continue
        try:
            return do_view(services, claimed, progress=progress)
        except ANOTHER_IS_AT_IT:
            time.sleep(_PAUSE)


def _result(services: Services, job: Job) -> ViewVersion:
    if job.state is JobState.CANCELLED:
        raise JobCancelled(job.job_id)
    if job.state is JobState.FAILED:
        why = job.error or {}
        raise JobFailed(job.job_id, why_zh=why.get("zh", "—"), why_en=why.get("en", "—"))
    with services.database.reading() as conn:
        built = versions.current(conn, job.subject)
    if built is None:
        raise JobFailed(job.job_id, why_zh="没有生成的版本", why_en="there is no version")
    return built


def do_view(
    services: Services,
    job: Job,
    *,
    progress: Progress | None = None,
    ttl: timedelta | None = None,
    stopping: Callable[[], bool] | None = None,
) -> ViewVersion:
    """Do a claimed build; its end is recorded in one transaction with the version.

    What goes wrong is raised after the job was queued again, or failed for good where another try
    would end the same way. JobLost, StopAsked, JobCancelled as for a delivery.
    """
    from ingest import failures
    from ingest.holding import TTL, CancelAsked, Held, never

    ttl, intake = ttl or TTL, services.intake()
    with Held(services.database, services.clock, job, ttl, stopping or never) as held:
        try:
            return _build(services, held, progress)
        except CancelAsked:
            failures.record(
                intake, lambda conn: jobs.end_cancelled(conn, job, services.clock.now())
            )
            raise JobCancelled(job.job_id) from None
        except KeyboardInterrupt:
            failures.give_back(intake, job)
            raise
        except Exception as error:  # the edge of a job: whatever it is, the queue is told first
            foreseen = failures.is_foreseen(intake, job, error)
            if foreseen or not _is_hopeless(job, error):
                failures.put_back(intake, job, error, foreseen=foreseen)
            else:
                why, now = failures.told(error, again=False), services.clock.now()
                failures.record(intake, lambda conn: jobs.fail_for_good(conn, job, why, now))
            raise


def _is_hopeless(job: Job, error: Exception) -> bool:
    from ingest.work import MAX_FAILURES

    # what a known error says of sources and definition is as true the next time
    return isinstance(error, KnownError) or job.failures + 1 >= MAX_FAILURES


def _build(services: Services, held: Held, progress: Progress | None) -> ViewVersion:
    from ingest.work import MAX_DEATHS
    from ingest.writer import sole_writer

    def report(stage: str, done: float | None) -> None:
        if progress is not None:
            progress(stage, done)
        held.report(stage, done)

    job = held.job
    held.check()
    if job.deaths >= MAX_DEATHS:
        raise BuildersDied(job.subject, job.deaths)
    with sole_writer(services.intake(), job.lane, wait=False, ttl=held.ttl) as lease:
        plan = plan_build(services, job.subject)
        built = build_version(services, job.subject, plan, report, lambda: _check(services, lease))
        held.settle()
        return _record(services, built, job, lease)


def _check(services: Services, lease: Lease) -> None:
    with services.database.transaction() as conn:
        leases.check_fence(conn, lease)


def _record(services: Services, built: BuiltView, job: Job, lease: Lease) -> ViewVersion:
    """Record the facts first, then move the pointer: what is served is always recorded."""
    from lake.views.build import publish_pointer, remove_superseded, served_version
    from lake.views.steps import ViewStep

    recorded = ViewVersion(
        view_id=built.view_id,
        version=built.version,
        definition_version=built.definition_version,
        rows=built.rows,
        content_hash=built.content_hash,
        built_at=services.clock.now(),
        known_at=built.known_at,
        snapshot_id=built.snapshot_id,
        metadata_location=built.metadata_location,
        serving_path=built.serving_path,
        inputs=built.inputs,
        seconds=built.seconds,
    )
    with services.database.transaction() as conn:
        leases.check_fence(conn, lease)
        versions.insert(conn, recorded)
        jobs.finish(conn, job, recorded.built_at)
    services.on_step(ViewStep.RECORDED)
    folder = services.serving_folder(built.view_id)
    # the record ends the job: who stood still since may find a later build served
    if (served_version(folder) or 0) < built.version:
        publish_pointer(folder, built.version)
    services.on_step(ViewStep.SERVED)
    remove_superseded(folder)
    services.on_step(ViewStep.CLEARED)
    return recorded


def show_views(services: Services, caller: Caller, view_id: str | None) -> list[dict[str, Any]]:
    """Definition and current version of one view or of all; version fields are null before it."""
    wanted = list(RECORDS) if view_id is None else [view_id]
    for each in wanted:
        record_of(each)
    with watched(services, caller, UseCase.VIEW_SHOW), services.database.reading() as conn:
        return [_shown(conn, each) for each in wanted]


def _shown(conn: sa.Connection, view_id: str) -> dict[str, Any]:
    definition_version, definition, _document = view_definitions.current(conn, view_id)
    built = versions.current(conn, view_id)
    never = dict.fromkeys(ViewVersionAnswer.model_fields)
    return {
        **(never if built is None else _answer(built).as_json()),
        "view_id": view_id,
        "name": definition.name,
        "record": definition.record,
        "definition_version": definition_version,
        "attributes": [attribute.id for attribute in definition.attributes],
    }


def serve_recorded(services: Services) -> int:
    """Serve each version that was recorded by a build cut short before it was served; how many.

    On a machine that did not build it there are no files: the next build brings them.
    """
    return sum(_serve_recorded(services, view_id) for view_id in RECORDS)


def _serve_recorded(services: Services, view_id: str) -> bool:
    from catalog.lake_errors import LeaseHeld
    from ingest.writer import sole_writer, view_lease
    from lake.views.build import publish_pointer

    if _recorded_unserved(services, view_id) is None:
        return False
    # A build that goes on serves its version itself, and this one must not come after that.
    with (
        suppress(LeaseHeld),
        sole_writer(services.intake(), view_lease(view_id), wait=False),
    ):
        version = _recorded_unserved(services, view_id)
        if version is not None:
            publish_pointer(services.serving_folder(view_id), version)
            return True
    return False


def _recorded_unserved(services: Services, view_id: str) -> int | None:
    from lake.views.build import served_version
    from lake.views.serving_files import version_folder

    with services.database.reading() as conn:
        recorded = versions.current(conn, view_id)
    folder = services.serving_folder(view_id)
    if recorded is None or served_version(folder) == recorded.version:
        return None
    is_here = version_folder(folder, recorded.version).is_dir()
    return recorded.version if is_here else None


def _answer(recorded: ViewVersion) -> ViewVersionAnswer:
    return ViewVersionAnswer(
        view_id=recorded.view_id,
        view_version=recorded.version,
        definition_version=recorded.definition_version,
        rows=recorded.rows,
        content_hash=recorded.content_hash,
        seconds=recorded.seconds,
        built_at=recorded.built_at,
        known_at=recorded.known_at,
        inputs=dict(recorded.inputs),
    )
