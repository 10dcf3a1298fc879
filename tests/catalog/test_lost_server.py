"""A database server that goes away is an OperationalError, and back again it is used again."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database, migrate, open_database
from catalog.tables import code_fronts
from tests.conftest import require_part
from tests.servers.postgres import PostgresServer, find_postgres, running_postgres

TREE = Path(__file__).parents[2]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[PostgresServer]:
    """Give a server of this test alone, which it may take away."""
    if find_postgres() is None:
        require_part("postgres")
    with running_postgres(tmp_path) as server:
        yield server


@pytest.fixture
def lost(own_server: PostgresServer) -> Iterator[Database]:
    with own_server.database(migrated=False) as url:
        opened = open_database(url)
        migrate(opened)
        yield opened
        opened.dispose()


def add(conn: sa.Connection, front: str) -> None:
    conn.execute(sa.insert(code_fronts).values(front=front, last_issued=1))


def fronts(database: Database) -> list[str]:
    with database.reading() as conn:
        return list(conn.scalars(sa.select(code_fronts.c.front).order_by(code_fronts.c.front)))


def test_the_next_transaction_after_a_restart_works(
    lost: Database, own_server: PostgresServer
) -> None:
    # several connections lie in the pool, all of them dead afterwards
    with lost.reading(), lost.reading(), lost.transaction() as conn:
        add(conn, "101001")
    own_server.stop()
    for _call in range(2):
        with pytest.raises(sa.exc.OperationalError):
            fronts(lost)
    own_server.start()
    assert fronts(lost) == ["101001"]
    with lost.transaction() as conn:
        add(conn, "102001")
    assert fronts(lost) == ["101001", "102001"]


def test_a_transaction_that_loses_its_server_leaves_nothing(
    lost: Database, own_server: PostgresServer
) -> None:
    def write_and_lose() -> None:
        with lost.transaction() as conn:
            add(conn, "101001")
            own_server.stop()
            add(conn, "102001")

    with pytest.raises(sa.exc.OperationalError):
        write_and_lose()
    own_server.start()
    assert fronts(lost) == []


def test_threads_that_were_cut_off_all_come_back(
    lost: Database, own_server: PostgresServer
) -> None:
    failed: list[Exception] = []
    written: list[str] = []
    begun, back = threading.Barrier(5), threading.Event()

    def work(thread: int) -> None:
        number = 0
        while not (back.is_set() and number > 20):
            number += 1
            try:
                with lost.transaction() as conn:
                    add(conn, f"{thread}-{number}")
            except sa.exc.OperationalError as error:
                failed.append(error)
            else:
                written.append(f"{thread}-{number}")
            if number == 1:
                begun.wait(30)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    begun.wait(30)
    own_server.stop()
    own_server.start()
    before = len(written)
    back.set()
    for thread in threads:
        thread.join(60)
    assert failed
    assert len(written) > before
    # what a commit did not answer may be there all the same; what it answered must be
    assert set(written) <= set(fronts(lost))


def test_readers_with_a_lost_server_get_their_connection_back(
    lost: Database, own_server: PostgresServer
) -> None:
    own_server.stop()
    for _call in range(30):  # three times as many as the pool holds
        with pytest.raises(sa.exc.OperationalError), lost.reading():
            pass
    own_server.start()
    assert fronts(lost) == []


_RUN_FOR_EVER = """
import sys, time
from pathlib import Path
from tests.servers.postgres import running_postgres
with running_postgres(Path(sys.argv[1])) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


def test_tests_that_are_killed_leave_no_server_behind(tmp_path: Path) -> None:
    if find_postgres() is None:
        require_part("postgres")
    command = [sys.executable, "-c", _RUN_FOR_EVER, str(tmp_path)]
    with subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        server = Path("/proc", tests.stdout.readline().strip())
        assert is_alive(server)
        tests.kill()
    deadline = time.monotonic() + 60
    while is_alive(server) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(server)


def is_alive(process: Path) -> bool:
    """Whether a process runs; one that ended and that nobody asked for does not."""
    try:
        return "\nState:\tZ" not in (process / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
