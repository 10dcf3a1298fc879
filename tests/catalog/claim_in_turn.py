"""A process of its own that claims jobs until none is left, and proves that each was its alone."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from catalog import jobs
from catalog.database import open_database
from catalog.jobs import JobState
from catalog.tables import jobs as table
from tests.catalog.makers import NOON


def main(url: str, log: str) -> None:
    database = open_database(url)
    holder = f"process-{os.getpid()}"
    running = sa.select(sa.func.count(), sa.func.count(table.c.lane.distinct())).where(
        table.c.state == JobState.RUNNING
    )
    with Path(log).open("w", encoding="ascii") as out:
        while True:
            with database.transaction() as conn:
                job = jobs.claim(conn, holder, NOON, timedelta(hours=1), gone=lambda _: False)
            if job is None:
                with database.reading() as conn:
                    if not jobs.list_jobs(conn, states=jobs.LIVE):
                        break
                time.sleep(0.005)
                continue
            with database.reading() as conn:
                at_work, lanes = conn.execute(running).one()
            assert at_work == lanes, "two jobs of one lane at a time"
            time.sleep(random.random() / 100)
            with database.transaction() as conn:
                jobs.finish(conn, job, NOON)
            out.write(f"{holder} {job.job_id}\n")
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
