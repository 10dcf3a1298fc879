"""A whole delivery of a CSV file against the bare engine's read and write of the same file.

Ours: `datong deliver` in process: receive and hash, keep raw, decode, all checks, key check,
quarantine, Iceberg commit, report, record. Bare: DuckDB reads every cell as text and writes
Parquet, same threads, same compression. The hashes cover the good rows in order of row number.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.population import write_population
from benchmarks.prepared import RECORDS, prepared_office, sent
from benchmarks.result import Result, in_a_process, median, peak_rss_mb, runs_for
from examples.office import document_of
from lake.content_hash import content_hash
from lake.curated import duckdb_type
from lake.engine import quote_name, quote_value
from standards.records import read_record

NAME = "deliver_csv"
MODULE = "benchmarks.deliver_csv"
THREADS = "2"


def run(rows: int) -> None:
    """Alternate our delivery and the bare copy, each run in a process and a home of its own."""
    with TemporaryDirectory(prefix="datong-bench-") as folder:
        place = Path(folder)
        file = place / "population.csv"
        write_population(file, rows)
        ours, bare, parts, memory = [], [], [], []
        for turn in range(runs_for(rows)):
            home = place / f"home-{turn}"
            told = in_a_process(MODULE, "ours", str(file), str(home))
            ours.append(told["seconds"])
            memory.append(told["peak_rss_mb"])
            parts.append(told["counts"])
            bare.append(
                in_a_process(MODULE, "bare", str(file), str(place / "bare.parquet"))["seconds"]
            )
        hashes = in_a_process(MODULE, "hashes", str(home), str(place / "bare.parquet"))
        size = file.stat().st_size
    Result(
        bench=NAME,
        scale=rows,
        ours_s=median(ours),
        bare_s=median(bare),
        ratio=round(median(ours) / median(bare), 2),
        runs=len(ours),
        peak_rss_mb=round(max(memory), 1),
        result_hash_ours=hashes["ours"],
        result_hash_bare=hashes["bare"],
        more={"bytes": size, "threads": int(THREADS), **parts[-1]},
    ).print()


def ours(file: str, home: str) -> None:
    """Prepare a home, then time one delivery from its first byte to its recorded verdict."""
    with prepared_office(Path(home), "population") as office:
        # A server has its libraries loaded and its databases open; so has the bare engine here.
        importlib.import_module("ingest.deliver")
        office.services.intake()
        started = time.perf_counter()
        verdict = office.deliver(sent("population", Path(file))).as_json()
        seconds = time.perf_counter() - started
    counts = {name: verdict[name] for name in ("rows_in", "accepted", "quarantined")}
    print(json.dumps({"seconds": seconds, "peak_rss_mb": peak_rss_mb(), "counts": counts}))


def bare(file: str, target: str) -> None:
    """Time the engine alone."""
    with duckdb.connect(config={"threads": THREADS}) as con:
        started = time.perf_counter()
        con.execute(
            f"COPY (SELECT * FROM read_csv({quote_value(file)}, all_varchar = true)) "
            f"TO {quote_value(target)} (FORMAT parquet, COMPRESSION zstd)"
        )
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_rss_mb": peak_rss_mb()}))


def hashes(home: str, bare_file: str) -> None:
    """Hash what both sides hold: the good rows, typed as the record says, by row number."""
    record = read_record(document_of(RECORDS / "population.yaml"))
    types = {item.id: duckdb_type(item) for item in record.items}
    curated = Path(home) / "lake" / "dept-gongan" / "curated" / record.resource_id
    files = quote_value(str(curated / "g1" / "data" / "**" / "*.parquet"))
    items = ", ".join(quote_name(name) for name in types)
    mine = f"SELECT {items}, _row FROM read_parquet({files})"
    casts = ", ".join(
        f"CAST({quote_name(item.name)} AS {types[item.id]}) AS {quote_name(item.id)}"
        for item in record.items
    )
    theirs = (
        f"SELECT {casts}, file_row_number + 1 AS _row "
        f"FROM read_parquet({quote_value(bare_file)}, file_row_number = true) "
        f"WHERE file_row_number + 1 IN (SELECT _row FROM read_parquet({files}))"
    )
    with duckdb.connect() as con:
        found = {
            "ours": content_hash(con, mine, types, ["_row"]),
            "bare": content_hash(con, theirs, types, ["_row"]),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    {"ours": ours, "bare": bare, "hashes": hashes}[sys.argv[1]](*sys.argv[2:])
