"""Workers beside each other, of which one is killed or stands still: another one takes over."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ingest.steps import Step
from lake.views.steps import ViewStep
from tests.api.makers import PURPOSE, RESOURCE
from tests.api.test_worker import PATIENCE, a_place, environment_for, until
from tests.api.working import working
from tests.e2e.test_view_crashes import plain_reader
from tests.e2e.view_home import ALWAYS, PERSONS, ViewHome, file_of, names_of

QUESTION = {"scheme": "citizen", "number": ALWAYS, "purpose": PURPOSE}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[ViewHome]:
    """A home that serves the first version of the view."""
    folder = tmp_path / "home"
    with a_place(folder, environment_for(folder, None)) as place, plain_reader(place) as plain:
        made = ViewHome(place, plain)
        made.build()
        yield made


def is_there(home: ViewHome, process: subprocess.Popen[bytes]) -> Callable[[], bool]:
    return lambda: home.is_working(process.pid)


def housekeeper(home: ViewHome) -> int | None:
    found = home.plain.sql("SELECT holder FROM leases WHERE name = 'housekeeping'")
    return int(found[0][0].split("/")[1]) if found and found[0][0] else None


@pytest.mark.parametrize("step", [Step.BYTES_STAGED, Step.RAW_KEPT, Step.DROP_REMOVED])
def test_another_worker_keeps_house_when_the_housekeeper_is_killed(
    home: ViewHome, step: Step
) -> None:
    """Killed while it takes a dropped file, which the other one takes, or has only to load."""
    dying = home.place.start("tests.e2e.work_and_die", step.value)
    until(lambda: housekeeper(home) == dying.pid)
    other = home.place.worker()
    until(is_there(home, other))
    incoming = home.place.home / "lake" / "dept-gongan" / "incoming" / RESOURCE
    until(incoming.is_dir)
    (incoming / "dropped.csv").write_bytes(file_of(2))
    assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
    until(lambda: loaded(home) == 2, "the dropped file was not loaded")
    until(lambda: not list(incoming.iterdir()), "the dropped file still lies there")
    until(lambda: housekeeper(home) == other.pid)
    assert rows_are_there_once(home, 2)
    assert home.plain.sql("SELECT count(*) FROM deliveries") == [(2,)]


def test_a_standby_takes_over_what_a_killed_worker_held(home: ViewHome) -> None:
    """Two leases and a job are the dead one's: of its view, of housekeeping, and the build."""
    home.deliver_next()
    dying = home.place.start("tests.e2e.work_and_die", ViewStep.COMMITTED.value)
    until(lambda: housekeeper(home) == dying.pid)
    standby = home.place.worker("--standby")
    until(is_there(home, standby))
    with home.watched() as watching:
        job = home.queue()
        assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
        until(lambda: home.serves(2))
        until(lambda: home.job(job)[0] == "done")
        until(lambda: housekeeper(home) == standby.pid)
    assert home.job(job) == ("done", 2, 1)
    assert watching.saw()[0] == 1
    assert home.plain.served().names == names_of(2)


def test_callers_get_the_recorded_version_soon_and_no_error_before(home: ViewHome) -> None:
    """The API has a worker beside it, which finds what a killed builder recorded and left."""
    key = home.place.world.keys["hall-app"]
    home.place.world.grant()
    port = home.place.home / "port"
    home.place.start("api.cli", "serve", "--port", "0", "--port-file", str(port))
    until(port.exists)
    address = f"http://127.0.0.1:{port.read_text().strip()}"
    home.deliver_next()
    dying = home.place.start("tests.e2e.work_and_die", ViewStep.RECORDED.value)
    until(is_there(home, dying))  # from now on the worker of the API stands by
    home.queue()
    answers: list[tuple[int, int, str]] = []
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}) as http:

        def ask() -> bool:
            answer = http.post("/v1/persons/lookup", json=QUESTION, timeout=PATIENCE)
            told = answer.json()
            name = told["cells"]["name"]["value"]
            answers.append((answer.status_code, told["view_version"], name))
            time.sleep(0.02)
            return bool(told["view_version"] == 2)

        until(ask, "the recorded version is not served")
    assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL
    assert set(answers) == {(200, version, names_of(version)[ALWAYS]) for version in (1, 2)}


def test_a_builder_that_stood_still_does_not_serve_over_its_successor(home: ViewHome) -> None:
    """It has recorded its version when it stops, and a newer one is served when it goes on."""
    home.deliver_next()
    job = home.queue()
    still = home.place.stopping(ViewStep.RECORDED.value, "stand", ttl=1.5)
    until(home.place.reached)
    assert home.version == 2
    assert home.serves(1)
    with home.watched() as watching:
        home.deliver_next()
        with working(home.place.services):
            newer = home.queue()
            until(lambda: home.job(newer)[0] == "done")
            until(lambda: home.serves(3))
        still.send_signal(signal.SIGCONT)
        until(lambda: audited(home, job), "the one that stood still does not go on")
    assert watching.saw()[-1] == 3
    assert home.plain.served().names == names_of(3)


def audited(home: ViewHome, job: str) -> bool:
    lines = home.place.world.audit()
    return any(
        line["address"] == "worker" and line["detail"].get("job_id") == job for line in lines
    )


def loaded(home: ViewHome) -> int:
    [(found,)] = home.plain.sql("SELECT count(*) FROM deliveries WHERE state = 'loaded'")
    return int(found)


def rows_are_there_once(home: ViewHome, deliveries: int) -> bool:
    rows = home.plain.curated(RESOURCE)
    return len(rows) == len(set(rows)) == deliveries * (PERSONS + 1)
