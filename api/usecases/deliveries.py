"""Deliveries: a file in, its verdict out, and what is wrong in it for those who may see that."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from api.answers import DeliveryAnswer, JobOfDelivery
from api.errors import BadRequest, DeliveryNotVisible, NotOneOf
from api.moments import read_moment
from api.usecases.access import Caller, Trail, masked, watched
from api.usecases.rights import UseCase, sees_every_department
from catalog import deliveries, jobs, records
from catalog.deliveries import Delivery, DeliveryMode
from catalog.jobs import JobKind

if TYPE_CHECKING:
    from api.bootstrap import Services
    from ingest.requests import DeliveryRequest
    from ingest.steps import Step

Progress = Callable[[str, float | None], None]

_NUMBER = re.compile(r"[0-9]{1,15}")
_MOST_ROWS = 2**63 - 1  # what the register can hold


@dataclass(frozen=True, slots=True)
class DeliveryWanted:
    """A delivery as its sender states it; `rows` and `sha256` are control totals."""

    resource: str
    mode: str
    data_time: str
    file_name: str
    rows: int | None = None
    sha256: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict; `retry`: it was there before; `running`: kept for good, not loaded yet."""

    answer: DeliveryAnswer
    retry: bool = False
    running: bool = False


def deliver_file(
    services: Services,
    caller: Caller,
    wanted: DeliveryWanted,
    stream: BinaryIO,
    *,
    progress: Progress | None = None,
    wait: bool = True,
) -> Outcome:
    """Take a file to its verdict; a file refused whole is a verdict, not an error.

    The loading is done here, or waited for where a worker has it; without `wait` it is left to a
    worker once the bytes are kept for good. Raises BadTime, NotOneOf, IdempotencyConflict.
    """
    from ingest.deliver import register
    from ingest.work import see_through

    with watched(services, caller, UseCase.DELIVER, resource=wanted.resource) as trail:
        request = _request(caller, wanted)
        passed: list[Step] = []

        def on_step(step: Step) -> None:
            passed.append(step)
            services.on_step(step)

        intake = replace(services.intake(progress=progress), on_step=on_step)
        delivery = register(intake, request, stream)
        retry = not registered_anew(passed)
        _note(trail, delivery)
        if wait:
            delivery = see_through(intake, delivery)
        _note(trail, delivery)
    return _outcome(services, delivery, retry=retry)


def answer_now(
    services: Services, caller: Caller, delivery_id: str, *, retry: bool = False
) -> Outcome:
    """What its sender is answered who has waited for a worker: the verdict, if it is there."""
    with watched(services, caller, UseCase.DELIVER) as trail:
        with services.database.reading() as conn:
            delivery = deliveries.require(conn, delivery_id)
        _note(trail, delivery)
    return _outcome(services, delivery, retry=retry)


def finished_of(services: Services, delivery_ids: Collection[str]) -> frozenset[str]:
    """Which of these deliveries have their verdict: a look without audit, for who waits."""
    with services.database.reading() as conn:
        return frozenset(deliveries.finished_among(conn, delivery_ids))


def registered_anew(steps: Sequence[Step]) -> bool:
    """Whether a delivery passed through registration; a retry never does."""
    from ingest.steps import Step

    return Step.DELIVERY_REGISTERED in steps


def show_delivery(services: Services, caller: Caller, delivery_id: str) -> DeliveryAnswer:
    """What became of a delivery: for clerks of its department and for the auditor."""
    with watched(services, caller, UseCase.DELIVERY_SHOW) as trail:
        trail.detail["delivery_id"] = delivery_id
        delivery = _visible(services, caller, delivery_id, UseCase.DELIVERY_SHOW)
        _note(trail, delivery)
    return _answer(services, delivery)


