"""A worker as a process of its own that kills itself, by SIGKILL, when it first passes a step.

It is `datong worker` in everything else: jobs, housekeeping, leases and heartbeats.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace

from api.bootstrap import open_services
from api.logs import configure_logs
from api.settings import load_settings
from api.worker import process
from api.worker.loop import Worker


def main(step: str) -> None:
    def die_at(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    settings = load_settings()
    configure_logs(settings.logs)
    services = replace(open_services(settings), on_step=die_at)
    process.work(services, Worker(services))


if __name__ == "__main__":
    main(*sys.argv[1:])
