"""A build of a view that fails: what its job says at last, and what its worker is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.usecases.views import queue_view
from api.usecases.work import work_on
from catalog import jobs
from catalog.database import open_database
from catalog.jobs import Job, JobState
from ingest.holding import never
from ingest.work import MAX_FAILURES
from ingest.writer import is_gone, this_process
from lake.views.steps import ViewStep
from tests.api.conftest import services_at
from tests.api.makers import GOOD_FILE, World, make_offices

TTL = timedelta(minutes=1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    services = services_at(tmp_path / "home")
    world = make_offices(services)
    world.deliver(GOOD_FILE)
    yield world
    services.close()


def broken(services: Services, do: Callable[[], object]) -> Services:
    """The same services, in which something breaks in the middle of a build."""

    def on_step(step: str) -> None:
        if step == ViewStep.FILES_STAGED:
            do()
            raise ZeroDivisionError("inner workings")

    return replace(services, on_step=on_step)


def queued(world: World) -> str:
    return queue_view(world.services, world.caller("operator"), "person").job_id


def work(services: Services, database: Services, job_id: str) -> None:
    """Claim the job and do it."""
    now = services.clock.now()
    with database.database.transaction() as conn:
        job = jobs.claim(conn, this_process(), now, TTL, only=job_id, gone=is_gone)
    assert job is not None
    work_on(services, job, ttl=TTL, stopping=never)


def job_of(world: World, job_id: str) -> Job:
    with world.services.database.reading() as conn:
        return jobs.require(conn, job_id)


def test_a_build_that_is_given_up_says_so_and_leaves_its_audit_line(world: World) -> None:
    job_id, services = queued(world), broken(world.services, lambda: None)
    errors = []
    for _ in range(MAX_FAILURES):
        with pytest.raises(ZeroDivisionError):
            work(services, world.services, job_id)
        errors.append((job_of(world, job_id).error or {})["en"])
    services.close()
    assert job_of(world, job_id).state is JobState.FAILED
    assert ["will try again" in each for each in errors] == [True, True, False]
    assert "will not try again" in errors[-1]
    lines = [line for line in world.audit() if line["action"] == "view.build"]
    assert [line["result"] for line in lines] == ["ok", "unexpected"]  # asked for, given up


def test_why_a_build_failed_is_told_though_the_database_went_away_with_it(world: World) -> None:
    nowhere = open_database("postgresql+psycopg://nobody@127.0.0.1:1/none")

    def go_away() -> None:
        services.__dict__["database"] = nowhere

    services = broken(world.services, go_away)
    with pytest.raises(ZeroDivisionError):
        work(services, world.services, queued(world))
    services.close()
