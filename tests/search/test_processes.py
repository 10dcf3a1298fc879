"""Several processes of one machine: one writes the index, all of them search it all the time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tantivy

from catalog.clock import ManualClock
from catalog.database import Database
from catalog.search.finding import Query, Search
from catalog.search.follower import Follower, make_aside
from catalog.search.place import Place
from tests.catalog.makers import NOON, People, a_record, publish, settle
from tests.search.makers import a_found, an_index, found_by
from tests.servers.databases import only_on

TREE = Path(__file__).parents[2]
FOLLOW = """
import sys, time
from pathlib import Path
from catalog.clock import SystemClock
from catalog.database import open_database
from catalog.search.follower import Follower
from catalog.search.place import Place
follower = Follower(open_database(sys.argv[1]), Place(Path(sys.argv[2])), SystemClock(), str)
writes = False
print("ready", flush=True)
while True:
    follower.step()
    if not writes and follower.writes:
        writes = True
        print("writes", flush=True)
    time.sleep(0.02)
"""


@pytest.fixture
def people(database: Database) -> People:
    with database.transaction() as conn:
        return settle(conn)


@contextmanager
def following(url: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", FOLLOW, url, str(home)]
    process = subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def says_that_it_writes(process: subprocess.Popen[str]) -> bool:
    assert process.stdout is not None
    return process.stdout.readline() == "writes\n"


def comes_true(condition: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


@only_on("sqlite")
def test_a_writer_that_is_killed_has_its_place_taken_at_once(
    database: Database, migrated_url: str, people: People, tmp_path: Path
) -> None:
    home = tmp_path / "search"
    search = Search(Place(home))
    with following(migrated_url, home) as first:
        assert says_that_it_writes(first)
        with following(migrated_url, home) as second:
            with database.transaction() as conn:
                publish(conn, people, a_record(resource_id="before", name="户籍人口信息"))
            assert comes_true(lambda: found_by(search, "户籍") == ["before"])
            first.kill()
            with database.transaction() as conn:
                publish(conn, people, a_record(resource_id="after", name="机动车信息"))
            assert says_that_it_writes(second)
            assert comes_true(lambda: found_by(search, "机动车") == ["after"])


@only_on("sqlite")
def test_who_searches_notices_nothing_of_an_index_being_made_anew(
    database: Database, people: People, tmp_path: Path
) -> None:
    for number in range(5):
        with database.transaction() as conn:
            publish(conn, people, a_record(resource_id=f"r-{number}", name="户籍人口信息"))
    place = Place(tmp_path / "search")
    search = Search(place)
    follower = Follower(database, place, ManualClock(NOON), str)
    follower.catch_up()
    stop, totals = threading.Event(), set()

    def ask() -> None:
        while not stop.is_set():
            answer = search.find(Query("户籍人口"))
            totals.add((answer.total, len(answer.hits), answer.complete))

    asking = [threading.Thread(target=ask) for _ in range(2)]
    for thread in asking:
        thread.start()
    folders = set()
    for _ in range(5):
        make_aside(database, place, ManualClock(NOON), "")
        follower.catch_up()
        state = place.read_state()
        assert state is not None
        folders.add(state.folder)
    stop.set()
    for thread in asking:
        thread.join()
    follower.close()
    assert len(folders) == 5
    assert totals == {(5, 5, True)}


def test_a_snapshot_stays_as_it_was_though_its_files_are_gone(tmp_path: Path) -> None:
    search = an_index(tmp_path, [a_found(f"r-{n:04d}", "企业登记信息") for n in range(200)])
    snapshot = search.newest()
    assert snapshot is not None
    search.place.new_folder()
    every = tantivy.Query.all_query()
    hits = snapshot.searcher.search(every, limit=200).hits
    assert len({snapshot.searcher.doc(address)["summary"][0] for _, address in hits}) == 200
