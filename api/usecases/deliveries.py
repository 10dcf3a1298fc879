"""Deliveries: a file in, its verdict out, and what is wrong in it for those who may see that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from api.answers import DeliveryAnswer
from api.errors import BadRequest, DeliveryNotVisible, NotOneOf
from api.moments import read_moment
from api.usecases.access import Caller, Trail, watched
from api.usecases.rights import UseCase, sees_every_department
from catalog import deliveries, records
from catalog.deliveries import Delivery, DeliveryMode

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
    """The verdict; `retry`: it was there before; `running`: kept for good, still loading."""

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
    on_kept: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Take a file to its verdict; a file refused whole is a verdict, not an error.

    `on_kept` is told when the bytes are kept for good and the loading begins. Raises BadTime,
    NotOneOf, IdempotencyConflict.
    """
    from ingest.deliver import finish, register

    with watched(services, caller, UseCase.DELIVER, resource=wanted.resource) as trail:
        request = _request(caller, wanted)
        registered: list[Step] = []
        intake = services.intake(progress=progress, on_step=registered.append)
        delivery = register(intake, request, stream)
        retry = not registered_anew(registered)
        if on_kept is not None and delivery.state in deliveries.UNFINISHED:
            _write_receipt(services, caller, trail, delivery)
            on_kept(Outcome(_answer(delivery), retry=retry, running=True))
        delivery = finish(intake, delivery)
        _note(trail, delivery)
    return Outcome(_answer(delivery), retry=retry)


def registered_anew(steps: Sequence[Step]) -> bool:
    """Whether a delivery passed through registration; a retry never does."""
    from ingest.steps import Step

    return Step.DELIVERY_REGISTERED in steps


def show_delivery(services: Services, caller: Caller, delivery_id: str) -> DeliveryAnswer:
    """What became of a delivery: for clerks of its department and for the auditor."""
    with watched(services, caller, UseCase.DELIVERY_SHOW) as trail:
        delivery = _visible(services, caller, delivery_id, UseCase.DELIVERY_SHOW)
        _note(trail, delivery)
    return _answer(delivery)


def delivery_violations(
    services: Services, caller: Caller, delivery_id: str
) -> Iterator[dict[str, Any]]:
    """What is wrong in a delivery, in the order of its rows; the audit line is written first."""
    with watched(services, caller, UseCase.DELIVERY_VIOLATIONS) as trail:
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
        raise DeliveryNotVisible(delivery_id)
    return found


def _violations(services: Services, delivery: Delivery) -> Iterator[dict[str, Any]]:
    from ingest.quarantine import violations_of
    from standards.records import read_record

    if delivery.resource_id is None or delivery.record_version is None:
        return iter(())
    with services.database.reading() as conn:
        document = records.document_of(conn, delivery.resource_id, delivery.record_version)
    return violations_of(services.intake(), delivery, read_record(document))


def _note(trail: Trail, delivery: Delivery) -> None:
    trail.resource = delivery.resource_id or delivery.resource_named
    trail.detail |= {"delivery_id": delivery.delivery_id, "state": delivery.state.value}
    trail.rows = delivery.rows_in


def _write_receipt(services: Services, caller: Caller, trail: Trail, delivery: Delivery) -> None:
    """The audit line of an early answer; the verdict gets one of its own."""
    from api.usecases.access import OK, write_line

    _note(trail, delivery)
    write_line(services, caller, trail, OK)


def _answer(delivery: Delivery) -> DeliveryAnswer:
    from ingest.report import verdict

    return DeliveryAnswer.model_validate(verdict(delivery))
