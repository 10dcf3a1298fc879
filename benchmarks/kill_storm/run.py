"""The storm: SeaweedFS, PostgreSQL, four workers, 200 kills, and an independent reader."""

import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from minio import Minio

from benchmarks.kill_storm.reader import Findings, Store, look_afterwards, look_while_it_storms
from benchmarks.kill_storm.senders import Sender
from benchmarks.kill_storm.workers import Killer, Workers
from benchmarks.prepared import RECORDS, prepared_office
from benchmarks.result import ROOT, Result, peak_rss_mb
from examples.office import Office
from lake.location import StoreLocation
from tests.servers.postgres import running_postgres
from tests.servers.weed import find_weed, weed_server

NAME = "kill_storm"
SEED = 20261125
KILLS = 200
IN_A_JOB = 100
WORKERS = 4
LOG = ROOT / "var" / "kill_storm"
# The first feeds the person view; the others keep workers busy beside it.
RESOURCES = {
    "bench-population": "gongan",
    "bench-population-b": "gongan",
    "bench-population-c": "renshe",
    "bench-population-d": "renshe",
}


@dataclass(frozen=True, slots=True)
class Storm:
    """What a storm came to."""

    kills: int
    in_a_job: int
    deaths: int
    deliveries: int
    looks: int
    findings: Findings


def run(rows: int) -> None:
    """Storm with files of so many rows, and print what an independent reader found."""
    started = time.perf_counter()
    with TemporaryDirectory(prefix="datong-storm-") as folder, ExitStack() as stack:
        storm = _storm(stack, Path(folder), rows)
    findings = storm.findings
    for what in (*findings.lost, *findings.doubled, *findings.half_visible):
        print(what, file=sys.stderr)
    Result(
        bench=NAME,
        scale=rows,
        ours_s=round(time.perf_counter() - started, 1),
        bare_s=None,
        ratio=None,
        runs=1,
        peak_rss_mb=round(peak_rss_mb(), 1),
        result_hash_ours=None,
        result_hash_bare=None,
        more={
            "kills": storm.kills,
            "kills_in_a_job": storm.in_a_job,
            "deaths_recorded": storm.deaths,
            "deliveries": storm.deliveries,
            "looks_meanwhile": storm.looks,
            "lost": len(findings.lost),
            "doubled": len(findings.doubled),
            "half_visible": len(findings.half_visible),
            "seed": SEED,
        },
    ).print()
    if findings.lost or findings.doubled or findings.half_visible or storm.in_a_job < IN_A_JOB:
        sys.exit(1)


def _storm(stack: ExitStack, folder: Path, rows: int) -> Storm:
    program = find_weed()
    if program is None:
        sys.exit("没有 weed，请先执行 make test / no `weed` here; run `make test` first")
    weed = stack.enter_context(weed_server(program, folder / "weed"))
    postgres = stack.enter_context(running_postgres(folder / "postgres"))
    url = stack.enter_context(postgres.database(migrated=False))
    environment = _environment(folder, url, weed.location)
    os.environ.update(environment)
    office = stack.enter_context(_office(folder))
    store = Store(
        url.replace("+psycopg", ""),
        weed.location.endpoint,
        weed.location.access_key,
        weed.location.secret_key,
    )
    LOG.mkdir(parents=True, exist_ok=True)
    workers = Workers(environment, LOG / "workers.log")
    kills = stack.enter_context((LOG / "kills.jsonl").open("w", encoding="utf-8"))
    killer = Killer(workers, store, random.Random(SEED), kills)
    sender = Sender(
        office.services, store, _client(weed.location), [*RESOURCES.items()], folder, rows
    )
    findings = Findings()
    workers.start(WORKERS)
    try:
        looks = _let_it_storm(sender, killer, store, folder, findings)
        sender.finish()
    finally:
        sender.stopped.set()
        workers.stop()
    look_afterwards(store, sender.files, findings)
    looks += look_while_it_storms(store, folder / "home" / "serving", findings)
    [(deaths,)] = store.register("SELECT sum(deaths) FROM jobs")
    return Storm(killer.kills, killer.in_a_job, deaths, len(sender.files), looks, findings)


def _let_it_storm(
    sender: Sender, killer: Killer, store: Store, folder: Path, findings: Findings
) -> int:
    """Send, look and kill side by side until enough were killed; answers how much was seen."""
    over = threading.Event()
    seen: list[int] = []

    def look() -> None:
        while not over.wait(3):
            seen.append(look_while_it_storms(store, folder / "home" / "serving", findings))

    sending = threading.Thread(target=sender.run)
    looking = threading.Thread(target=look)
    sending.start()
    looking.start()
    try:
        while killer.kills < KILLS or killer.in_a_job < IN_A_JOB:
            killer.kill_one()
            if sender.error is not None:
                raise sender.error
    finally:
        sender.stopped.set()
        over.set()
        sending.join()
        looking.join()
    return sum(seen)


def _environment(folder: Path, url: str, location: StoreLocation) -> dict[str, str]:
    return {
        "DATONG_HOME": str(folder / "home"),
        "DATONG_DATABASE_URL": url,
        "DATONG_LAKE_URL": f"s3://{location.endpoint}",
        "DATONG_S3_ACCESS_KEY": location.access_key,
        "DATONG_S3_SECRET_KEY": location.secret_key,
        "DATONG_THREADS": "1",
        "DATONG_MEMORY": "1GB",
    }


@contextmanager
def _office(folder: Path) -> Iterator[Office]:
    """A home with four tables of the same shape, of two departments."""
    with prepared_office(folder / "home") as office:
        original = yaml.safe_load((RECORDS / "population.yaml").read_text(encoding="utf-8"))
        for resource, department in RESOURCES.items():
            file = folder / f"{resource}.yaml"
            document = _record(original, resource, _provider(office, department))
            file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
            office.publish(file, department)
        yield office


def _record(
    original: dict[str, object], resource: str, provider: tuple[str, str]
) -> dict[str, object]:
    code, name = provider
    if resource == original["resource_id"]:
        return original
    assert isinstance(original["items"], list)
    items = [{k: v for k, v in item.items() if k != "element"} for item in original["items"]]
    named = {"resource_id": resource, "name": f"{original['name']}（{resource[-1]}）"}
    return {**original, **named, "provider_code": code, "provider_name": name, "items": items}


def _provider(office: Office, department: str) -> tuple[str, str]:
    [found] = [each for each in office.departments() if each.department_id == department]
    return found.code, found.name


def _client(location: StoreLocation) -> Minio:
    return Minio(
        location.endpoint,
        access_key=location.access_key,
        secret_key=location.secret_key,
        region=location.region,
        secure=location.secure,
    )
