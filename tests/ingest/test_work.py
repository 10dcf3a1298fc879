"""What becomes of a delivery's job: whose failures are counted, and how it is cancelled."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from catalog import deliveries, jobs
from catalog.clock import ManualClock
from catalog.deliveries import Delivery, DeliveryState
from catalog.job_errors import JobLost, JobNotCancellable
from catalog.jobs import Job, JobKind, JobState
from ingest.deliver import register
from ingest.failures import is_away, told
from ingest.intake import Intake
from ingest.recover import ADOPTED_AFTER, adopt
from ingest.steps import Step
from ingest.work import MAX_DEATHS, MAX_FAILURES, cancel_delivery, do_delivery, take
from lake.errors import StoreUnavailable
from tests.ingest.office import Office, a_csv, a_person, a_request

ROWS = a_csv(a_person(1), a_person(2))
LATER = datetime(2026, 11, 2, tzinfo=UTC)


def registered(office: Office, **facts: object) -> Delivery:
    return register(office.intake, a_request(**facts), io.BytesIO(ROWS.encode()))


def job_of(office: Office, delivery: Delivery) -> Job:
    with office.intake.database.reading() as conn:
        found = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
    assert found is not None
    return found


def current(office: Office, delivery: Delivery) -> Delivery:
    with office.intake.database.reading() as conn:
        return deliveries.require(conn, delivery.delivery_id)


def taken(office: Office, delivery: Delivery) -> Job:
    job = take(office.intake, delivery)
    assert job is not None
    return job


def at(office: Office, step: Step, do: Callable[[], object]) -> Intake:
    """The same intake, in which something happens at a step."""

    def on_step(reached: Step) -> None:
        if reached is step:
            do()

    return replace(office.intake, on_step=on_step)


def test_a_registered_delivery_waits_in_the_queue(office: Office) -> None:
    delivery = registered(office)
    job = job_of(office, delivery)
    assert (job.state, job.lane, job.account) == (JobState.QUEUED, "table:household", "clerk")
    assert job.department_id == "gongan"
    steps: list[Step] = []
    done = do_delivery(replace(office.intake, on_step=steps.append), taken(office, delivery))
    assert done.accepted == 2
    assert (steps[0], steps[-2:]) == (Step.JOB_CLAIMED, [Step.RESULT_RECORDED, Step.JOB_ENDED])
    assert job_of(office, delivery).state is JobState.DONE


def test_a_file_refused_at_once_has_no_job(office: Office) -> None:
    delivery = registered(office, resource="none-such")
    assert delivery.refused
    with office.intake.database.reading() as conn:
        assert jobs.list_jobs(conn) == []


def test_a_file_refused_later_is_work_done(office: Office) -> None:
    content = ROWS.replace("姓名", "姓氏").encode()
    delivery = register(office.intake, a_request(), io.BytesIO(content))
    assert do_delivery(office.intake, taken(office, delivery)).refused
    assert job_of(office, delivery).state is JobState.DONE


def fail(error: Exception) -> Callable[[], object]:
    def do() -> object:
        raise error

    return do


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("lake", "away"),
        sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection")),
        sa.exc.InterfaceError("SELECT 1", {}, Exception("the connection is closed")),
        ConnectionResetError("peer"),
        OSError(28, "no space left on device"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_away_is_waited_for_without_end(office: Office, error: Exception) -> None:
    delivery = registered(office)
    failing = at(office, Step.ROWS_CHECKED, fail(error))
    waits = []
    for _ in range(8):
        with pytest.raises(type(error)):
            do_delivery(failing, taken(office, delivery))
        job = job_of(office, delivery)
        assert (job.state, job.failures, job.deaths) == (JobState.QUEUED, 0, 0)
        waits.append((job.not_before - office.intake.clock.now()).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert do_delivery(office.intake, taken(office, delivery)).accepted == 2


def test_an_unforeseen_error_is_counted_and_ends_in_a_refusal(office: Office) -> None:
    delivery = registered(office)
    failing = at(office, Step.ROWS_CHECKED, fail(RuntimeError("of the platform")))
    for count in range(1, MAX_FAILURES):
        with pytest.raises(RuntimeError):
            do_delivery(failing, taken(office, delivery))
        job = job_of(office, delivery)
        assert job.failures == count
        assert (job.error or {})["code"] == "unexpected"
        away = at(office, Step.ROWS_CHECKED, fail(StoreUnavailable("lake", "away")))
        with pytest.raises(StoreUnavailable):  # in between, and not counted
            do_delivery(away, taken(office, delivery))
    refused = do_delivery(failing, taken(office, delivery))
    assert (refused.reason or {})["code"] == "platform.failed"
    assert job_of(office, delivery).state is JobState.DONE
    assert office.table() == []


def test_rows_that_are_in_the_table_are_not_refused_however_often_it_fails(
    office: Office,
) -> None:
    delivery = registered(office)
    failing = at(office, Step.REPORT_WRITTEN, fail(RuntimeError("of the platform")))
    for count in range(1, MAX_FAILURES + 3):
        with pytest.raises(RuntimeError):
            do_delivery(failing, taken(office, delivery))
        assert job_of(office, delivery).failures == count
    done = do_delivery(office.intake, taken(office, delivery))
    assert (done.state, done.accepted) == (DeliveryState.LOADED, 2)
    assert len(office.table()) == 2


def test_an_error_while_the_store_is_away_is_not_counted(office: Office) -> None:
    """A reader in between may say in words of its own that the store is away."""
    delivery = registered(office)
    store = office.intake.store

    class Away:
        def stat(self, bucket: str, key: str) -> object:
            if key.startswith("raw/is-the-store"):
                raise StoreUnavailable("stat", "away")
            return store.stat(bucket, key)

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

    away = replace(
        at(office, Step.ROWS_CHECKED, fail(RuntimeError("could not read"))),
        store=Away(),  # type: ignore[arg-type]
    )
    with pytest.raises(RuntimeError):
        do_delivery(away, taken(office, delivery))
    assert job_of(office, delivery).failures == 0


def test_a_file_that_ends_its_worker_each_time_is_refused(office: Office) -> None:
    delivery = registered(office)
    for death in range(MAX_DEATHS):
        with office.intake.database.transaction() as conn:
            now = office.intake.clock.now()
            ttl = timedelta(seconds=60)
            job = jobs.claim(conn, f"host/{death}/0/0", now, ttl, gone=lambda _: True)
        assert job is not None
        assert job.deaths == death
    with office.intake.database.transaction() as conn:
        last = jobs.claim(conn, "last", office.intake.clock.now(), ttl, gone=lambda _: True)
    assert last is not None
    refused = do_delivery(office.intake, last)
    assert (refused.reason or {})["code"] == "platform.worker_died"
    job = job_of(office, delivery)
    assert (job.state, (job.error or {})["code"]) == (JobState.FAILED, "platform.worker_died")


def test_a_waiting_delivery_is_cancelled_with_a_receipt_and_may_come_again(office: Office) -> None:
    delivery = registered(office)
    job = cancel_delivery(office.intake, job_of(office, delivery).job_id)
    assert job.state is JobState.CANCELLED
    refused = current(office, delivery)
    assert (refused.reason or {})["code"] == "delivery.cancelled"
    receipt = f"receipts/household/{delivery.delivery_id}.json"
    with office.intake.store.open("dept-gongan", receipt) as stream:
        assert "delivery.cancelled" in stream.read().decode()
    assert office.intake.store.stat("dept-gongan", str(refused.raw_key)) is not None
    again = office.deliver(ROWS)
    assert again.delivery_id != delivery.delivery_id
    assert again.accepted == 2


@pytest.mark.parametrize("step", [Step.JOB_CLAIMED, Step.ROWS_CHECKED, Step.ROWS_STAGED])
def test_a_running_delivery_is_cancelled_before_its_commit(office: Office, step: Step) -> None:
    delivery = registered(office)
    job = taken(office, delivery)
    asking = at(office, step, lambda: cancel_delivery(office.intake, job.job_id))
    refused = do_delivery(asking, job)
    assert (refused.reason or {})["code"] == "delivery.cancelled"
    assert job_of(office, delivery).state is JobState.CANCELLED
    assert office.deliver(ROWS, data_time=LATER).accepted == 2
    assert {row[0] for row in office.table(select="_delivery")} != {delivery.delivery_id}


def test_after_the_commit_it_is_too_late_and_said(office: Office) -> None:
    delivery = registered(office)
    job = taken(office, delivery)
    late: list[JobNotCancellable] = []

    def ask() -> None:
        with pytest.raises(JobNotCancellable) as raised:
            cancel_delivery(office.intake, job.job_id)
        late.append(raised.value)

    assert do_delivery(at(office, Step.ROWS_COMMITTED, ask), job).accepted == 2
    assert [error.state for error in late] == ["running"]


def test_a_job_asked_to_end_while_it_waits_is_refused_by_whoever_claims_it(office: Office) -> None:
    """As when the one who asked was cut off before the refusal was recorded."""
    delivery = registered(office)
    with office.intake.database.transaction() as conn:
        jobs.cancel(conn, job_of(office, delivery).job_id)
    refused = do_delivery(office.intake, taken(office, delivery))
    assert (refused.reason or {})["code"] == "delivery.cancelled"


@pytest.mark.parametrize(
    "step", [Step.JOB_CLAIMED, Step.ROWS_CHECKED, Step.ROWS_STAGED, Step.ROWS_COMMITTED]
)
def test_who_was_overtaken_records_nothing(office: Office, step: Step) -> None:
    """Another one takes the job at that step and ends it; the first goes on and finds that out."""
    delivery = registered(office)
    first = taken(office, delivery)

    def overtake() -> None:
        with office.intake.database.transaction() as conn:
            now = office.intake.clock.now()
            heir = jobs.claim(
                conn,
                "host/1/1/1",
                now,
                timedelta(seconds=60),
                only=first.job_id,
                gone=lambda _: True,
            )
            conn.execute(sa.text("UPDATE leases SET holder = NULL"))
        assert heir is not None
        assert do_delivery(office.intake, heir).accepted == 2

    with pytest.raises(JobLost):
        do_delivery(at(office, step, overtake), first)
    assert current(office, delivery).accepted == 2
    assert len(office.table()) == 2
    prefix = f"curated/household/g1/data/{delivery.delivery_id}/"
    stored = [info.key for info in office.intake.store.list("dept-gongan", prefix)]
    snapshot = current(office, delivery).snapshot_id or 0
    committed = office.intake.tables.data_files(("dept_gongan", "household_g1"), snapshot)
    assert len(stored) == len(committed) == 1
    assert committed[0].endswith(stored[0])
    job = job_of(office, delivery)
    assert (job.state, job.deaths) == (JobState.DONE, 1)


def test_a_delivery_without_a_job_is_adopted_after_half_a_minute(office: Office) -> None:
    delivery = registered(office)
    with office.intake.database.transaction() as conn:
        conn.execute(sa.text("DELETE FROM jobs"))
    assert adopt(office.intake) == 0
    clock = office.intake.clock
    assert isinstance(clock, ManualClock)
    clock.advance(ADOPTED_AFTER)
    assert adopt(office.intake) == 1
    assert adopt(office.intake) == 0
    assert do_delivery(office.intake, taken(office, delivery)).accepted == 2


def test_progress_is_written_while_the_work_goes_on(office: Office) -> None:
    delivery = registered(office)
    seen: list[str | None] = []

    def wait_for_progress() -> None:
        for _ in range(200):
            stage = job_of(office, delivery).stage
            if stage is not None:
                seen.append(stage)
                return
            time.sleep(0.05)

    do_delivery(at(office, Step.ROWS_CHECKED, wait_for_progress), taken(office, delivery))
    assert seen == ["读取并校验 read and check"]
    assert job_of(office, delivery).stage is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_an_engine_that_runs_out_of_disk_is_no_fault_of_the_file() -> None:
    with duckdb.connect() as con, pytest.raises(duckdb.IOException) as full:
        con.execute("COPY (SELECT range FROM range(300000)) TO '/dev/full' (FORMAT csv)")
    assert is_away(full.value)
    # as it was said on a file system of 2 MB
    spilling = "failed to offload data block … set by the 'max_temp_directory_size' setting"
    assert is_away(duckdb.OutOfMemoryException(spilling))
    with duckdb.connect() as con, pytest.raises(duckdb.IOException) as other:
        con.execute("SELECT * FROM read_csv('/no/such/file.csv')")
    assert not is_away(other.value)


def test_what_is_not_tried_again_does_not_say_that_it_is() -> None:
    error = ZeroDivisionError("inner workings")
    again, no_more = told(error), told(error, again=False)
    assert ("自动重试" in again["zh"], "will try again" in again["en"]) == (True, True)
    assert ("不再重试" in no_more["zh"], "will not try again" in no_more["en"]) == (True, True)
    for each in (again, no_more):
        assert "ZeroDivisionError" in each["zh"]
        assert "inner" not in each["zh"] + each["en"]
