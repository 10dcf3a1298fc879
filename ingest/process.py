"""Bring one kept delivery to its verdict: read, check, quarantine, commit, report, record."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import sqlalchemy as sa

from catalog import curated, deliveries, leases, records
from catalog.deliveries import Delivery, DeliveryState, LoadResult, RefusalResult
from catalog.lake_errors import LeaseLost
from catalog.leases import Lease
from ingest import refusals
from ingest.changes import count_unchanged
from ingest.intake import Intake
from ingest.publish import Target, commit, find_committed, open_target
from ingest.quarantine import keep
from ingest.raw import fetched_raw
from ingest.reading import engine, read_and_check
from ingest.refusals import FileRefused, Refusal
from ingest.report import write_report
from ingest.run_checks import CheckedRows
from ingest.steps import Step
from ingest.writer import sole_writer, table_lease
from lake.curated import LoadedDelivery
from lake.errors import CommitConflict, StoreUnavailable
from lake.iceberg import Snapshot
from lake.layout import bucket_of
from standards.records import Record, read_record

# A file that brings the platform down each time must end with a verdict, not come back for ever.
MAX_ATTEMPTS = 3


def process(intake: Intake, delivery_id: str, *, wait: bool = True) -> Delivery:
    """Bring a delivery whose bytes are kept to its verdict; a finished one is answered as it is.

    Without `wait`, LeaseHeld when another process is writing to the same table.
    """
    with intake.database.reading() as conn:
        delivery = deliveries.require(conn, delivery_id)
    with sole_writer(intake, table_lease(str(delivery.resource_id)), wait=wait) as lease:
        with intake.database.transaction() as conn:
            delivery = deliveries.require(conn, delivery_id)
            if delivery.state not in deliveries.UNFINISHED:
                return delivery
            attempt = deliveries.begin_attempt(conn, delivery_id)
        try:
            return _attempt(intake, delivery, attempt, lease)
        except (StoreUnavailable, LeaseLost, CommitConflict, sa.exc.OperationalError):
            # The delivery is not to blame and is tried again when things are back.
            raise
        except Exception as error:
            if attempt < MAX_ATTEMPTS:
                raise
            refusal = refusals.platform_failed(type(error).__name__, attempt)
            return refuse(intake, delivery, refusal, attempt=attempt)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at loading one delivery, under the lease of its table."""

    intake: Intake
    delivery: Delivery
    number: int
    lease: Lease
    record: Record
    target: Target


def _attempt(intake: Intake, delivery: Delivery, number: int, lease: Lease) -> Delivery:
    with intake.database.reading() as conn:
        document = records.document_of(
            conn, str(delivery.resource_id), _known(delivery.record_version)
        )
    record = read_record(document)
    target = open_target(intake, delivery, record, _known(delivery.generation))
    attempt = _Attempt(intake, delivery, number, lease, record, target)
    done = find_committed(intake, target, delivery.delivery_id)
    if done is not None:
        return _finish(attempt, done.result, done.snapshot)
    intake.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=intake.scratch) as folder:
        try:
            return _load(attempt, Path(folder))
        except FileRefused as refused:
            return refuse(intake, delivery, refused.refusal, attempt=number)


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
        if snapshot is not None:
            curated.record_snapshot(
                conn,
                table.resource_id,
                table.generation,
                snapshot.snapshot_id,
                snapshot.metadata_location,
                attempt.lease.fence,
            )
        deliveries.record_loaded(conn, delivery.delivery_id, load, attempt=attempt.number)
        done = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RESULT_RECORDED)
    return done


def refuse(
    intake: Intake, delivery: Delivery, refusal: Refusal, *, attempt: int | None = None
) -> Delivery:
    """Record that a file is refused whole; its bytes stay where they are kept."""
    result = RefusalResult(reason=refusal.as_json(), format=delivery.format)
    told = replace(delivery, state=DeliveryState.REFUSED, reason=refusal.as_json())
    write_report(intake, bucket_of(delivery.department_id), told)
    intake.on_step(Step.REPORT_WRITTEN)
    with intake.database.transaction() as conn:
        deliveries.record_refused(conn, delivery.delivery_id, result, attempt=attempt)
        done = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RESULT_RECORDED)
    return done


def _known(number: int | None) -> int:
    if number is None:
        raise ValueError("a delivery without a published record is refused before it is processed")
    return number
