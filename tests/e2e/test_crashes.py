"""A process killed at any step loses no row and doubles none: a restart finishes or undoes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database
from catalog.tables import deliveries
from ingest.steps import Step
from lake.location import LocationKind, StoreLocation
from tests.ingest.conftest import database, office, office_on_s3, template
from tests.ingest.office import Office, a_csv, a_number, a_person, recover

__all__ = ["database", "office", "office_on_s3", "template"]

ROOT = Path(__file__).parents[2]
ROWS = [a_person(1), a_person(2), a_person(3, birth_date="2024-02-30"), a_person(4)]


def kill_at(office: Office, database: Database, home: Path, step: Step) -> bytes:
    """Deliver in a process that dies at the step; fails where the step is never reached."""
    content = a_csv(*ROWS).encode()
    file = home / "hukou.csv"
    file.write_bytes(content)
    die_at(office, database, home, step, str(file))
    return content


def die_at(office: Office, database: Database, home: Path, step: Step, *what: str) -> None:
    """Deliver a file, `what` says it and its resource, in a process that is killed at the step."""
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.e2e.deliver_and_die", url, str(home)]
    ended = subprocess.run(
        [*command, as_words(office.intake.location), step.value, *what],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def as_words(location: StoreLocation) -> str:
    if location.kind is LocationKind.FOLDER:
        return f"folder {location.root}"
    return f"s3 {location.endpoint} {location.access_key} {location.secret_key}"


def registered(database: Database) -> Sequence[sa.Row[tuple[str, str, int, int, int]]]:
    """Read the register by plain SQL."""
    columns = (deliveries.c.state, deliveries.c.rows_in, deliveries.c.accepted)
    query = sa.select(deliveries.c.delivery_id, *columns, deliveries.c.quarantined)
    with database.reading() as conn:
        return conn.execute(query.order_by(deliveries.c.delivery_id)).all()  # type: ignore[return-value]


def nothing_is_lost_or_doubled(office: Office, database: Database, content: bytes) -> None:
    """Deliver once more, as a department would, and look with an independent reader."""
    again = office.deliver(content, data_time=_data_time())
    assert (again.state, again.rows_in, again.accepted, again.quarantined) == ("loaded", 4, 3, 1)
    [only] = registered(database)
    assert tuple(only)[1:] == ("loaded", 4, 3, 1)
    rows = office.table(select="id_number, _delivery, _row")
    assert rows == [(a_number(n), again.delivery_id, n) for n in (1, 2, 4)]
    kept = [data for key, data in office.raw_files().items() if not key.endswith(".json")]
    assert kept == [content]
    assert list(office.intake.store.list("dept-gongan", "staging/")) == []
    assert [told["rule"] for told in office.violations(again)] == ["type.date"]
    receipt = f"receipts/household/{again.delivery_id}.json"
    assert office.intake.store.stat("dept-gongan", receipt) is not None


def _data_time() -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC)


# what comes before is no delivery yet, a dropped file takes two steps more, a kept file another
ON_OTHER_ROADS = {Step.DROP_FOUND, Step.BYTES_STAGED, Step.DROP_REMOVED, Step.FILE_JUDGED}
AFTER_REGISTRATION = [step for step in Step if step not in ON_OTHER_ROADS]
ENDED = {Step.RESULT_RECORDED, Step.JOB_ENDED}


@pytest.mark.parametrize("step", AFTER_REGISTRATION)
def test_a_restart_finishes_what_a_kill_cut_off(
    office: Office, database: Database, tmp_path: Path, step: Step
) -> None:
    content = kill_at(office, database, tmp_path, step)
    recovered = recover(office.intake)
    assert len(recovered.finished) == (0 if step in ENDED else 1)
    nothing_is_lost_or_doubled(office, database, content)


def test_staged_bytes_without_a_delivery_are_cleared_after_a_day(
    office: Office, database: Database, tmp_path: Path
) -> None:
    content = kill_at(office, database, tmp_path, Step.BYTES_STAGED)
    assert registered(database) == []
    [left] = office.intake.store.list("dept-gongan", "staging/")
    assert recover(office.intake).removed == 0
    age_by_two_days(office, left.key)
    assert recover(office.intake).removed == 1
    nothing_is_lost_or_doubled(office, database, content)


@pytest.mark.parametrize("step", [Step.RAW_KEPT, Step.ROWS_STAGED, Step.ROWS_COMMITTED])
def test_the_same_on_a_real_s3_server(
    office_on_s3: Office, database: Database, tmp_path: Path, step: Step
) -> None:
    before = set(office_on_s3.raw_files())
    content = kill_at(office_on_s3, database, tmp_path, step)
    assert len(recover(office_on_s3.intake).finished) == 1
    again = office_on_s3.deliver(content, data_time=_data_time())
    assert (again.rows_in, again.accepted, again.quarantined) == (4, 3, 1)
    rows = office_on_s3.table(select="id_number, _delivery, _row")
    assert rows == [(a_number(n), again.delivery_id, n) for n in (1, 2, 4)]
    new = set(office_on_s3.raw_files()) - before
    assert len([key for key in new if not key.endswith(".json")]) == 1


def test_a_delivery_that_a_living_process_is_at_is_left_to_it(office: Office) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def pause(step: Step) -> None:
        if step is Step.ROWS_CHECKED:
            reached.set()
            assert go_on.wait(30)

    slow = Office(replace(office.intake, on_step=pause), office.people)
    worker = threading.Thread(target=slow.deliver, args=(a_csv(*ROWS),))
    worker.start()
    assert reached.wait(30)
    recovered = recover(office.intake)
    go_on.set()
    worker.join()
    assert (len(recovered.finished), len(recovered.left)) == (0, 1)
    assert len(office.table()) == 3


def age_by_two_days(office: Office, key: str) -> None:
    path = office.intake.store.local_path("dept-gongan", key)
    assert path is not None
    moment = office.intake.clock.now().timestamp() - 2 * 86_400
    os.utime(path, (moment, moment))
