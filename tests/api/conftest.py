"""One prepared home and one running server for all tests of the application layer."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from api.bootstrap import Services, open_services
from api.cli.main import main
from api.http.app import create_app
from api.logs import configure_logs
from api.settings import load_settings
from tests.api.makers import World, make_world
from tests.api.working import working


def services_at(home: Path) -> Services:
    return open_services(load_settings({"DATONG_HOME": str(home), "DATONG_THREADS": "2"}))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A small world, shared: a test that changes it uses names of its own."""
    services = services_at(tmp_path_factory.mktemp("home"))
    yield make_world(services)
    services.close()


@contextmanager
def served(services: Services) -> Iterator[str]:
    """The real application under uvicorn, in a thread; gives its address."""
    configure_logs(services.settings.logs)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(services), log_config=None, access_log=False)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not running.started and thread.is_alive():
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=20)
    listening.close()


@pytest.fixture(scope="session")
def server(world: World) -> Iterator[str]:
    """The application with a worker beside it."""
    with served(world.services) as address, working(world.services):
        yield address


@pytest.fixture(scope="session")
def http(server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=30) as client:
        yield client


@pytest.fixture
def keyed(world: World) -> Callable[[str], dict[str, str]]:
    """The header that names an account of the world."""

    def header(account: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {world.keys[account]}"}

    return header


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str


Datong = Callable[..., Ran]


@pytest.fixture
def datong(world: World, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Datong:
    """Run a command on the world's home, in this process."""
    monkeypatch.setenv("DATONG_HOME", str(world.services.settings.home))
    for name in ("DATONG_KEY", "DATONG_DATABASE_URL", "DATONG_LAKE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        streams = capfd.readouterr()
        return Ran(int(ended.value.code or 0), streams.out, streams.err)

    return run


@pytest.fixture
def document(tmp_path: Path) -> Any:
    """Write a document to a file and give its path."""

    def write(content: dict[str, Any], name: str = "document.yaml") -> str:
        path = tmp_path / name
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return str(path)

    return write
