"""A watcher killed at any step of taking a dropped file loses nothing and doubles nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.database import Database
from ingest.steps import Step
from ingest.work import see_through
from lake.location import StoreLocation
from tests.e2e.test_crashes import as_words
from tests.ingest.conftest import database, template
from tests.ingest.drops import KEY, ROWS, Inbox, a_manifest, an_inbox
from tests.ingest.office import a_number, open_office

__all__ = ["database", "template"]

ROOT = Path(__file__).parents[2]
NOWHERE = "incoming/nothing/hukou.csv"
TAKING = (
    Step.DROP_FOUND,
    Step.BYTES_STAGED,
    Step.DELIVERY_REGISTERED,
    Step.RAW_KEPT,
    Step.DROP_REMOVED,
)
REFUSING = (*TAKING, Step.REPORT_WRITTEN, Step.RESULT_RECORDED)
CASES = [(KEY, step) for step in TAKING] + [(NOWHERE, step) for step in REFUSING]
ON_A_SERVICE = [(KEY, Step.RAW_KEPT), (KEY, Step.DROP_REMOVED), (NOWHERE, Step.RESULT_RECORDED)]


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Iterator[Inbox]:
    yield from opened(database, StoreLocation.folder(tmp_path / "lake"), tmp_path)


@pytest.fixture
def inbox_on_s3(database: Database, tmp_path: Path, seaweedfs: StoreLocation) -> Iterator[Inbox]:
    yield from opened(database, seaweedfs, tmp_path)


def opened(database: Database, place: StoreLocation, home: Path) -> Iterator[Inbox]:
    office = open_office(database, place, home)
    office.publish()
    yield an_inbox(office)
    office.intake.tables.close()


def kill_at(inbox: Inbox, home: Path, step: Step) -> None:
    """Take what lies there in a process that dies at the step; it must be reached."""
    url = inbox.intake.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.e2e.drop_and_die", url, str(home)]
    ended = subprocess.run(
        [*command, as_words(inbox.intake.location), step.value],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.mark.parametrize(("key", "step"), CASES)
def test_the_next_watcher_ends_what_a_kill_cut_off(
    inbox: Inbox, tmp_path: Path, key: str, step: Step
) -> None:
    the_next_watcher_ends_it(inbox, tmp_path, key, step)


@pytest.mark.parametrize(("key", "step"), ON_A_SERVICE)
def test_the_same_on_a_real_s3_server(
    inbox_on_s3: Inbox, tmp_path: Path, key: str, step: Step
) -> None:
    the_next_watcher_ends_it(inbox_on_s3, tmp_path, key, step)


def the_next_watcher_ends_it(inbox: Inbox, tmp_path: Path, key: str, step: Step) -> None:
    """Kill, go on as another process would, and look with plain means at what became of it."""
    manifest = a_manifest(data_time="2026-11-02")
    inbox.put(f"{key}.manifest.json", manifest)
    inbox.put(key)
    raw_before = set(inbox.listed("raw/"))
    kill_at(inbox, tmp_path, step)
    for _ in range(3):
        for delivery in inbox.registered():  # as a worker does with what has no verdict
            see_through(inbox.intake, delivery)
        inbox.look()
    [delivery] = inbox.registered()
    assert delivery.state == ("loaded" if key == KEY else "refused")
    kept = {
        name: inbox.read(name)
        for name in set(inbox.listed("raw/")) - raw_before
        if not name.endswith("/manifest.json")
    }
    assert sorted(kept.values()) == sorted([ROWS.encode(), manifest.encode()])
    assert inbox.listed() == []
    folder = "_refused" if key == NOWHERE else "household"
    receipt = inbox.json(f"receipts/{folder}/{delivery.delivery_id}.json")
    assert (receipt["dropped"], receipt["state"]) == (key, delivery.state)
    if key == KEY:
        rows = inbox.office.table(select="id_number, _delivery")
        assert rows == [(a_number(n), delivery.delivery_id) for n in (1, 2)]
