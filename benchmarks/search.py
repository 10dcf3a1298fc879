"""Searching a generated catalogue over HTTP, with six facets on: by class of what is typed.

One connection, one server process, the catalogue on SQLite and on PostgreSQL in turn. The baseline
is SQLite FTS5 on the same tokens (search_baseline.py), asked without HTTP. `hit_rate` is that of
the committed queries over the 16,725 real records (tests/search/queries.csv), null without them.
`visible_ms` is the time from the commit of a publication to the first answer that holds it, and
`rebuild_s` that of making the whole index anew.
"""

import json
import os
import socket
import sqlite3
import statistics
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from benchmarks import search_baseline
from benchmarks.catalogue_home import opened_home, write_home
from benchmarks.catalogue_records import grow
from benchmarks.lookup_sides import Side, our_side
from benchmarks.result import Result, in_a_process, peak_rss_mb
from benchmarks.search_queries import Asked, queries_of
from tests.servers.postgres import running_postgres

NAME: Final = "search"
MODULE: Final = "benchmarks.search"
DATABASES: Final = ("sqlite", "postgresql")
ROUNDS: Final = 5
PUBLISHED: Final = 20
_PATIENCE = 600.0


def run(rows: int) -> None:
    """Prepare both catalogues, ask both, and print the line."""
    cases: list[dict[str, object]] = []
    told: dict[str, dict[str, object]] = {}
    started = time.perf_counter()
    with TemporaryDirectory(prefix="datong-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        postgres = stack.enter_context(running_postgres(folder / "pg", durable=True))
        in_a_process(MODULE, "baseline", str(folder), str(rows))
        theirs = _ask_baseline(folder)
        for kind in DATABASES:
            home, url = folder / kind, ""
            if kind == "postgresql":
                url = stack.enter_context(postgres.database(migrated=False))
            prepared = in_a_process(MODULE, "prepare", str(home), url, str(rows))
            found, visible = _measured(kind, folder, home, url, theirs)
            cases += found
            told[kind] = {**prepared, **visible}
        relevance = in_a_process(MODULE, "relevance", str(folder / "relevance"))
    Result(
        bench=NAME,
        scale=rows,
        ours_s=round(time.perf_counter() - started, 1),
        bare_s=None,
        ratio=None,
        runs=ROUNDS,
        peak_rss_mb=max(float(str(each["server_rss_mb"])) for each in told.values()),
        result_hash_ours=None,
        result_hash_bare=None,
        more={**relevance, "cases": cases, "databases": told},
    ).print()


def _measured(
    kind: str, folder: Path, home: Path, url: str, theirs: dict[str, list[float]]
) -> tuple[list[dict[str, object]], dict[str, object]]:
    """Serve a home and ask; every class in every round, so that no class has the quiet minute."""
    queries = _queries(folder)
    if url:
        os.environ["DATONG_DATABASE_URL"] = url
    ours: dict[str, list[float]] = {name: [] for name in queries}
    try:
        with our_side(home, 1) as side:
            with Connection(side.port) as connection:
                _until_complete(connection)
                for number in range(ROUNDS + 1):  # the first one warms up
                    for name, asked in queries.items():
                        took = [connection.ask(each.path())[0] for each in asked]
                        ours[name] += took if number else []
            visible = _visible(side, home, url)
            rss = side.process.memory_info().rss / 2**20
    finally:
        os.environ.pop("DATONG_DATABASE_URL", None)
    cases = [_case(kind, name, ours[name], theirs[name]) for name in queries]
    return cases, {"visible_ms": visible, "server_rss_mb": round(rss, 1)}


def _queries(folder: Path) -> dict[str, list[Asked]]:
    listed = json.loads((folder / "queries.json").read_text(encoding="utf-8"))
    return {name: [Asked(**each) for each in queries] for name, queries in listed.items()}


def _ask_baseline(folder: Path) -> dict[str, list[float]]:
    """Once for both databases, for it knows neither; twice, and the first time warms it up."""
    took: dict[str, list[float]] = {}
    with search_baseline.opened(folder / "baseline.db") as conn:
        for name, asked in _queries(folder).items():
            for _ in range(2):
                took[name] = [_baseline_ms(conn, each) for each in asked]
    return took


def _baseline_ms(conn: sqlite3.Connection, asked: Asked) -> float:
    started = time.perf_counter()
    search_baseline.ask(conn, asked.text, asked.filters)
    return (time.perf_counter() - started) * 1000


def _case(kind: str, name: str, ours: list[float], theirs: list[float]) -> dict[str, object]:
    return {
        "name": name,
        "database": kind,
        "connections": 1,
        **_times(ours),
        "calls_s": round(1000 * len(ours) / sum(ours), 1),
        "baseline_p95_ms": _times(theirs)["p95_ms"],
        "baseline_calls_s": round(1000 * len(theirs) / sum(theirs), 1),
    }


def _times(took: list[float]) -> dict[str, float]:
    percentiles = statistics.quantiles(took, n=100)
    return {
        "p50_ms": round(percentiles[49], 2),
        "p95_ms": round(percentiles[94], 2),
        "max_ms": round(max(took), 2),
    }


class Connection:
    """One connection that stays open: a request, its whole answer, and how long that took."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, path: str) -> tuple[float, bytes]:
        """Milliseconds, and the body of an answer that must be a 200."""
        started = time.perf_counter()
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        data = self._socket.recv(1 << 20)
        while (end := data.find(b"\r\n\r\n")) < 0 or len(data) < end + 4 + _length(data[:end]):
            data += self._socket.recv(1 << 20)
        took = (time.perf_counter() - started) * 1000
        if not data.startswith(b"HTTP/1.1 200"):
            sys.exit(f"{path}: {data[:500]!r}")
        return took, data[end + 4 :]


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length"))


def _until_complete(connection: Connection) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if json.loads(connection.ask("/v1/search?q=x&limit=1")[1])["index"]["complete"]:
            return
        time.sleep(0.2)
    sys.exit("the index is never complete")


def _visible(side: Side, home: Path, url: str) -> dict[str, float]:
    """Publish one record after the other, each until it is found."""
    from catalog.bulk_import import import_records

    took = []
    [base] = grow(1)
    with (
        opened_home(home, database_url=url or None) as (services, caller),
        Connection(side.port) as connection,
    ):
        for number in range(PUBLISHED):
            text = f"即时可见第{number}号记录"
            document = {**base, "resource_id": f"seen-{number:03d}", "name": text}
            with services.database.transaction() as conn:
                import_records(conn, [document], caller.require(), services.clock, publish=True)
            committed = time.perf_counter()
            path = f"/v1/search?limit=1&q={quote(text)}"
            while b'"total":1,' not in connection.ask(path)[1]:
                if time.perf_counter() - committed > 30:
                    sys.exit(f"{text} is not found")
                time.sleep(0.005)
            took.append((time.perf_counter() - committed) * 1000)
    return _times(took)


def prepare(home: str, url: str, rows: str) -> None:
    """A published catalogue, its index, and how long it takes to make that anew."""
    place = Path(home)
    done = write_home(place, int(rows), database_url=url or None)
    with opened_home(place, database_url=url or None) as (services, _):
        from api.usecases.search import catch_up
        from catalog.search.follower import make_aside

        started = time.perf_counter()
        while not catch_up(services):
            pass
        first = time.perf_counter() - started
        started = time.perf_counter()
        mark = services.catalogue_mark
        made = make_aside(services.database, services.search.place, services.clock, mark)
        again = time.perf_counter() - started
        if made < int(rows):
            sys.exit(f"{made} records are in the index, and {done} were imported")
    size = sum(file.stat().st_size for file in (place / "search").rglob("*") if file.is_file())
    told = {"first_index_s": first, "rebuild_s": again, "indexes_mb": size / 2**20}
    print(json.dumps({name: round(value, 2) for name, value in told.items()}))


def baseline(folder: str, rows: str) -> None:
    """The records in FTS5, and the queries, from the generator itself."""
    from catalog.search.indexed import indexed_record
    from standards.department_words import abbreviations

    documents = []
    for document in grow(int(rows)):
        provider = document["provider_name"]
        documents.append({**document, "department_id": provider})
    ids = _department_ids()
    for document in documents:
        document["department_id"] = ids[document["provider_code"]]
    asked = queries_of(documents)
    listed = {
        name: [{"text": each.text, "filters": dict(each.filters)} for each in queries]
        for name, queries in asked.items()
    }
    place = Path(folder)
    (place / "queries.json").write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")
    records = (
        indexed_record(
            document,
            department_id=document["department_id"],
            names=(document["provider_name"], *abbreviations(document["provider_name"])),
        )
        for document in documents
    )
    search_baseline.build(place / "baseline.db", records)
    print(json.dumps({"peak_rss_mb": round(peak_rss_mb(), 1)}))


def _department_ids() -> dict[str, str]:
    from benchmarks.catalogue_records import departments

    return {each["code"]: each["department_id"] for each in departments()}


def relevance(folder: str) -> None:
    """The hit rate of the committed queries."""
    from tests.search.portals import PORTALS
    from tests.search.relevance import measure_relevance

    if not PORTALS.is_dir():
        print(json.dumps({"hit_rate": None, "hit_rates": None}))
        return
    Path(folder).mkdir()
    found = measure_relevance(Path(folder))
    print(json.dumps({"hit_rate": round(found.rate, 3), "hit_rates": found.rates()}))


if __name__ == "__main__":
    steps = {"prepare": prepare, "baseline": baseline, "relevance": relevance}
    steps[sys.argv[1]](*sys.argv[2:])
