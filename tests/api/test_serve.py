"""`datong serve` as a process: it says where it is, answers, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.usecases.setup import initialise
from tests.api.conftest import services_at


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("served")
    services = services_at(path)
    initialise(services, None)
    services.close()
    return path


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    port_file = home / "port"
    port_file.unlink(missing_ok=True)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "api.cli",
            "serve",
            "--port",
            "0",
            "--port-file",
            str(port_file),
            *options,
        ],
        env={**os.environ, "DATONG_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 30
        while not port_file.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        with httpx.Client(base_url=f"http://127.0.0.1:{port_file.read_text()}".strip()) as client:
            client.timeout = httpx.Timeout(30)
            yield client, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def run_serve(home: Path, port: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "serve", "--port", port],
        env={**os.environ, "DATONG_HOME": str(home), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_server_says_its_address_answers_and_ends_when_told(home: Path) -> None:
    with serving(home, "--workers", "2") as (client, process):
        port = client.base_url.port
        assert [client.get("/healthz").status_code for _ in range(5)] == [200] * 5
        assert client.get("/openapi.json").json()["info"]["title"] == "大同 Datong"
        taken = run_serve(home, str(port))
    out, err = process.communicate()
    assert f"http://127.0.0.1:{port}" in out
    assert err == ""
    assert taken.returncode == 1
    assert str(port) in taken.stderr
    assert "Traceback" not in taken.stderr


def test_ctrl_c_is_an_orderly_end(home: Path) -> None:
    with serving(home) as (client, process):
        assert client.get("/healthz").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    assert process.communicate()[1] == ""


def test_a_home_that_was_never_prepared_is_not_served(tmp_path: Path) -> None:
    ran = run_serve(tmp_path / "new", "0")
    assert ran.returncode == 1
    assert "datong init" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("setting", ["DATONG_DATABASE_URL", "DATONG_AUDIT_URL"])
def test_without_its_databases_it_says_which_is_away_and_what_to_do(
    home: Path, setting: str
) -> None:
    url = "postgresql://somebody:hidden-word@127.0.0.1:1/datong"
    ran = run_serve(home, "0", **{setting: url})
    assert (ran.returncode, ran.stdout) == (1, "")
    zh, en = ran.stderr.splitlines()
    for sentence in (zh, en):
        assert "127.0.0.1:1/datong" in sentence
        assert "datong doctor" in sentence
    assert "没有应答" in zh
    assert "does not answer" in en
    logs = "".join(path.read_text(encoding="utf-8") for path in (home / "logs").iterdir())
    assert "hidden-word" not in ran.stderr + logs
