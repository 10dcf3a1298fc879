"""Workers as an operator starts them, and their ends."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from benchmarks.kill_storm.reader import Store

AT_WORK = 0.75
MOST_SECONDS = 1.0
PATIENCE = 20.0
_HELD = "SELECT job_id, kind, stage FROM jobs WHERE state = 'running' AND holder LIKE %s"


@dataclass(slots=True)
class Workers:
    """So many `datong worker` processes; a killed one is started anew at once."""

    environment: Mapping[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int) -> None:
        """Start so many."""
        self.running = [self._one() for _ in range(count)]

    def kill(self, place: int) -> int:
        """SIGKILL one; answers its process number, which its successor does not have."""
        process = self.running[place]
        process.send_signal(signal.SIGKILL)
        process.wait()
        return process.pid

    def replace(self, place: int) -> None:
        """Start one in the place of a killed one."""
        self.running[place] = self._one()

    def stop(self) -> None:
        """End all of them as an operator would."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(60)

    def _one(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", "api.cli", "worker"],
                env={**os.environ, **self.environment},
                stdout=out,
                stderr=out,
            )


@dataclass(slots=True)
class Killer:
    """Kills a worker at random moments and writes down when, which, and at what work."""

    workers: Workers
    store: Store
    random: random.Random
    out: IO[str]
    started: float = field(default_factory=time.monotonic)
    kills: int = 0
    in_a_job: int = 0

    def kill_one(self) -> None:
        """Kill a worker at a random moment, three times in four one at work; see what it was at."""
        busy = self._wait_for_work() if self.random.random() < AT_WORK else []
        time.sleep(self.random.uniform(0.0, MOST_SECONDS))
        busy = [place for place in busy if self._held(self.workers.running[place].pid)]
        place = self.random.choice(busy or range(len(self.workers.running)))
        pid = self.workers.running[place].pid
        before = self._held(pid)
        self.workers.kill(place)
        # What it still holds after its death it was at when it died. Others may have taken a job
        # over in the milliseconds between: what it held just before counts unless it is done.
        held = self._held(pid) or [job for job in before if not self._ended(job[0])]
        self.workers.replace(place)
        self.kills += 1
        self.in_a_job += bool(held)
        self._write(pid, held)

    def _wait_for_work(self) -> list[int]:
        """The workers that hold a job, once there is one; a slow machine needs a while to start."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            running = enumerate(self.workers.running)
            busy = [place for place, process in running if self._held(process.pid)]
            if busy:
                return busy
            time.sleep(0.02)
        return []

    def _held(self, pid: int) -> list[tuple[Any, ...]]:
        return self.store.register(_HELD, f"%/{pid}/%")

    def _ended(self, job_id: str) -> bool:
        query = "SELECT state FROM jobs WHERE job_id = %s"
        return self.store.register(query, job_id) == [("done",)]

    def _write(self, pid: int, held: list[tuple[Any, ...]]) -> None:
        line = {
            "kill": self.kills,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "second": round(time.monotonic() - self.started, 3),
            "pid": pid,
            "held": [dict(zip(("job", "kind", "stage"), job, strict=True)) for job in held],
        }
        self.out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.out.flush()
