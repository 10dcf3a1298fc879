"""`datong serve` and the worker beside it: it is there, it comes back, it ends with its server."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.makers import GOOD_FILE, RESOURCE
from tests.api.test_worker import Place, a_place, environment_for, until

URL = f"/v1/resources/{RESOURCE}/deliveries"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with a_place(tmp_path / "home", environment_for(tmp_path / "home", None)) as made:
        yield made


def serve(place: Place, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    port_file = place.home / "port"
    port_file.unlink(missing_ok=True)
    process = place.start(
        "api.cli", "serve", "--port", "0", "--port-file", str(port_file), *options
    )
    until(lambda: port_file.exists() or process.poll() is not None)
    return process, f"http://127.0.0.1:{port_file.read_text().strip()}"


def send(place: Place, address: str, day: int) -> httpx.Response:
    return httpx.post(
        address + URL,
        content=GOOD_FILE,
        params={"mode": "full", "data-time": f"2026-08-{day:02d}"},
        headers={"Authorization": f"Bearer {place.world.keys['gongan-clerk']}"},
        timeout=60,
    )


def pids(place: Place) -> set[int]:
    return {int(worker.split("/")[1]) for worker in place.alive()}


@pytest.mark.parametrize("processes", ["1", "2"])
def test_an_upload_is_loaded_by_the_worker_of_the_server(place: Place, processes: str) -> None:
    server, address = serve(place, "--workers", processes)
    answer = send(place, address, 1)
    assert (answer.status_code, answer.json()["accepted"]) == (201, 2)
    until(place.alive)
    [worker] = pids(place)
    assert worker != server.pid
    os.kill(worker, signal.SIGKILL)
    until(lambda: pids(place) - {worker}, "it did not come back")
    assert send(place, address, 2).status_code == 201
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0
    until(lambda: pids(place) <= {worker})


def test_a_worker_does_not_outlive_a_server_that_was_killed(place: Place) -> None:
    server, _ = serve(place)
    until(place.alive)
    server.kill()
    server.wait()
    until(lambda: place.alive() == [])


def test_a_server_without_a_worker_leaves_the_work_to_another(place: Place) -> None:
    left = place.deliver()
    server, address = serve(place, "--no-worker")
    until(lambda: httpx.get(f"{address}/healthz").status_code == 200)
    assert place.alive() == []
    assert place.shown(left).state == "received"
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=30) == 0
