"""Governed lookups over HTTP: key, grant, serving file, audit line on disk before the answer.

Two sources of 1 and 0.6 persons in one are delivered, the person view is built, `datong serve`
runs as an operator runs it, and clients in a process of their own ask for known persons. There is
no baseline yet, so its fields are null.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.population import sample_numbers, write_insurance, write_population
from benchmarks.prepared import prepared_office, sent
from benchmarks.result import Result, in_a_process, peak_rss_mb
from examples.running_api import running_api

NAME = "lookup_http"
MODULE = "benchmarks.lookup_http"
PURPOSE = "licence_handling"
ITEMS = ["name", "sex", "ethnicity", "birth_date", "hukou_division", "hukou_address"]
ITEMS += ["insurance_status", "insured_employer"]
CONNECTIONS = (1, 16)
SECONDS = 10.0
WARM_UP = 1.0
ROUNDS = 5
PEOPLE = 5_000


@dataclass(frozen=True, slots=True)
class Case:
    """What one number of connections saw in all rounds; latencies in ms."""

    connections: int
    latencies: list[float]
    seconds: float

    def as_json(self) -> dict[str, object]:
        """Return the case as contract.md spells it."""
        cuts = statistics.quantiles(self.latencies, n=100)
        return {
            "name": "person_by_citizen_number",
            "connections": self.connections,
            "p50_ms": round(cuts[49], 3),
            "p95_ms": round(cuts[94], 3),
            "max_ms": round(max(self.latencies), 3),
            "calls_s": round(len(self.latencies) / self.seconds, 1),
            "baseline_p95_ms": None,
            "baseline_calls_s": None,
        }


def run(rows: int) -> None:
    """Prepare the view, serve it, and ask with each number of connections in turn."""
    with TemporaryDirectory(prefix="datong-bench-") as folder:
        home = Path(folder) / "home"
        prepared = in_a_process(MODULE, "prepare", str(home), str(rows))
        with running_api(home) as api:
            found = in_a_process(MODULE, "ask", str(api.port), prepared["key"], str(rows))
    Result(
        bench=NAME,
        scale=rows,
        ours_s=found["seconds"],
        bare_s=None,
        ratio=None,
        runs=ROUNDS,
        peak_rss_mb=prepared["peak_rss_mb"],
        result_hash_ours=prepared["content_hash"],
        result_hash_bare=None,
        more={"cases": found["cases"], "view_build_s": prepared["view_build_s"]},
    ).print()


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
        built = office.build_view("person").as_json()
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
            "content_hash": built["content_hash"],
            "view_build_s": round(seconds, 2),
            "peak_rss_mb": round(peak_rss_mb(), 1),
        }
    print(json.dumps(told))


def ask(port: str, key: str, rows: str) -> None:
    """Ask in alternated rounds; every answer must be a person with all granted cells."""
    numbers = sample_numbers(int(rows), PEOPLE)
    requests = [_request(number, key) for number in numbers]
    latencies: dict[int, list[float]] = {count: [] for count in CONNECTIONS}
    spent = dict.fromkeys(CONNECTIONS, 0.0)
    asyncio.run(_round(int(port), requests, max(CONNECTIONS), WARM_UP))
    for _ in range(ROUNDS):
        for count in CONNECTIONS:
            started = time.perf_counter()
            latencies[count] += asyncio.run(_round(int(port), requests, count, SECONDS / ROUNDS))
            spent[count] += time.perf_counter() - started
    cases = [Case(count, latencies[count], spent[count]).as_json() for count in CONNECTIONS]
    print(json.dumps({"seconds": round(sum(spent.values()), 2), "cases": cases}))


def _request(number: str, key: str) -> bytes:
    body = json.dumps({"scheme": "citizen", "number": number, "purpose": PURPOSE}).encode()
    head = (
        "POST /v1/persons/lookup HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _round(port: int, requests: list[bytes], connections: int, seconds: float) -> list[float]:
    until = time.perf_counter() + seconds
    share = [requests[place::connections] for place in range(connections)]
    found = await asyncio.gather(*(_connection(port, part, until) for part in share))
    return [latency for part in found for latency in part]


async def _connection(port: int, requests: list[bytes], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    latencies = []
    place = 0
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(requests[place % len(requests)])
        status, body = await _answer(reader)
        latencies.append((time.perf_counter() - started) * 1000)
        if status != 200 or b'"found":true' not in body.replace(b" ", b""):
            sys.exit(f"an answer was no person: {status} {body[:300]!r}")
        place += 1
    writer.close()
    await writer.wait_closed()
    return latencies


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    [length] = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    ]
    return status, await reader.readexactly(length)


if __name__ == "__main__":
    {"prepare": prepare, "ask": ask}[sys.argv[1]](*sys.argv[2:])
