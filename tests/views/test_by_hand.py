"""The SQL by hand that builds are measured against says the same as the product."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.view_build_same import SALT, bare, hashes, load, ours
from benchmarks.view_by_hand import WAYS, build
from benchmarks.view_population import loaded_tables, open_lake

ROWS = "300"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("bench") / "loaded"
    load(str(place), ROWS)
    return place


def test_both_sides_of_the_benchmark_agree(
    loaded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours(str(loaded), str(tmp_path / "ours"))
    bare(str(loaded), str(tmp_path / "bare"))
    capsys.readouterr()
    hashes(str(tmp_path / "ours"))
    first = capsys.readouterr().out
    hashes(str(tmp_path / "bare"))
    assert capsys.readouterr().out == first
    assert '"differences": 0' not in first


@pytest.mark.parametrize("way", WAYS)
def test_all_ways_by_hand_say_the_same(loaded: Path, tmp_path: Path, way: str) -> None:
    with open_lake(loaded) as lake:
        sources = loaded_tables(lake)
    (tmp_path / "first").mkdir()
    (tmp_path / way).mkdir()
    with duckdb.connect() as con:
        build(con, sources, SALT, tmp_path / "first", WAYS[0])
        build(con, sources, SALT, tmp_path / way, way)
        for table in ("rows", "differences", "deliveries"):
            files = [tmp_path / folder / f"{table}.parquet" for folder in ("first", way)]
            rows = [con.read_parquet(str(file)).order("ALL").fetchall() for file in files]
            assert rows[0] == rows[1] != []
