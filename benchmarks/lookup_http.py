"""Governed lookups over HTTP, beside a plain FastAPI over the same rows in PostgreSQL.

Two sources of 1 and 0.6 persons in one are delivered and the person view is built, the catalogue
and the audit store on PostgreSQL, which syncs every commit to the disk. Ours checks key and grant
at each call and has its audit line durable before the answer; the baseline (lookup_baseline.py)
checks the key alone and answers the same bytes from one row. Both run on as many uvicorn processes
with uvloop and httptools, and are asked in alternated rounds by the same client.
"""

import hashlib
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks import lookup_baseline
from benchmarks.lookup_sides import Side, baseline_side, our_side
from benchmarks.population import sample_numbers, write_insurance, write_population
from benchmarks.prepared import prepared_office, sent
from benchmarks.result import Result, in_a_process, peak_rss_mb
from tests.servers.postgres import PostgresServer, running_postgres

NAME = "lookup_http"
MODULE = "benchmarks.lookup_http"
PURPOSE = "licence_handling"
ITEMS = ["name", "sex", "ethnicity", "birth_date", "hukou_division", "hukou_address"]
ITEMS += ["insurance_status", "insured_employer"]
CONNECTIONS = (1, 16, 64)
WORKERS = (1, 2)
SECONDS = 2.0
WARM_UP = 1.0
ROUNDS = 5
PEOPLE = 5_000


