"""A worker as a process of its own that, at a named step, dies, stands still, or waits for a file.

It takes a folder to write to, the step, what to do there, and the seconds of its hold on a job.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from api.bootstrap import open_services
from api.logs import configure_logs
from api.settings import load_settings
from api.worker import process
from api.worker.loop import Worker


def main(folder: str, step: str, action: str, ttl: str) -> None:
    place, fatal = Path(folder), step

    def on_step(reached: str) -> None:
        if reached != fatal or (place / "reached").exists():
            return
        (place / "reached").touch()
        if action == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if action == "stand":
            os.kill(os.getpid(), signal.SIGSTOP)
        while action == "wait" and not (place / "go").exists():
            time.sleep(0.02)

    settings = load_settings()
    configure_logs(settings.logs)
    services = replace(open_services(settings), on_step=on_step)
    seconds = timedelta(seconds=float(ttl))
    process.work(services, Worker(services, ttl=seconds, tasks=(), poll=0.05))


if __name__ == "__main__":
    main(*sys.argv[1:])
