"""The audit store: append-only, grouped commits, several threads and processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog.audit import AuditLine, AuditStore, line_text, read_line, subject_hash
from catalog.database_urls import in_schema
from catalog.lake_errors import AuditNotWritten
from tests.catalog.makers import NOON
from tests.servers.databases import only_on
from tests.servers.together import run_together

TREE = Path(__file__).parents[2]


@pytest.fixture
def url(empty_database: str) -> str:
    """Give the URL of the store as Settings makes it: a file, or a schema of its own."""
    sqlite = empty_database.startswith("sqlite")
    return empty_database if sqlite else in_schema(empty_database, "datong_audit")


@pytest.fixture
def store(url: str) -> Iterator[AuditStore]:
    opened = AuditStore(url)
    yield opened
    opened.close()


def a_line(number: int = 1, **facts: Any) -> AuditLine:
    line = {
        "at": NOON + timedelta(seconds=number),
        "request_id": f"r{number}",
        "account": "aid-system",
        "department": "minzheng",
        "action": "lookup",
        "resource": "person",
        "items": ("name",),
        "purpose": "administrative_basis",
        "rows": 1,
        "result": "ok",
    }
    return AuditLine(**{**line, **facts})


def test_a_line_is_there_when_write_returns(store: AuditStore, url: str) -> None:
    store.write(a_line())
    other = AuditStore(url)
    [stored] = other.lines()
    other.close()
    assert stored.line == a_line()
    assert (stored.sequence, stored.text) == (1, line_text(a_line()))


def test_a_line_is_canonical_json_and_reads_back() -> None:
    text = line_text(a_line(detail={"b": 1, "a": "甲"}))
    assert json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False) == text.replace(
        ",", ", "
    ).replace('":', '": ')
    assert '"at":"2026-11-25T04:00:01.000000+00:00"' in text
    assert read_line(text) == a_line(detail={"b": 1, "a": "甲"})


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_lines SET line = ''", "DELETE FROM audit_lines"]
)
def test_no_line_is_ever_changed_or_removed(store: AuditStore, url: str, statement: str) -> None:
    store.write(a_line())
    engine = sa.create_engine(url)
    with engine.connect() as conn, pytest.raises(sa.exc.IntegrityError, match="append-only"):
        conn.exec_driver_sql(statement)
    engine.dispose()
    assert len(list(store.lines())) == 1


@only_on("postgresql")
def test_the_lines_are_not_removed_all_at_once_either(store: AuditStore, url: str) -> None:
    store.write(a_line())
    engine = sa.create_engine(url)
    with engine.connect() as conn, pytest.raises(sa.exc.IntegrityError, match="append-only"):
        conn.exec_driver_sql("TRUNCATE audit_lines")
    engine.dispose()
    assert len(list(store.lines())) == 1


def test_a_line_is_written_whatever_a_caller_put_into_it(store: AuditStore) -> None:
    hostile = "a\x00b\ud800" + "字" * 300
    store.write(a_line(resource=hostile, detail={"note": hostile}))
    [stored] = store.lines()
    assert stored.line == a_line(resource=hostile, detail={"note": hostile})
    [found] = store.lines(resource=hostile)
    assert found == stored


def test_processes_that_open_a_new_store_at_once_all_get_it(url: str) -> None:
    prepare = "import sys\nfrom catalog.audit import AuditStore\n"
    run_together(4, prepare, "AuditStore(sys.argv[1]).close()", url)
    opened = AuditStore(url)
    opened.write(a_line())
    assert len(list(opened.lines())) == 1
    opened.close()


def test_lines_are_narrowed_and_limited(store: AuditStore) -> None:
    for number in range(5):
        store.write(a_line(number, action="lookup" if number % 2 else "deliver"))
    assert [each.line.request_id for each in store.lines(action="lookup")] == ["r1", "r3"]
    assert [each.sequence for each in store.lines(after=2, limit=2)] == [3, 4]
    found = store.lines(since=NOON + timedelta(seconds=1), until=NOON + timedelta(seconds=3))
    assert [each.line.request_id for each in found] == ["r1", "r2"]
    assert list(store.lines(account="absent")) == []
    assert list(store.lines(resource="person", limit=0)) == []


def test_a_long_list_is_read_page_by_page(
    store: AuditStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.audit.PAGE", 2)
    for number in range(5):
        store.write(a_line(number))
    assert [each.sequence for each in store.lines()] == [1, 2, 3, 4, 5]
    assert [each.sequence for each in store.lines(limit=3)] == [1, 2, 3]


def test_lines_of_many_threads_are_committed_together_and_none_is_lost(
    store: AuditStore,
) -> None:
    commits: list[int] = []
    sa.event.listen(store._database.engine, "commit", lambda _conn: commits.append(1))

    def write(thread: int) -> None:
        for number in range(100):
            store.write(a_line(thread * 100 + number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.line.request_id for each in store.lines()} == {f"r{n}" for n in range(800)}
    assert len(commits) < 200


def test_several_processes_write_one_store(store: AuditStore, url: str) -> None:
    program = (
        "import sys\n"
        "from catalog.audit import AuditStore\n"
        "from tests.catalog.test_audit import a_line\n"
        "store = AuditStore(sys.argv[1])\n"
        "for number in range(25): store.write(a_line(number, account=sys.argv[2]))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, url, f"p{number}"], cwd=TREE)
        for number in range(2)
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    for number in range(2):
        assert len(list(store.lines(account=f"p{number}"))) == 25


def test_a_line_that_can_not_be_written_is_an_error_of_its_call(
    store: AuditStore, url: str
) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE audit_lines RENAME TO elsewhere")
    with pytest.raises(AuditNotWritten) as refused:
        store.write(a_line())
    # a missing table is one kind of error for SQLite, another for PostgreSQL
    assert isinstance(refused.value.__cause__, sa.exc.DBAPIError)
    with engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE elsewhere RENAME TO audit_lines")
    engine.dispose()
    store.write(a_line())
    assert len(list(store.lines())) == 1


def test_a_subject_is_known_by_a_keyed_hash_alone() -> None:
    number = "990102199001011234"
    first = subject_hash("salt", "citizen", number)
    assert first == subject_hash("salt", "citizen", number)
    assert (
        len({first, subject_hash("other", "citizen", number), subject_hash("salt", "x", number)})
        == 3
    )
    assert number not in first
