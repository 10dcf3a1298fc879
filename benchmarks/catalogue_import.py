"""A generated catalogue is checked, stored, published and searchable, on SQLite and PostgreSQL.

The lines come from benchmarks/catalogue_records.py (its seed: SEED). Homes with all departments are
prepared before the clock starts; it stops when the index, which a process of its own keeps up with
the catalogue as `datong serve` does, has taken the last change in. Databases take turns. A smaller
catalogue beside the full one shows how the cost of a record grows. There is no baseline: no other
program makes the same of these lines. Memory is that of the process which imports.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from api.bootstrap import Services, open_services
from api.settings import load_settings
from api.usecases import bulk_import
from benchmarks.catalogue_home import WHY, opened_home, write_lines
from benchmarks.catalogue_records import SEED
from benchmarks.result import Result, in_a_process, median, peak_rss_mb, runs_for
from catalog.search import source
from catalog.search.finding import Query, Search
from catalog.tables import record_versions
from tests.servers.postgres import OWNER, PostgresServer, running_postgres

NAME = "catalogue_import"
MODULE = "benchmarks.catalogue_import"
SMALL = 10_000
DATABASES = ("sqlite", "postgresql")
_PAUSE = 0.01
_PATIENCE = 600.0


@dataclass(slots=True)
class Measured:
    """The runs of one database at one size."""

    seconds: list[float] = field(default_factory=list)
    import_s: list[float] = field(default_factory=list)
    rss_mb: float = 0.0
    hashes: set[str] = field(default_factory=set)

    def add(self, told: dict[str, Any]) -> None:
        self.seconds.append(told["seconds"])
        self.import_s.append(told["import_s"])
        self.rss_mb = max(self.rss_mb, told["peak_rss_mb"])
        self.hashes.add(told["hash"])


def run(rows: int) -> None:
    """Prepare both databases, import in turn, and print the line."""
    sizes = sorted({min(SMALL, rows), rows})
    measured = {(kind, size): Measured() for kind in DATABASES for size in sizes}
    with TemporaryDirectory(prefix="datong-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        postgres = stack.enter_context(running_postgres(folder / "pg", durable=True))
        for size in sizes:
            # not in this process: one that is started counts the memory of who starts it as its own
            in_a_process(MODULE, "lines", str(folder / f"{size}.jsonl"), str(size))
        prepared = {kind: _prepare(kind, folder, postgres, stack) for kind in DATABASES}
        for number in range(runs_for(rows)):
            for size in sizes:
                for kind in DATABASES if number % 2 == 0 else tuple(reversed(DATABASES)):
                    told = _run_once(kind, folder, prepared[kind], postgres, size)
                    measured[kind, size].add(told)
    if any(len({h for kind in DATABASES for h in measured[kind, s].hashes}) != 1 for s in sizes):
        sys.exit("the databases do not hold the same records")
    _print(rows, sizes, measured)


def _print(rows: int, sizes: list[int], measured: dict[tuple[str, int], Measured]) -> None:
    databases = {kind: _of_database(kind, sizes, measured) for kind in DATABASES}
    slowest = max(DATABASES, key=lambda kind: databases[kind]["seconds"])
    Result(
        bench=NAME,
        scale=rows,
        ours_s=databases[slowest]["seconds"],
        bare_s=None,
        ratio=None,
        runs=runs_for(rows),
        peak_rss_mb=max(databases[kind]["peak_rss_mb"] for kind in DATABASES),
        result_hash_ours=measured[slowest, rows].hashes.pop(),
        result_hash_bare=None,
        more={"seed": SEED, "points": databases[slowest]["points"], "databases": databases},
    ).print()


def _of_database(
    kind: str, sizes: list[int], measured: dict[tuple[str, int], Measured]
) -> dict[str, Any]:
    points = [
        [size, median(measured[kind, size].seconds), round(measured[kind, size].rss_mb, 1)]
        for size in sizes
    ]
    least, most = points[0], points[-1]
    each = (most[1] / most[0]) / (least[1] / least[0])
    return {
        "seconds": most[1],
        "import_s": median(measured[kind, sizes[-1]].import_s),
        "growth_per_record": round(each, 3),
        "peak_rss_mb": most[2],
        "points": points,
    }


def _prepare(kind: str, folder: Path, postgres: PostgresServer, stack: ExitStack) -> str:
    """A home with all departments, for the runs to copy; on PostgreSQL with its database."""
    home, url = folder / f"prepared-{kind}", ""
    if kind == "postgresql":
        url = stack.enter_context(postgres.database(migrated=False))
    home.mkdir()
    in_a_process(MODULE, "prepare", str(home), url)
    return url


def _run_once(
    kind: str, folder: Path, prepared: str, postgres: PostgresServer, size: int
) -> dict[str, Any]:
    home = folder / "home"
    rmtree(home, ignore_errors=True)
    copytree(folder / f"prepared-{kind}", home)
    with _copied(prepared, postgres) as url:
        return in_a_process(MODULE, "measure", str(home), url, str(folder / f"{size}.jsonl"))


@contextmanager
def _copied(prepared: str, postgres: PostgresServer) -> Iterator[str]:
    if not prepared:
        yield ""
        return
    template, copy = prepared.rsplit("/", 1)[1], "measured"
    postgres.run("CREATE DATABASE {} OWNER {} TEMPLATE {}", copy, OWNER, template)
    try:
        yield postgres.url(copy)
    finally:
        postgres.run("DROP DATABASE {} WITH (FORCE)", copy)


def lines(file: str, size: str) -> None:
    """The file that is imported."""
    write_lines(Path(file), int(size))
    print("{}")


def prepare(home: str, url: str) -> None:
    """A home with departments and accounts."""
    with opened_home(Path(home), database_url=url or None):
        print("{}")


def measure(home: str, url: str, file: str) -> None:
    """Import a file and wait until its last record is found; prints what was measured."""
    with opened_home(Path(home), database_url=url or None) as (services, caller):
        search = services.search
        with _following(home, url) as follower:
            _wait_for(services, search, follower)
            started = time.perf_counter()
            done = bulk_import.import_records(
                services, caller, Path(file), publish=True, opinion=WHY
            )
            imported = time.perf_counter() - started
            _wait_for(services, search, follower)
            seconds = time.perf_counter() - started
        if done.refused or not done.added:
            sys.exit(f"refused: {done.errors[:3]}")
        _check_found(search, file)
        told = {"seconds": seconds, "import_s": imported, "hash": _hash_of(services)}
    print(json.dumps({**told, "peak_rss_mb": peak_rss_mb()}))


def _wait_for(services: Services, search: Search, follower: subprocess.Popen[bytes]) -> None:
    """Until the index shows the newest change of the catalogue."""
    with services.database.reading() as conn:
        newest = source.newest_change(conn)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and follower.poll() is None:
        seen = search.newest()
        if seen is not None and seen.state.complete and seen.state.mark.sequence >= newest:
            return
        time.sleep(_PAUSE)
    sys.exit("the index does not catch up")


def _check_found(search: Search, file: str) -> None:
    """The last line is found by its title, and the index holds every line."""
    count, line = 0, ""
    with Path(file).open(encoding="utf-8") as stream:
        for count, line in enumerate(stream, 1):  # noqa: B007 - the last one is wanted
            pass
    last = json.loads(line)
    found = search.find(Query(text=last["name"][:40], limit=100))
    held = search.find(Query(limit=0)).total
    if last["resource_id"] not in {hit.resource_id for hit in found.hits} or held < count:
        sys.exit(f"{last['resource_id']} is not found, or {held} are fewer than {count}")


def _hash_of(services: Services) -> str:
    """Ids and hashes of all records in their order: both databases must agree."""
    columns = (record_versions.c.resource_id, record_versions.c.version, record_versions.c.sha256)
    digest = hashlib.sha256()
    with services.database.reading() as conn:
        rows = conn.execute(sa.select(*columns).order_by(*columns[:2]))
        for row in rows:
            digest.update("\t".join(map(str, row)).encode())
    return digest.hexdigest()


@contextmanager
def _following(home: str, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process that keeps the index up, until the end of the block."""
    command = [sys.executable, "-m", MODULE, "follow", home, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(timeout=60)


def follow(home: str, url: str) -> None:
    """Keep the index up with the catalogue until nobody holds the other end of standard input."""
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    environment = {**os.environ, "DATONG_HOME": home}
    if url:
        environment["DATONG_DATABASE_URL"] = url
    services = open_services(load_settings(environment))
    follower = services.search_follower()
    while not ended.is_set():
        if not follower.step():
            ended.wait(_PAUSE)
    follower.close()
    services.close()


if __name__ == "__main__":
    parts = {"lines": lines, "prepare": prepare, "measure": measure, "follow": follow}
    parts[sys.argv[1]](*sys.argv[2:])
