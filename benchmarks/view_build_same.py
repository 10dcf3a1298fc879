"""A build of the view of persons against the same SQL written by hand, both to the Iceberg commit.

Ours: `lake.views.build` from loaded deliveries to the commit of rows, differences and deliveries;
content hash and serving files are timed apart. Bare: `view_by_hand` in one DuckDB with the same
threads, its Parquet added to equal tables by PyIceberg. Each run has a process and a place of its
own. The hashes cover all rows and columns of the three tables, ordered by number and key.
"""

import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog

from benchmarks.result import Result, in_a_process, median, peak_rss_mb, runs_for
from benchmarks.view_by_hand import WAYS, build
from benchmarks.view_population import definition, loaded_tables, open_lake, write_tables
from catalog.ids import SystemIds
from lake.content_hash import content_hash
from lake.engine import open_engine, quote_values
from lake.layout import BASE_NAMESPACE
from lake.views.build import BuiltView, ViewTarget, build_view
from lake.views.commit import snapshots_of
from lake.views.steps import ViewStep

NAME = "view_build_same"
MODULE = "benchmarks.view_build_same"
THREADS = 2
OUR_MEMORY, BARE_MEMORY = "4GB", "8GB"  # the product's default; what the engine likes
WAY = WAYS[0]
SALT = "a salt of the benchmark"
TABLES = {
    "person": ("subject_number",),
    "person_differences": ("subject_id", "attribute", "source"),
    "person_deliveries": ("delivery",),
}


def run(rows: int) -> None:
    """Alternate our build and the one by hand over the same loaded tables."""
    with TemporaryDirectory(prefix="datong-bench-") as folder:
        place = Path(folder)
        in_a_process(MODULE, "load", str(place / "loaded"), str(rows))
        ours, bare = [], []
        for turn in range(runs_for(rows)):
            for side, told in (("ours", ours), ("bare", bare)):
                told.append(
                    in_a_process(MODULE, side, str(place / "loaded"), _at(place, side, turn))
                )
        last = runs_for(rows) - 1
        hashes = [
            in_a_process(MODULE, "hashes", _at(place, side, last)) for side in ("ours", "bare")
        ]
    middle = {name: median([each[name] for each in ours]) for name in _TIMES}
    bare_s = median([each["seconds"] for each in bare])
    cpu = {"cpu_s": ours, "bare_cpu_s": bare}
    Result(
        bench=NAME,
        scale=rows,
        ours_s=middle["seconds"],
        bare_s=bare_s,
        ratio=round(middle["seconds"] / bare_s, 2),
        runs=len(ours),
        peak_rss_mb=round(max(each["peak_rss_mb"] for each in ours), 1),
        result_hash_ours=hashes[0]["all"],
        result_hash_bare=hashes[1]["all"],
        more={
            **{name: middle[name] for name in _TIMES[1:]},
            **{name: median([each["cpu_s"] for each in told]) for name, told in cpu.items()},
            "commit_peak_rss_mb": round(max(each["commit_peak_rss_mb"] for each in ours), 1),
            "bare_peak_rss_mb": round(max(each["peak_rss_mb"] for each in bare), 1),
            "rows": hashes[0]["rows"],
            "differences": hashes[0]["differences"],
        },
    ).print()


_TIMES = ("seconds", "commit_s", "hash_s", "serving_s")


def _at(place: Path, side: str, turn: int) -> str:
    return str(place / f"{side}-{turn}")


def load(loaded: str, rows: str) -> None:
    """Make the loaded tables that both sides read."""
    place = Path(loaded)
    with open_lake(place) as lake:
        write_tables(int(rows), lake, place / "scratch")
    print(json.dumps({}))


