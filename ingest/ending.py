"""Record how a delivery ends: refused whole, and its job done with it."""

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from catalog import deliveries, jobs
from catalog.deliveries import Delivery, DeliveryState, RefusalResult
from catalog.jobs import Job
from ingest.intake import Intake
from ingest.refusals import Refusal
from ingest.report import write_report
from ingest.steps import Step
from lake.layout import bucket_of

End = Callable[[sa.Connection], None]
Refused = tuple[Refusal, End]


def nothing(conn: sa.Connection) -> None:
    """Record nothing beside the verdict: no job is at this delivery."""


def ended(intake: Intake, job: Job) -> End:
    """Record that a job is done, as whose verdict is recorded beside it."""
    return lambda conn: jobs.finish(conn, job, intake.clock.now())


def refuse(
    intake: Intake,
    delivery: Delivery,
    refusal: Refusal,
    *,
    attempt: int | None = None,
    end: End = nothing,
) -> Delivery:
    """Record that a file is refused whole; its bytes stay where they are kept.

    `end` records the end of its job in the same transaction.
    """
    result = RefusalResult(reason=refusal.as_json(), format=delivery.format)
    told = replace(delivery, state=DeliveryState.REFUSED, reason=refusal.as_json())
    write_report(intake, bucket_of(delivery.department_id), told)
    intake.on_step(Step.REPORT_WRITTEN)
    with intake.database.transaction() as conn:
        end(conn)
        deliveries.record_refused(conn, delivery.delivery_id, result, attempt=attempt)
        done = deliveries.require(conn, delivery.delivery_id)
    intake.on_step(Step.RESULT_RECORDED)
    return done
