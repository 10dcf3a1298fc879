"""A process of its own that takes what was dropped and kills itself at a named step."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from catalog.clock import ManualClock, SystemClock
from catalog.database import open_database
from ingest.dropped import Watch, ready, take
from ingest.steps import Step
from tests.e2e.deliver_and_die import a_location
from tests.ingest.office import an_intake


def main(database: str, home: str, lake: str, step: str) -> None:
    fatal = Step(step)

    def die_at(reached: Step) -> None:
        if reached is fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = ManualClock(SystemClock().now() + timedelta(seconds=10))
    opened = an_intake(open_database(database), a_location(lake), Path(home))
    intake, watch = replace(opened, on_step=die_at, clock=clock), Watch()
    list(ready(intake, watch, "gongan"))
    clock.advance(timedelta(seconds=2))
    for file in ready(intake, watch, "gongan"):
        take(intake, file, on_taken=lambda _: None)


if __name__ == "__main__":
    main(*sys.argv[1:])