def ours(loaded: str, out: str) -> None:
    """Time our build, step by step."""
    place = Path(out)
    with open_lake(Path(loaded)) as lake:
        sources = loaded_tables(lake)
    moments: dict[ViewStep, tuple[float, float, float]] = {}

    def on_step(step: ViewStep) -> None:
        moments[step] = (time.perf_counter(), time.process_time(), peak_rss_mb())

    with (
        open_lake(place) as lake,
        open_engine(
            threads=THREADS,
            memory_limit=OUR_MEMORY,
            temp_directory=place / "spill",
            preserve_insertion_order=False,
        ) as con,
    ):
        target = ViewTarget(
            lake.store, lake.location, lake.tables, place / "serving", place / "scratch"
        )
        started, cpu = time.perf_counter(), time.process_time()
        built = build_view(
            con,
            definition=definition(),
            definition_version=1,
            version=1,
            build_id=SystemIds().new(),
            sources=sources,
            salt=SALT,
            target=target,
            known_at=datetime(2026, 11, 1, tzinfo=UTC),
            on_step=on_step,
        )
    at = {step: moment[0] for step, moment in moments.items()}
    told = {
        "seconds": at[ViewStep.COMMITTED] - started,
        "cpu_s": moments[ViewStep.COMMITTED][1] - cpu,
        "commit_s": at[ViewStep.COMMITTED] - at[ViewStep.FILES_STAGED],
        "hash_s": at[ViewStep.HASHED] - at[ViewStep.COMMITTED],
        "serving_s": at[ViewStep.SERVING_WRITTEN] - at[ViewStep.HASHED],
        "commit_peak_rss_mb": moments[ViewStep.COMMITTED][2],
        "peak_rss_mb": peak_rss_mb(),
    }
    _note_files(place, _files_of(built, place))
    print(json.dumps(told))


def _files_of(built: BuiltView, place: Path) -> dict[str, list[str]]:
    """The files of our tables by the snapshots that belong to the recorded one."""
    with open_lake(place) as lake:
        snapshots = snapshots_of(lake.tables, built.view_id, built.snapshot_id)
        return {
            table: lake.tables.data_files((BASE_NAMESPACE, table), snapshots[table])
            for table in TABLES
        }


def bare(loaded: str, out: str, way: str = WAY) -> None:
    """Time the SQL by hand and its commit."""
    place = Path(out)
    with open_lake(Path(loaded)) as lake:
        sources = loaded_tables(lake)
    data = place / "data"
    data.mkdir(parents=True)
    settings: dict[str, Any] = {
        "threads": THREADS,
        "memory_limit": BARE_MEMORY,
        "preserve_insertion_order": False,
        "temp_directory": str(place / "spill"),
    }
    catalogue = SqlCatalog(
        "by-hand", uri=f"sqlite:///{place / 'tables.sqlite'}", warehouse=place.as_uri()
    )
    with duckdb.connect(config=settings) as con:
        started, cpu = time.perf_counter(), time.process_time()
        build(con, sources, SALT, data, way)
        files = {
            "person_deliveries": str(data / "deliveries.parquet"),
            "person_differences": str(data / "differences.parquet"),
            "person": str(data / "rows.parquet"),
        }
        catalogue.create_namespace("base")
        for table, file in files.items():
            made = catalogue.create_table(("base", table), pq.read_schema(file))
            made.add_files([file])
        seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    catalogue.close()
    _note_files(place, {table: [file] for table, file in files.items()})
    print(json.dumps({"seconds": seconds, "cpu_s": spent, "peak_rss_mb": peak_rss_mb()}))


def _note_files(place: Path, files: dict[str, list[str]]) -> None:
    (place / "files.json").write_text(json.dumps(files), encoding="utf-8")


def hashes(out: str) -> None:
    """Hash the three tables of one side."""
    files = json.loads((Path(out) / "files.json").read_text(encoding="utf-8"))
    digest, counts = hashlib.sha256(), {}
    with duckdb.connect() as con:
        for table, order in TABLES.items():
            relation = f"FROM read_parquet({quote_values(files[table])})"
            described = con.execute(f"DESCRIBE {relation}").fetchall()
            types = {name: kind for name, kind, *_ in described}
            digest.update(content_hash(con, relation, types, order).encode())
            [counts[table]] = con.execute(f"SELECT count(*) {relation}").fetchall()
    told = {"rows": counts["person"][0], "differences": counts["person_differences"][0]}
    print(json.dumps({"all": digest.hexdigest(), **told}))


if __name__ == "__main__":
    {"load": load, "ours": ours, "bare": bare, "hashes": hashes}[sys.argv[1]](*sys.argv[2:])
