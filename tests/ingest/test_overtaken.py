"""A writer that is overtaken, stopped or thought dead costs no row, whoever commits in the end."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from catalog import curated, deliveries, jobs
from catalog.deliveries import Delivery
from catalog.job_errors import JobLost
from catalog.jobs import Job, JobKind, JobState
from ingest.deliver import register
from ingest.intake import Intake
from ingest.steps import Step
from ingest.work import MAX_DEATHS, MAX_FAILURES, do_delivery, take
from lake.errors import StoreUnavailable
from lake.iceberg import Snapshot, Tables
from tests.ingest.office import Office, a_csv, a_person, a_request, recover

ROWS = a_csv(a_person(1), a_person(2))
OTHERS = a_csv(a_person(3), a_person(4), a_person(5))
LATER = datetime(2026, 11, 2, tzinfo=UTC)
TABLE = ("dept_gongan", "household_g1")


class SlowTables:
    """The real tables, whose writer stops between the point of no return and its commit."""

    def __init__(self, tables: Tables, before: Callable[[], object]) -> None:
        self._tables, self._before = tables, before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def append_files(self, *args: Any) -> Snapshot:
        self._before()
        return self._tables.append_files(*args)


def registered(office: Office) -> Delivery:
    return register(office.intake, a_request(), io.BytesIO(ROWS.encode()))


def taken(office: Office, delivery: Delivery) -> Job:
    job = take(office.intake, delivery)
    assert job is not None
    return job


def at(intake: Intake, step: Step, do: Callable[[], object]) -> Intake:
    def on_step(reached: Step) -> None:
        if reached is step:
            do()

    return replace(intake, on_step=on_step)


def away() -> None:
    raise StoreUnavailable("lake", "away")


def cut_off(office: Office, delivery: Delivery, step: Step) -> None:
    with pytest.raises(StoreUnavailable):
        do_delivery(at(office.intake, step, away), taken(office, delivery))


def seen(office: Office) -> dict[str, list[str]]:
    """The files of the snapshot that readers see, by delivery; each of them is there."""
    with office.intake.database.reading() as conn:
        table = curated.require_table(conn, "household", 1)
    assert table.snapshot_id is not None
    found = office.intake.tables.data_files_by_delivery(TABLE, table.snapshot_id)
    stored = {
        office.intake.location.url("dept-gongan", info.key)
        for info in office.intake.store.list("dept-gongan", "curated/household/g1/data/")
    }
    assert {url for urls in found.values() for url in urls} == stored
    return found


def test_a_load_that_is_finished_late_hides_nothing_that_was_loaded_since(office: Office) -> None:
    """Committed, then the store went away; while its job waits the next delivery is loaded."""
    first = registered(office)
    cut_off(office, first, Step.ROWS_COMMITTED)
    second = office.deliver(OTHERS, data_time=LATER)
    assert second.accepted == 3
    assert set(seen(office)) == {first.delivery_id, second.delivery_id}
    assert do_delivery(office.intake, taken(office, first)).accepted == 2
    assert set(seen(office)) == {first.delivery_id, second.delivery_id}


@pytest.mark.parametrize("tried_before", [False, True])
@pytest.mark.parametrize("goes_on_at", [Step.ROWS_CHECKED, Step.RESULT_RECORDED])
def test_files_that_a_commit_names_are_removed_by_nobody(
    office: Office, goes_on_at: Step, tried_before: bool
) -> None:
    """A writer stands still before its commit for longer than its lease; another one takes over;
    the first goes on before the other one's commit, or after it."""
    delivery = registered(office)
    if tried_before:
        cut_off(office, delivery, Step.ROWS_STAGED)
    stands_still, go_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        stands_still.set()
        assert go_on.wait(60)

    slow = replace(office.intake, tables=SlowTables(office.intake.tables, stand_still))  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as pool:
        try:
            first = pool.submit(lambda: do_delivery(slow, taken(office, delivery)))
            assert stands_still.wait(60)
            office.let_pass(timedelta(minutes=5))

            def let_go() -> None:
                go_on.set()
                assert first.exception(60) is not None

            heir = at(office.intake, goes_on_at, let_go)
            assert do_delivery(heir, taken(office, delivery)).accepted == 2
        finally:
            go_on.set()
    assert set(seen(office)) == {delivery.delivery_id}
    assert len(office.table()) == 2


def test_what_is_committed_is_finished_however_often_its_workers_died(office: Office) -> None:
    delivery = registered(office)
    cut_off(office, delivery, Step.ROWS_COMMITTED)
    for death in range(MAX_DEATHS + 1):
        with office.intake.database.transaction() as conn:
            known = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
            assert known is not None
            job = jobs.claim(
                conn,
                f"host/{death}/0/0",
                office.intake.clock.now(),
                timedelta(seconds=60),
                only=known.job_id,
                gone=lambda _: True,
            )
    assert job is not None
    assert job.deaths == MAX_DEATHS
    done = do_delivery(office.intake, job)
    assert (done.refused, done.accepted) == (False, 2)
    with office.intake.database.reading() as conn:
        assert jobs.require(conn, job.job_id).state is JobState.DONE


def test_staged_bytes_of_a_registered_delivery_are_never_cleared(office: Office) -> None:
    """Cut off between registration and keeping, and everything stood still for days."""
    with pytest.raises(StoreUnavailable):
        register(
            at(office.intake, Step.DELIVERY_REGISTERED, away),
            a_request(),
            io.BytesIO(ROWS.encode()),
        )
    office.let_pass(timedelta(days=1000))
    from ingest.recover import clear_staging

    assert clear_staging(office.intake) == 0
    [finished] = recover(office.intake).finished
    with office.intake.database.reading() as conn:
        assert deliveries.require(conn, finished).accepted == 2


def test_who_fails_after_it_was_overtaken_leaves_the_receipt_as_it_is(office: Office) -> None:
    """Its last failure would refuse the file; another one has loaded it by then."""
    delivery = registered(office)
    for _ in range(MAX_FAILURES - 1):
        with pytest.raises(RuntimeError):
            do_delivery(at(office.intake, Step.ROWS_CHECKED, broken), taken(office, delivery))

    def overtaken() -> None:
        office.let_pass(timedelta(minutes=5))
        with ThreadPoolExecutor(1) as pool:
            heir = pool.submit(lambda: do_delivery(office.intake, taken(office, delivery)))
            assert heir.result().accepted == 2
        broken()

    with pytest.raises(JobLost):
        do_delivery(at(office.intake, Step.ROWS_CHECKED, overtaken), taken(office, delivery))
    receipt = f"receipts/household/{delivery.delivery_id}.json"
    with office.intake.store.open("dept-gongan", receipt) as stream:
        assert json.loads(stream.read())["state"] == "loaded"


def broken() -> None:
    raise RuntimeError("of the platform")
