"""A process of its own that delivers one file and kills itself, by SIGKILL, at a named step."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from catalog.database import open_database
from ingest.deliver import deliver
from ingest.steps import Step
from lake.location import StoreLocation
from tests.ingest.office import a_request, an_intake


def main(
    database: str, home: str, lake: str, step: str, file: str, resource: str = "household"
) -> None:
    fatal = Step(step)

    def die_at(reached: Step) -> None:
        if reached is fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    intake = replace(
        an_intake(open_database(database), a_location(lake), Path(home)), on_step=die_at
    )
    with Path(file).open("rb") as stream:
        request = a_request(
            resource=resource,
            file_name=Path(file).name,
            data_time=datetime(2026, 11, 2, tzinfo=UTC),
        )
        deliver(intake, request, stream)


def a_location(lake: str) -> StoreLocation:
    """Read `folder PATH` or `s3 ENDPOINT ACCESS SECRET`."""
    kind, *rest = lake.split(" ")
    return StoreLocation.folder(Path(rest[0])) if kind == "folder" else StoreLocation.s3(*rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
