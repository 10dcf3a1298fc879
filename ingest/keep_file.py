"""Bring a delivery for a file resource to its verdict: its bytes are kept, its content is judged.

Nothing of it is to be seen before the one transaction that records version and verdict, so an
attempt that was cut off leaves nothing to find: the next one begins anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from catalog import deliveries, file_resources, jobs, leases
from catalog.deliveries import Delivery, DeliveryState, LoadResult
from catalog.file_resources import PlannedVersion
from catalog.leases import Lease
from ingest import file_refusals
from ingest.ending import Refused, ended, refuse
from ingest.holding import Held
from ingest.intake import Intake
from ingest.media import Judged, judge
from ingest.raw import fetched_raw
from ingest.refusals import FileRefused
from ingest.report import write_report
from ingest.statement import check_statement
from ingest.steps import Step
from lake.layout import bucket_of


@dataclass(frozen=True, slots=True)
class FileAttempt:
    """One try at one delivery of a file, under the lease of its resource."""

    intake: Intake
    delivery: Delivery
    number: int
    lease: Lease
    held: Held
    document: Mapping[str, Any]


def keep_file(attempt: FileAttempt, given_up: Refused | None) -> Delivery:
    """Judge a kept file and record it as the next version of its name, or as refused."""
    intake, delivery = attempt.intake, attempt.delivery
    if given_up is not None:
        refusal, end = given_up
        return refuse(intake, delivery, refusal, attempt=attempt.number, end=end)
    try:
        judged = _judged(attempt)
    except FileRefused as refused:
        end = ended(intake, attempt.held.job)
        return refuse(intake, delivery, refused.refusal, attempt=attempt.number, end=end)
    intake.on_step(Step.FILE_JUDGED)
    attempt.held.settle()
    return _record(attempt, judged)


def _judged(attempt: FileAttempt) -> Judged:
    intake, delivery = attempt.intake, attempt.delivery
    intake.progress("核对文件 look at the file", None)
    check_statement(delivery)
    if delivery.rows_declared is not None:
        raise FileRefused(file_refusals.rows_of_a_file(delivery.rows_declared))
    with intake.database.reading() as conn:
        name = file_resources.sent_name(conn, delivery.delivery_id)
    intake.scratch.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(dir=intake.scratch) as folder,
        fetched_raw(intake, delivery, Path(folder)) as path,
    ):
        return judge(path, name, attempt.document)


def _record(attempt: FileAttempt, judged: Judged) -> Delivery:
    """Write the answer, then record it: what is recorded is never done again."""
    intake, delivery = attempt.intake, attempt.delivery
    with intake.database.reading() as conn:
        planned = file_resources.plan_version(conn, delivery)
    load = LoadResult(
        loaded_at=intake.clock.now(),
        rows_in=0,
        accepted=0,
        quarantined=0,
        unchanged=0,
        rules={},
        encoding=None,
        format=judged.format,
        notes=_notes(planned),
        files=1,
    )
    facts = {field.name: getattr(load, field.name) for field in fields(load)}
    told = replace(delivery, state=DeliveryState.LOADED, attempt=attempt.number, **facts)
    write_report(intake, bucket_of(delivery.department_id), told)
    intake.on_step(Step.REPORT_WRITTEN)
    with intake.database.transaction() as conn:
        leases.check_fence(conn, attempt.lease)
        file_resources.add_version(conn, delivery.delivery_id, planned, judged.media_type)
        deliveries.record_loaded(conn, delivery.delivery_id, load, attempt=attempt.number)
        jobs.finish(conn, attempt.held.job, intake.clock.now())
        done = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RESULT_RECORDED)
    return done


def _notes(planned: PlannedVersion) -> tuple[str, ...]:
    number, file_id = planned.version, planned.file_id
    notes = [f"文件 {file_id} 的第 {number} 版 · version {number} of file {file_id}"]
    if planned.same_as is not None:
        same = planned.same_as
        notes.append(f"内容与第 {same} 版相同 · the same bytes as version {same}")
    if planned.superseded:
        notes.append(
            "已有数据时间更新的文件，本版只留存、不提供 · something of a later data time is in "
            "force; this version is kept and not handed out"
        )
    return tuple(notes)