@dataclass(slots=True)
class Asked:
    """What one side answered in all rounds of a case; latencies in ms, CPU in s of its servers."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_s: float = 0.0
    database_cpu_s: float = 0.0

    def percentile(self, number: int) -> float:
        """A percentile of the latencies in ms."""
        return round(statistics.quantiles(self.latencies, n=100)[number - 1], 3)

    @property
    def calls_s(self) -> float:
        """Answers a second."""
        return round(len(self.latencies) / self.seconds, 1)

    def cpu_ms(self, spent: float) -> float:
        """CPU milliseconds of one call."""
        return round(spent * 1000 / len(self.latencies), 3)


def run(rows: int) -> None:
    """Prepare the view, serve both sides, and ask with each number of connections in turn."""
    with TemporaryDirectory(prefix="datong-bench-") as folder, ExitStack() as stack:
        postgres = stack.enter_context(running_postgres(Path(folder) / "pg", durable=True))
        url = stack.enter_context(postgres.database(migrated=False))
        os.environ["DATONG_DATABASE_URL"] = url
        home = Path(folder) / "home"
        prepared = in_a_process(MODULE, "prepare", str(home), str(rows))
        dsn = url.replace("+psycopg", "")
        in_a_process(MODULE, "fill", str(home), dsn, prepared["key"])
        requests = Path(folder) / "requests.json"
        requests.write_text(json.dumps(_requests(rows, prepared["key"])), encoding="utf-8")
        cases, hashes, seconds = [], set(), 0.0
        for workers in WORKERS:
            with our_side(home, workers) as ours, baseline_side(dsn, workers) as bare:
                hashes |= {_answers_hash(side, requests) for side in (ours, bare)}
                found, spent = _measure(postgres, (ours, bare), requests, workers)
                cases += found
                seconds += spent
    if len(hashes) != 1:
        sys.exit("the answers of both sides differ")
    digest = hashes.pop()
    Result(
        bench=NAME,
        scale=rows,
        ours_s=round(seconds, 2),
        bare_s=None,
        ratio=None,
        runs=ROUNDS,
        peak_rss_mb=prepared["peak_rss_mb"],
        result_hash_ours=digest,
        result_hash_bare=digest,
        more={"cases": cases, "view_build_s": prepared["view_build_s"]},
    ).print()


def _measure(
    postgres: PostgresServer, sides: Sequence[Side], requests: Path, workers: int
) -> tuple[list[dict[str, object]], float]:
    """Ask both sides in turn, round after round; the cases as contract.md spells them."""
    asked = {(side.name, count): Asked() for side in sides for count in CONNECTIONS}
    for side in sides:
        _ask(side, requests, max(CONNECTIONS), WARM_UP)
    for number in range(ROUNDS):
        for count in CONNECTIONS:
            for side in sides if number % 2 == 0 else tuple(reversed(sides)):
                one = asked[side.name, count]
                before = side.cpu_s(), _cpu_of(postgres)
                told = _ask(side, requests, count, SECONDS)
                one.latencies += told["latencies"]
                one.seconds += told["seconds"]
                one.cpu_s += side.cpu_s() - before[0]
                one.database_cpu_s += _cpu_of(postgres) - before[1]
    cases = [
        _case(workers, count, *(asked[side.name, count] for side in sides)) for count in CONNECTIONS
    ]
    return cases, sum(one.seconds for one in asked.values())


def _case(workers: int, connections: int, ours: Asked, bare: Asked) -> dict[str, object]:
    return {
        "name": "person_by_citizen_number",
        "workers": workers,
        "connections": connections,
        "p50_ms": ours.percentile(50),
        "p95_ms": ours.percentile(95),
        "max_ms": round(max(ours.latencies), 3),
        "calls_s": ours.calls_s,
        "baseline_p50_ms": bare.percentile(50),
        "baseline_p95_ms": bare.percentile(95),
        "baseline_calls_s": bare.calls_s,
        "cpu_ms": ours.cpu_ms(ours.cpu_s),
        "baseline_cpu_ms": bare.cpu_ms(bare.cpu_s),
        "database_cpu_ms": ours.cpu_ms(ours.database_cpu_s),
        "baseline_database_cpu_ms": bare.cpu_ms(bare.database_cpu_s),
    }


def _ask(side: Side, requests: Path, connections: int, seconds: float) -> dict[str, object]:
    words = (str(side.port), str(requests), str(connections), str(seconds))
    return in_a_process("benchmarks.lookup_client", *words)


def _cpu_of(postgres: PostgresServer) -> float:
    """CPU seconds of the server and of all connections that it has or had."""
    assert postgres.pid is not None
    server = psutil.Process(postgres.pid)
    ended = server.cpu_times()
    spent = ended.user + ended.system + ended.children_user + ended.children_system
    for child in server.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
    return float(spent)


def _answers_hash(side: Side, requests: Path) -> str:
    """What a side answers to the first hundred questions, but for the ids of the requests."""
    digest = hashlib.sha256()
    for question in json.loads(requests.read_text(encoding="utf-8"))[:100]:
        text = side.answer(question)
        digest.update(text[text.index(b'"found"') :])
    return digest.hexdigest()


def _requests(rows: int, key: str) -> list[str]:
    return [_request(number, key) for number in sample_numbers(rows, PEOPLE)]


def _request(number: str, key: str) -> str:
    body = json.dumps({"scheme": "citizen", "number": number, "purpose": PURPOSE})
    return (
        "POST /v1/persons/lookup HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


def prepare(home: str, rows: str) -> None:
    """Deliver both sources, build the person view, and let an application look people up."""
    place = Path(home)
    place.mkdir(parents=True)
    files = {name: place / f"{name}.csv" for name in ("population", "insurance")}
    write_population(files["population"], int(rows))
    write_insurance(files["insurance"], int(rows))
    with prepared_office(place, *files) as office:
        for name, file in files.items():
            office.deliver(sent(name, file))
        started = time.perf_counter()
        office.build_view("person")
        seconds = time.perf_counter() - started
        office.grant(
            {
                "application": "hall-app",
                "resource": "person",
                "items": ITEMS,
                "purpose": PURPOSE,
                "valid_from": "2026-01-01",
                "valid_to": "2036-12-31",
            }
        )
        told = {
            "key": office.keys["hall-app"],
            "view_build_s": round(seconds, 2),
            "peak_rss_mb": round(peak_rss_mb(), 1),
        }
    print(json.dumps(told))


def fill(home: str, dsn: str, key: str) -> None:
    """Give the baseline every person that ours serves, as the very text of the answer."""
    with _answers(Path(home) / "serving" / "person") as answers:
        lookup_baseline.fill(dsn, key, answers)
    print("{}")


@contextmanager
def _answers(folder: Path) -> Iterator[Iterator[tuple[str, str]]]:
    from lake.views.serving import ServingReader

    with closing(ServingReader(folder)) as reader:
        version = reader.current()

        def every() -> Iterator[tuple[str, str]]:
            for number in _numbers(version.folder):
                found = reader.find(version, "citizen", number)
                assert found is not None
                known_at = json.dumps(version.known_at)
                yield (
                    number,
                    f'"found":true,"view_version":{version.header.version},'
                    f'"known_at":{known_at},"cells":{version.cells.text(*found, ITEMS)}}}',
                )

        yield every()


def _numbers(folder: Path) -> Iterator[str]:
    import sqlite3

    for part in sorted(folder.glob("part-*.sqlite")):
        with closing(sqlite3.connect(f"{part.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            for (number,) in conn.execute("SELECT number FROM subject"):
                yield number


if __name__ == "__main__":
    {"prepare": prepare, "fill": fill}[sys.argv[1]](*sys.argv[2:])
