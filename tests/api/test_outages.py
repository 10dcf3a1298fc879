"""Database and store go away in the middle of a job and come back: it stalls, and then goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Protocol

import pytest

from catalog.jobs import JobState
from tests.api.test_worker import Place, a_place, environment_for, until
from tests.conftest import require_part
from tests.servers.postgres import find_postgres, running_postgres
from tests.servers.weed import find_weed, weed_server


class Server(Protocol):
    """Something that a worker cannot do without."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Server], Place]]:
    """A home whose catalogue is on PostgreSQL and whose lake is on SeaweedFS, both its own."""
    if find_postgres() is None:
        require_part("postgres")
    program = find_weed()
    if program is None:
        require_part("s3")
    folder = tmp_path_factory.mktemp("outages")
    with (
        running_postgres(tmp_path_factory.mktemp("own-postgres")) as postgres,
        weed_server(program, tmp_path_factory.mktemp("own-weed")) as weed,
        postgres.database(migrated=False) as url,
    ):
        lake = weed.location
        environment = environment_for(folder / "home", url) | {
            "DATONG_LAKE_URL": f"s3://{lake.endpoint}",
            "DATONG_S3_ACCESS_KEY": lake.access_key,
            "DATONG_S3_SECRET_KEY": lake.secret_key,
        }
        with a_place(folder / "home", environment) as place:
            yield {"database": postgres, "store": weed}, place


@pytest.mark.parametrize("step", ["rows_checked", "rows_staged", "rows_committed"])
@pytest.mark.parametrize("part", ["database", "store"])
def test_a_job_survives_an_outage(
    parts: tuple[dict[str, Server], Place], part: str, step: str
) -> None:
    servers, place = parts
    day = 1 + len(place.processes)
    delivery = place.deliver(data_time=f"2026-09-{day:02d}")
    for mark in ("reached", "go"):
        (place.home / mark).unlink(missing_ok=True)
    before = len(place.log())
    worker = place.stopping(step, "wait")
    until(place.reached)
    servers[part].stop()
    try:
        (place.home / "go").touch()
        until(lambda: events(place, before).count("stalled") == 1)
        assert worker.poll() is None
    finally:
        servers[part].start()
    until(place.is_done(delivery))
    told, job = place.shown(delivery), place.job(delivery)
    assert (told.accepted, told.reason) == (2, None)
    assert (job.state, job.failures, job.deaths) == (JobState.DONE, 0, 0)
    until(lambda: "going-on" in events(place, before))
    assert events(place, before).count("stalled") == 1
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0


def events(place: Place, before: int) -> list[str]:
    """What the loop of jobs has logged since; housekeeping has troubles of its own."""
    return [line["event"] for line in place.log()[before:] if line.get("what") == "jobs"]