def delivery_violations(
    services: Services, caller: Caller, delivery_id: str
) -> Iterator[dict[str, Any]]:
    """What is wrong in a delivery, in the order of its rows; the audit line is written first."""
    with watched(services, caller, UseCase.DELIVERY_VIOLATIONS) as trail:
        trail.detail["delivery_id"] = delivery_id
        delivery = _visible(services, caller, delivery_id, UseCase.DELIVERY_VIOLATIONS)
        _note(trail, delivery)
    return _violations(services, delivery)


def violations_page(
    services: Services, caller: Caller, delivery_id: str, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of the violations, and the key after which the next one begins.

    The key is the number of a violation: what is wrong in a delivery never changes.
    """
    if after is not None and _NUMBER.fullmatch(after) is None:
        raise BadRequest("cursor", "应为上一页返回的值", "should be what a page gave out")
    start = int(after or 0)
    found = delivery_violations(services, caller, delivery_id)
    page = list(islice(found, start, start + limit + 1))
    return page[:limit], str(start + limit) if len(page) > limit else None


def _request(caller: Caller, wanted: DeliveryWanted) -> DeliveryRequest:
    from ingest.requests import DeliveryRequest

    if wanted.mode not in set(DeliveryMode):
        raise NotOneOf("mode", tuple(DeliveryMode))
    if wanted.rows is not None and not 0 <= wanted.rows <= _MOST_ROWS:
        raise BadRequest("rows", "应为文件的行数", "should be the number of rows of the file")
    account = caller.require()
    return DeliveryRequest(
        resource=wanted.resource,
        account=account.name,
        department_id=account.department_id,
        mode=DeliveryMode(wanted.mode),
        data_time=read_moment("data-time", wanted.data_time),
        file_name=wanted.file_name,
        rows=wanted.rows,
        sha256=None if wanted.sha256 is None else wanted.sha256.lower(),
        idempotency_key=wanted.idempotency_key,
    )


def _visible(services: Services, caller: Caller, delivery_id: str, use_case: UseCase) -> Delivery:
    """The delivery; one of another department is to a clerk as if there were none."""
    with services.database.reading() as conn:
        found = deliveries.find(conn, delivery_id)
    own = found is not None and found.department_id == caller.require().department_id
    if found is None or not (own or sees_every_department(use_case, caller.roles)):
        raise DeliveryNotVisible(masked(delivery_id))
    return found


def _violations(services: Services, delivery: Delivery) -> Iterator[dict[str, Any]]:
    from ingest.quarantine import violations_of
    from standards.records import read_record

    if delivery.resource_id is None or delivery.record_version is None:
        return iter(())
    with services.database.reading() as conn:
        document = records.document_of(conn, delivery.resource_id, delivery.record_version)
    return violations_of(services.intake(), delivery, read_record(document))


def trail_of(action: UseCase, delivery: Delivery) -> Trail:
    """What an audit line says of a delivery that nobody called for just now."""
    trail = Trail(action)
    _note(trail, delivery)
    return trail


def _note(trail: Trail, delivery: Delivery) -> None:
    trail.resource = delivery.resource_id or delivery.resource_named
    trail.detail |= {"delivery_id": delivery.delivery_id, "state": delivery.state.value}
    trail.rows = delivery.rows_in


def _outcome(services: Services, delivery: Delivery, *, retry: bool) -> Outcome:
    running = delivery.state in deliveries.UNFINISHED
    return Outcome(_answer(services, delivery), retry=retry, running=running)


def _answer(services: Services, delivery: Delivery) -> DeliveryAnswer:
    from ingest.report import verdict

    return DeliveryAnswer.model_validate({**verdict(delivery), "job": _job(services, delivery)})


def _job(services: Services, delivery: Delivery) -> JobOfDelivery | None:
    if delivery.state not in deliveries.UNFINISHED:
        return None
    with services.database.reading() as conn:
        found = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
    if found is None:
        return None
    return JobOfDelivery(
        job_id=found.job_id,
        state=found.state.value,
        attempts=found.attempts,
        stage=found.stage,
        done=found.done,
        error=None if found.error is None else dict(found.error),
    )
