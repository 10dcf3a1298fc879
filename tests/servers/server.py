"""A server of tests: a process on a folder and ports of its own, which may go away and return."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import urllib3

from lake.location import StoreLocation

START_SECONDS = 60


@dataclass
class S3Server:
    """An S3 server; `with` runs it, `stop()` and `start()` take it away and bring it back.

    Started again it has the same folder, ports, keys and data. RuntimeError if it does not
    come up.
    """

    name: str
    location: StoreLocation
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path
    ready_path: str
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process that runs now, if one does."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start and wait until it answers; nothing to do where it runs."""
        if self._process is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as out:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_up(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Kill it: it has no chance to tidy up, as in an accident."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    @property
    def _log(self) -> Path:
        return self.folder / "log.txt"

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        url = f"http://{self.location.endpoint}{self.ready_path}"
        deadline = time.monotonic() + START_SECONDS
        with urllib3.PoolManager(retries=False, timeout=2) as client:
            while time.monotonic() < deadline and process.poll() is None:
                try:
                    if client.request("GET", url).status == 200:
                        return
                except urllib3.exceptions.HTTPError:
                    pass
                time.sleep(0.1)
        said = self._log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"{self.name} did not come up:\n{said}")
