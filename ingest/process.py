"""Bring one kept delivery to its verdict: read, check, quarantine, commit, report, record."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from catalog import curated, deliveries, jobs, leases, records
from catalog.deliveries import Delivery, DeliveryState, LoadResult
from catalog.leases import Lease
from ingest.changes import count_unchanged
from ingest.ending import Refused, ended, refuse
from ingest.holding import Held
from ingest.intake import Intake
from ingest.keep_file import FileAttempt, keep_file
from ingest.publish import Target, commit, find_committed, open_target, remove_other_attempts
from ingest.quarantine import keep
from ingest.raw import fetched_raw
from ingest.reading import engine, read_and_check
from ingest.refusals import FileRefused
from ingest.report import write_report
from ingest.run_checks import CheckedRows
from ingest.steps import Step
from ingest.writer import sole_writer, table_lease
from lake.curated import LoadedDelivery
from lake.iceberg import Snapshot
from standards.records import Record, ResourceKind, kind_of, read_record


def process(
    intake: Intake, delivery_id: str, held: Held, *, given_up: Refused | None = None
) -> Delivery:
    """Bring a delivery whose bytes are kept to its verdict, and end its job with it.

    A finished delivery is answered as it is; with `given_up` nothing is loaded any more, and what
    is not committed is refused with that. Raises LeaseHeld when another process is writing to
    the same table, and what stops the holder of a job.
    """
    with intake.database.reading() as conn:
        delivery = deliveries.require(conn, delivery_id)
    name = table_lease(str(delivery.resource_id))
    with sole_writer(intake, name, wait=False, ttl=held.ttl) as lease:
        with intake.database.transaction() as conn:
            delivery = deliveries.require(conn, delivery_id)
            if delivery.state not in deliveries.UNFINISHED:
                jobs.finish(conn, held.job, intake.clock.now())
                return delivery
            attempt = deliveries.begin_attempt(conn, delivery_id)
        return _attempt(intake, delivery, attempt, lease, held, given_up)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at loading one delivery, under the lease of its table."""

    intake: Intake
    delivery: Delivery
    number: int
    lease: Lease
    held: Held
    record: Record
    target: Target


def _attempt(
    intake: Intake,
    delivery: Delivery,
    number: int,
    lease: Lease,
    held: Held,
    given_up: Refused | None,
) -> Delivery:
    with intake.database.reading() as conn:
        document = records.document_of(
            conn, str(delivery.resource_id), _known(delivery.record_version)
        )
    if kind_of(document) is ResourceKind.FILE:
        return keep_file(
            FileAttempt(intake, delivery, number, lease, held, document), given_up=given_up
        )
    record = read_record(document)
    target = open_target(intake, delivery, record, _known(delivery.generation))
    attempt = _Attempt(intake, delivery, number, lease, held, record, target)
    done = find_committed(intake, target, delivery.delivery_id)
    if done is not None:
        return _finish(attempt, done.result, done.snapshot)
    if given_up is not None:
        refusal, end = given_up
        return refuse(intake, delivery, refusal, attempt=number, end=end)
    intake.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=intake.scratch) as folder:
        try:
            return _load(attempt, Path(folder))
        except FileRefused as refused:
            end = ended(intake, held.job)
            return refuse(intake, delivery, refused.refusal, attempt=number, end=end)


def _load(attempt: _Attempt, scratch: Path) -> Delivery:
    intake = attempt.intake
    intake.progress("读取并校验 read and check", None)
    with engine(intake, scratch) as con:
        with fetched_raw(intake, attempt.delivery, scratch) as path:
            reading = read_and_check(intake, con, attempt.delivery, attempt.record, path, scratch)
        checked = reading.checked
        unchanged = _unchanged(attempt, con, checked)
    intake.on_step(Step.ROWS_CHECKED)
    keep(intake, attempt.delivery, checked)
    intake.on_step(Step.QUARANTINE_WRITTEN)
    result = reading.result(unchanged)
    snapshot = None
    if checked.accepted:
        intake.progress("入库 load", None)
        snapshot = commit(
            intake, attempt.target, attempt.delivery, checked.good, result, attempt.number
        )
    return _finish(attempt, result, snapshot)


def _unchanged(attempt: _Attempt, con: duckdb.DuckDBPyConnection, checked: CheckedRows) -> int:
    intake, table = attempt.intake, attempt.target.table
    if table.snapshot_id is None or not checked.accepted:
        return 0
    with intake.database.reading() as conn:
        loaded = deliveries.loaded_of(conn, table.resource_id, table.generation)
    before = [LoadedDelivery(one.delivery_id, one.mode, one.data_time) for one in loaded]
    files = intake.tables.data_files(attempt.target.identifier, table.snapshot_id)
    return count_unchanged(con, attempt.record, checked.good, files, before)


def _finish(attempt: _Attempt, result: Mapping[str, Any], snapshot: Snapshot | None) -> Delivery:
    """Write the answer where the department looks for it, then record it: in this order, because
    what is recorded is never done again."""
    intake, delivery, table = attempt.intake, attempt.delivery, attempt.target.table
    attempt.held.settle()
    shown = snapshot
    if snapshot is not None and attempt.number > 1:
        remove_other_attempts(intake, attempt.target, delivery, snapshot)
        # Since an earlier attempt committed it others may have loaded: their rows stay in sight.
        shown = intake.tables.current(attempt.target.identifier)
    load = LoadResult(
        loaded_at=intake.clock.now(),
        snapshot_id=None if snapshot is None else snapshot.snapshot_id,
        **{**result, "notes": tuple(result["notes"])},
    )
    facts = {field.name: getattr(load, field.name) for field in fields(load)}
    done = replace(delivery, state=DeliveryState.LOADED, attempt=attempt.number, **facts)
    write_report(intake, table.bucket, done)
    intake.on_step(Step.REPORT_WRITTEN)
    with intake.database.transaction() as conn:
        leases.check_fence(conn, attempt.lease)
        if shown is not None:
            curated.record_snapshot(
                conn,
                table.resource_id,
                table.generation,
                shown.snapshot_id,
                shown.metadata_location,
                attempt.lease.fence,
            )
        deliveries.record_loaded(conn, delivery.delivery_id, load, attempt=attempt.number)
        jobs.finish(conn, attempt.held.job, intake.clock.now())
        done = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RESULT_RECORDED)
    return done


def _known(number: int | None) -> int:
    if number is None:
        raise ValueError("a delivery without a published record is refused before it is processed")
    return number
