"""A check beside work that goes on leaves it alone, and takes up what nobody is at any more."""

from __future__ import annotations

import socket
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog import jobs, workers
from catalog import leases as lease_rows
from catalog.database import Database
from catalog.jobs import JobKind, JobState
from catalog.tables import deliveries as delivery_table
from catalog.tables import jobs as job_table
from catalog.tables import leases as lease_table
from ingest.steps import Step
from ingest.writer import is_gone, this_process
from tests.ingest.drops import KEY, a_manifest, an_inbox
from tests.ingest.office import Office, a_csv, a_number, a_person
from tests.ingest.spoiling import BUCKET, Checked, cut, flip, settle

ROWS = a_csv(a_person(7), a_person(8, birth_date="2024-02-30"))
LATER = datetime(2026, 11, 9, tzinfo=UTC)


class PowerCut(BaseException):
    """The process ends here: no handler of errors sees it."""


@pytest.fixture
def checked(office: Office, tmp_path: Path) -> Checked:
    return settle(office, tmp_path)


def a_dead_holder() -> str:
    ended = subprocess.Popen(["true"])
    ended.wait()
    holder = f"{socket.gethostname()}/{ended.pid}/1/1"
    assert is_gone(holder)
    return holder


def cut_off_at(checked: Checked, database: Database, step: Step) -> None:
    """Deliver up to a step, as a process does that is killed there."""

    def stop(reached: Step) -> None:
        if reached is step:
            raise PowerCut

    office = Office(replace(checked.office.intake, on_step=stop), checked.office.people)
    with pytest.raises(PowerCut):
        office.deliver(ROWS, data_time=LATER)
    gone = a_dead_holder()
    with database.transaction() as conn:
        for table in (job_table, lease_table):
            held = table.c.holder.is_not(None)
            conn.execute(sa.update(table).where(held).values(holder=gone))
    checked.office.let_pass(timedelta(minutes=2))


def newest(database: Database) -> tuple[str, str]:
    query = sa.select(delivery_table.c.delivery_id, delivery_table.c.state)
    with database.reading() as conn:
        row = conn.execute(query.order_by(delivery_table.c.delivery_id.desc()).limit(1)).one()
    return row[0], row[1]


CUT_OFF = [
    Step.DELIVERY_REGISTERED,
    Step.RAW_KEPT,
    Step.JOB_CLAIMED,
    Step.QUARANTINE_WRITTEN,
    Step.ROWS_STAGED,
    Step.ROWS_COMMITTED,
    Step.REPORT_WRITTEN,
]


@pytest.mark.parametrize("step", CUT_OFF)
def test_a_delivery_that_nobody_is_at_is_brought_to_its_verdict(
    checked: Checked, database: Database, step: Step
) -> None:
    cut_off_at(checked, database, step)
    found = checked.fsck(dry_run=True)
    [finding] = found["unfinished"]
    assert (finding["kind"], finding["about"]) == ("delivery", newest(database)[0])
    assert len(checked.named(dry_run=True)) == 1
    [(group, kind, _)] = checked.named()
    assert (group, kind) == ("repaired", "delivery")
    assert newest(database)[1] == "loaded"
    assert (a_number(7),) in checked.office.table(select="id_number")
    assert checked.named() == []


def delivering_slowly(checked: Checked) -> tuple[threading.Event, threading.Thread]:
    """A delivery that waits with its rows staged, until the event is set."""
    reached, go_on = threading.Event(), threading.Event()

    def pause(step: Step) -> None:
        if step is Step.ROWS_STAGED:
            reached.set()
            assert go_on.wait(60)

    slow = Office(replace(checked.office.intake, on_step=pause), checked.office.people)
    delivering = threading.Thread(target=slow.deliver, args=(ROWS,), kwargs={"data_time": LATER})
    delivering.start()
    assert reached.wait(60)
    return go_on, delivering


def test_a_delivery_that_a_living_process_is_at_is_no_finding(checked: Checked) -> None:
    go_on, delivering = delivering_slowly(checked)
    try:
        assert checked.named() == []
    finally:
        go_on.set()
        delivering.join()
    assert (a_number(7),) in checked.office.table(select="id_number")
    assert checked.named() == []


