"""The services of the compose file as plain processes: their own words, with other places.

Each word of a command, an environment or a health check stays as it is written, but for the places
in `places`: names of hosts, ports and folders of a container, which here are ports and folders of
this machine. Programs are found on a PATH, as in a container; `defaults` are variables that stand
for a place that no word names: the port of PostgreSQL.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deploy.composed import ROOT, each_text, interpolated, read
from tests.deploy.dockerfiles import entrypoint
from tests.servers.postgres import tether

PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Running:
    """The stack on one folder; services are started and stopped by their names."""

    folder: Path
    programs: list[Path]
    values: Mapping[str, str]
    places: Mapping[str, str]  # the longer of two that begin alike stands first
    defaults: Mapping[str, str]
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def service(self, name: str) -> dict[str, Any]:
        """A service with its places changed and its variables filled in."""

        # in one pass: what stands here may look like a place itself
        there = re.compile("|".join(map(re.escape, self.places)))

        def move(text: str) -> str:
            return there.sub(lambda found: self.places[found[0]], text)

        return dict(interpolated(each_text(read()["services"][name], move), self.values))

    def environment(self, name: str) -> dict[str, str]:
        """What its process finds in its environment: nothing of ours but where programs are."""
        path = os.pathsep.join([*map(str, self.programs), os.environ["PATH"]])
        kept = {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.folder)}
        return {**kept, **self.defaults, **self.service(name)["environment"]}

    def words(self, name: str) -> list[str]:
        """The image's entry point and the command."""
        service = self.service(name)
        return [*entrypoint(ROOT / service["build"]["dockerfile"]), *service["command"]]

    def run(self, name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Another command in the surroundings of a service: `docker compose exec NAME …`."""
        return subprocess.run(
            words,
            env={**self.environment(name), **environment},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def start(self, name: str, words: list[str] | None = None) -> None:
        """Start a service, and wait until its own health check finds it well."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                words or self.words(name),
                env=self.environment(name),
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.is_well(name):
            still = self._processes[name].poll() is None and time.monotonic() < deadline
            assert still, f"{name} is not well:\n{self.said(name)}"
            time.sleep(0.2)

    def is_well(self, name: str) -> bool:
        kind, *words = self.service(name)["healthcheck"]["test"]
        assert kind == "CMD"
        return self.run(name, *words).returncode == 0

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self, name: str) -> int:
        """Ask it to end, as `docker compose stop` does, and give its exit code."""
        process = self._processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=PATIENCE_SECONDS)

    def kill_all(self) -> None:
        """What a test that failed left behind."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()

    def make_database(self, data: Path, postgres: Path) -> list[str]:
        """What the entry point of the image `postgres` does on an empty volume; gives the words
        that then run the server: the image's own command, on our port.

        The role, the database and the passwords are made by the scripts of deploy/postgres.
        """
        service, surroundings = self.service("postgres"), self.environment("postgres")
        data.parent.chmod(0o777)  # root here becomes nobody, as PostgreSQL wants
        secret = self.folder / "secret"
        secret.write_text(service["environment"]["POSTGRES_PASSWORD"])
        arguments = shlex.split(service["environment"]["POSTGRES_INITDB_ARGS"])
        made = [*tether(), str(postgres / "initdb"), "--username=postgres", f"--pwfile={secret}"]
        subprocess.run(
            [*made, *arguments, "--no-sync", f"--pgdata={data}"], check=True, capture_output=True
        )
        # who comes from another container gives a password; so must we, who come from this machine
        hba = "local all all trust\nhost all all all scram-sha-256\n"
        (data / "pg_hba.conf").write_text(hba)
        server = [*tether(), str(postgres / "postgres"), "-D", str(data)]
        sockets = ["-c", f"unix_socket_directories={data.parent}"]
        here = {**surroundings, "PGHOST": str(data.parent)}
        first = subprocess.Popen(
            [*server, *sockets, "-c", "listen_addresses="], env=here, stderr=subprocess.DEVNULL
        )
        try:
            ready = [postgres / "pg_isready", "--username=postgres", "--quiet"]
            deadline = time.monotonic() + PATIENCE_SECONDS
            while subprocess.run(ready, env=here, check=False).returncode != 0:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            [scripts] = [
                volume["source"] for volume in service["volumes"] if isinstance(volume, dict)
            ]
            for script in sorted((ROOT / scripts).glob("*.sh")):
                subprocess.run([script], env=here, check=True, capture_output=True)
        finally:
            first.send_signal(signal.SIGINT)
            assert first.wait(timeout=PATIENCE_SECONDS) == 0
        return [*server, *sockets, "-c", "listen_addresses=127.0.0.1"]


def own_programs() -> Path:
    """Where `datong` and `python` are: the environment that the tests run in."""
    return Path(sys.executable).parent
