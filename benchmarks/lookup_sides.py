"""The two servers that are asked for persons: ours, as an operator starts it, and the baseline."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.lookup_baseline import URL
from benchmarks.result import ROOT
from tests.servers.ports import free_ports

_SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two servers: where it listens, and what its processes spend."""

    name: str
    port: int
    process: psutil.Process

    def cpu_s(self) -> float:
        """CPU seconds of all its processes so far."""
        spent = 0.0
        for each in (self.process, *self.process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                spent += times.user + times.system
        return spent

    def answer(self, request: str) -> bytes:
        """The body of one answer, over a connection of its own."""
        asked = request.replace("\r\nHost:", "\r\nConnection: close\r\nHost:", 1)
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as conn:
            conn.sendall(asked.encode())
            text = b"".join(iter(lambda: conn.recv(65536), b""))
        return text.split(b"\r\n\r\n", 1)[1]


@contextmanager
def our_side(home: Path, workers: int) -> Iterator[Side]:
    """`datong serve` on a home; nothing is delivered meanwhile, so no worker is needed."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "api.cli", "serve", "--no-worker"]
    command += ["--port", str(port), "--workers", str(workers)]
    with _running("ours", port, command, {"DATONG_HOME": str(home)}) as side:
        yield side


@contextmanager
def baseline_side(dsn: str, workers: int) -> Iterator[Side]:
    """The baseline on as many processes."""
    [port] = free_ports(1)
    command = [sys.executable, "-m", "benchmarks.lookup_baseline", str(port), str(workers)]
    with _running("baseline", port, command, {URL: dsn}) as side:
        yield side


@contextmanager
def _running(
    name: str, port: int, command: list[str], environment: Mapping[str, str]
) -> Iterator[Side]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _wait(process, port)
        yield Side(name, port, psutil.Process(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            time.sleep(1.0)  # every process of it, not the first alone
            return
        time.sleep(0.05)
    sys.exit(f"{process.args!r} did not start: {process.communicate()[1][-2000:]!r}")
