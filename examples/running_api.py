"""Starts the real API as a program of its own, asks it over HTTP, and stops it again."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

_SECONDS_TO_START = 60
_SECONDS_TO_STOP = 15


class ApiDidNotStart(Exception):
    """`datong serve` ended, or gave no port in time."""

    def __init__(self, log: Path) -> None:
        super().__init__(log)
        self.log = log

    def __str__(self) -> str:
        return f"接口服务未能启动，见 {self.log} / the API did not start, see {self.log}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API answered: the status, the document, and how long it took."""

    status: int
    document: dict[str, Any]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class RunningApi:
    """A served home; numbers travel in the body, the key in a header."""

    host: str
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str, *, key: str | None = None) -> Reply:
        return self._ask("GET", path, None, key)

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> Reply:
        return self._ask("POST", path, body, key)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None, key: str | None) -> Reply:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        started = time.perf_counter()
        connection = HTTPConnection(self.host, self.port, timeout=30)
        try:
            payload = None if body is None else json.dumps(body).encode()
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            document = json.loads(response.read())
        finally:
            connection.close()
        return Reply(response.status, document, (time.perf_counter() - started) * 1000)


@contextmanager
def running_api(home: Path, *options: str) -> Iterator[RunningApi]:
    """`datong serve --port 0 --port-file F …` on a home, ended when the block is left."""
    port_file, log = home / "demo.port", home / "logs" / "demo-serve.log"
    port_file.unlink(missing_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [*_datong(), "serve", "--port", "0", "--port-file", str(port_file), *options]
    environment = {**os.environ, "DATONG_HOME": str(home)}
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield RunningApi("127.0.0.1", _port(process, port_file, log), process.pid)
    finally:
        _stop(process)
        port_file.unlink(missing_ok=True)


def _datong() -> list[str]:
    script = Path(sys.executable).with_name("datong")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "from api.cli.main import main; main()"]


def _port(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> int:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        text = port_file.read_text(encoding="ascii").strip() if port_file.exists() else ""
        if text.isdecimal():
            return int(text)
        time.sleep(0.05)
    raise ApiDidNotStart(log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