def test_a_delivery_that_is_committed_while_the_check_runs_is_no_finding(
    checked: Checked,
) -> None:
    """Its rows lie there when the bucket is listed; its commit comes after the table was read."""
    go_on, delivering = delivering_slowly(checked)

    def let_it_end(stage: str, done: float | None) -> None:
        if "leftovers" in stage and not go_on.is_set():
            go_on.set()
            delivering.join()

    office = Office(replace(checked.office.intake, progress=let_it_end), checked.office.people)
    try:
        assert replace(checked, office=office).named() == []
        assert go_on.is_set()
    finally:
        go_on.set()
        delivering.join()
    assert (a_number(7),) in checked.office.table(select="id_number")
    assert checked.named() == []


def test_a_delivery_without_a_job_is_queued_for_the_worker_that_is_there(
    checked: Checked, database: Database
) -> None:
    cut_off_at(checked, database, Step.RAW_KEPT)
    with database.transaction() as conn:
        conn.execute(sa.delete(job_table).where(job_table.c.state == JobState.QUEUED))
        workers.seen(conn, this_process(), checked.office.intake.clock.now(), standby=False)
    assert [named[:2] for named in checked.named()] == [("repaired", "delivery")]
    delivery_id, state = newest(database)
    assert state == "received"
    with database.reading() as conn:
        job = jobs.of_subject(conn, JobKind.DELIVERY, delivery_id)
    assert job is not None
    assert job.state is JobState.QUEUED
    assert checked.named() == []


def test_a_build_whose_worker_died_is_queued_again(checked: Checked, database: Database) -> None:
    now, gone = checked.office.intake.clock.now(), a_dead_holder()
    with database.transaction() as conn:
        job = jobs.enqueue(
            conn,
            job_id=checked.office.intake.ids.new(),
            kind=JobKind.VIEW,
            subject="person",
            lane="view:person",
            department_id="gongan",
            account="clerk",
            now=now,
        )
        jobs.claim(conn, gone, now, timedelta(minutes=1), gone=lambda _: False)
    assert checked.named(dry_run=True) == [("unfinished", "job", job.job_id)]
    assert checked.named() == [("repaired", "job", job.job_id)]
    with database.reading() as conn:
        assert jobs.require(conn, job.job_id).state is JobState.QUEUED
    assert checked.named() == []


def test_what_a_writer_has_just_written_is_no_finding(checked: Checked, database: Database) -> None:
    now = checked.office.intake.clock.now()
    checked.add("curated/household/g1/metadata/0-m0.avro")
    with database.transaction() as conn:
        lease_rows.acquire(conn, "table:household", this_process(), now, timedelta(minutes=1))
    assert checked.named() == []
    checked.office.let_pass(timedelta(minutes=2))
    [named] = checked.named()
    assert named[:2] == ("orphans", "metadata")


def test_what_a_dropped_file_left_behind_is_known_and_checked(
    office: Office, tmp_path: Path
) -> None:
    """Its answer under its own name, the manifest as it came, and the answer to a second drop."""
    inbox = an_inbox(office)
    inbox.put(f"{KEY}.manifest.json", a_manifest(rows=3))
    inbox.put()
    delivery = inbox.take()
    inbox.put("incoming/household/again.csv")
    inbox.put("incoming/household/again.csv.manifest.json", a_manifest(rows=3))
    inbox.look()
    checked = replace(settle(inbox.office, tmp_path), office=inbox.office)
    assert checked.named() == []
    received = checked.key(f"raw/household/{delivery.delivery_id}/manifest.received")
    content = checked.read(received)
    checked.write(received, flip(content))
    assert checked.named() == [("changed", "manifest", received)]
    checked.write(received, content)
    answer = "receipts/_incoming/household/hukou.csv.json"
    told = checked.read(answer)
    checked.office.intake.store.remove(BUCKET, answer)
    assert checked.named() == [("repaired", "receipt", answer)]
    assert checked.read(answer) == told
    checked.write(answer, cut(told))
    assert checked.named() == [("repaired", "receipt", answer)]
    assert checked.named() == []


def test_what_failed_again_is_in_the_log_with_the_place_and_is_left_to_do(
    checked: Checked, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    cut_off_at(checked, database, Step.RAW_KEPT)

    def fail(reached: Step) -> None:
        if reached is Step.ROWS_CHECKED:
            raise ZeroDivisionError("inner workings")

    failing = replace(
        checked, office=Office(replace(checked.office.intake, on_step=fail), checked.office.people)
    )
    [finding] = failing.fsck()["unfinished"]
    assert (finding["kind"], finding["about"]) == ("delivery", newest(database)[0])
    assert "ZeroDivisionError" in finding["en"]
    assert "inner" not in finding["en"] + finding["zh"]
    [record] = [each for each in caplog.records if each.name == "ingest.fsck.unfinished"]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
