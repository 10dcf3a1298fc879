"""SeaweedFS: an S3 server that comes from PyPI and runs everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from lake.location import StoreLocation
from tests.servers.ports import free_ports

_START_SECONDS = 60


def find_weed() -> str | None:
    """The program beside this Python, else the one on the path."""
    beside_python = Path(sys.executable).parent / "weed"
    return str(beside_python) if beside_python.exists() else shutil.which("weed")


@contextmanager
def running_weed(program: str, folder: Path) -> Iterator[StoreLocation]:
    """Run the server on a folder until the block ends."""
    log = folder / "log.txt"
    ports = free_ports(_PORTS_NEEDED)
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
