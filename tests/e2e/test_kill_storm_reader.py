"""The reader of `kill_storm` sees what is lost, doubled or half there: its zeros say something."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.kill_storm.files import GOOD, StormFile, make_file
from benchmarks.kill_storm.reader import COLUMNS, Findings, Store, compare_table, look_at_served

ROWS = 400


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> StormFile:
    folder = tmp_path_factory.mktemp("storm")
    return make_file(folder, 1, rows=ROWS, resource="population", department="gongan")


@pytest.fixture
def con(file: StormFile) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that holds the good rows of the file, as its delivery `d1`."""
    names = ", ".join(f'"{zh}" AS {en}' for zh, en in COLUMNS.items())
    with duckdb.connect() as con:
        con.execute(
            f"CREATE TABLE held AS SELECT 'd1' AS _delivery, row_number() OVER () AS _row, {names} "
            f"FROM read_csv('{file.path}', all_varchar = true) WHERE {GOOD}"
        )
        yield con


def findings_of(con: duckdb.DuckDBPyConnection, file: StormFile, good: int) -> Findings:
    rows = ROWS + 1
    on_record = ("d1", "population", file.sha256, "loaded", rows, good, rows - good)
    found = Findings()
    compare_table(con, "population", {"d1": (file, on_record)}, found)
    return found


@pytest.mark.parametrize(
    ("damage", "lost", "doubled"),
    [
        ("SELECT 1", 0, 0),
        ("DELETE FROM held WHERE _row = 3", 1, 0),
        ("INSERT INTO held FROM held WHERE _row = 3", 0, 2),
        ("UPDATE held SET name = 'another' WHERE _row = 3", 1, 1),
        ("INSERT INTO held SELECT * REPLACE ('d9' AS _delivery) FROM held WHERE _row = 3", 0, 1),
        ("DELETE FROM held", 1, 0),
    ],
    ids=["nothing", "a row gone", "a row twice", "a row changed", "nobody's row", "all gone"],
)
def test_damage_to_a_table_is_found(
    con: duckdb.DuckDBPyConnection, file: StormFile, damage: str, lost: int, doubled: int
) -> None:
    [(good,)] = con.execute("SELECT count(*) FROM held").fetchall()
    assert 0 < good < ROWS
    con.execute(damage)
    found = findings_of(con, file, good)
    assert (len(found.lost), len(found.doubled)) == (lost, doubled)


def test_a_verdict_that_counts_otherwise_is_found(
    con: duckdb.DuckDBPyConnection, file: StormFile
) -> None:
    [(good,)] = con.execute("SELECT count(*) FROM held").fetchall()
    assert len(findings_of(con, file, good - 1).lost) == 1


class Register(Store):
    """A register that says how many rows a version has."""

    def register(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        assert "view_versions" in query
        return [(2,)]


@pytest.mark.parametrize("subjects", [None, 1, 2])
def test_a_served_version_that_is_not_whole_is_found(tmp_path: Path, subjects: int | None) -> None:
    folder = tmp_path / "person" / "v000001"
    folder.mkdir(parents=True)
    (tmp_path / "person" / "current").write_text("1", encoding="ascii")
    (folder / "header.json").write_text(json.dumps({"parts": [0]}), encoding="utf-8")
    if subjects is not None:
        with closing(sqlite3.connect(folder / "part-000.sqlite")) as conn, conn:
            conn.execute("CREATE TABLE subject (number TEXT)")
            conn.executemany("INSERT INTO subject VALUES (?)", [("x",)] * subjects)
    found = Findings()
    look_at_served(Register("", "", "", ""), tmp_path, found)
    assert len(found.half_visible) == (0 if subjects == 2 else 1)
