"""Metadata records: checked, written, moved through their life, and read by whoever may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from api.answers import RecordAnswer, RecordStateAnswer, in_china
from api.answers.records import (
    BindingAnswer,
    CheckAnswer,
    DifferenceOfVersions,
    RecordProcess,
    RecordStep,
    SecrecyReviewAnswer,
)
from api.bootstrap import local_code_lists, open_services
from api.errors import BadRequest, NotInitialised
from api.usecases.access import Caller, watched
from api.usecases.likeness import with_similar
from api.usecases.record_lists import (
    RecordFilter,
    list_records,
    published_page,
)
from api.usecases.record_sight import check_open, is_open_to, may_see_drafts, visible
from api.usecases.record_steps import act_on_record, state_answer
from api.usecases.rights import UseCase
from catalog import records, registers
from catalog.clock import CHINA_TIME
from catalog.due_dates import last_update, next_due
from catalog.errors import InvalidRecord
from catalog.interfaces import public_document
from catalog.life_cycle import State
from catalog.publishing.bindings import list_bindings
from catalog.publishing.effects import scheduled_for
from catalog.publishing.secrecy import list_reviews
from catalog.record_sentences import sentence_of
from standards.documents import load_with_lines
from standards.elements import optional_text
from standards.records import ResourceKind, kind_of
from standards.violations import errors_of, placed

if TYPE_CHECKING:
    from api.bootstrap import Services
    from api.settings import Settings
    from catalog.record_register import PublishedRecord, RecordEvent, WorkingRecord
    from standards.registers import Registers
    from standards.violations import Violation

__all__ = [
    "RecordFilter",
    "act_on_record",
    "add_body",
    "add_record",
    "check_body",
    "check_record",
    "history_page",
    "list_records",
    "published_page",
    "published_record",
    "record_bindings",
    "record_diff",
    "record_history",
    "registers_at",
    "show_record",
]

Places = Callable[[str], str | None]
"""Where the author finds the part of a path: a line of the file, a cell of the workbook."""

# violations in the answer to a check that needs no key
MOST_SHOWN = 1000


def check_record(
    settings: Settings, document: Mapping[str, Any], places: Places | None = None
) -> dict[str, Any]:
    """Judge a record; nothing is kept.

    By the standards and the local code lists, and where a catalogue has been prepared by what is
    registered in it, as `add_record` does.
    """
    from standards.record_check import check_record as check

    found = check(document, local_code_lists(settings), registers=registers_at(settings))
    return _verdict(found, places).as_json()


def registers_at(settings: Settings) -> Registers | None:
    """What is registered at a home; None where no catalogue has been prepared there."""
    services = open_services(settings)
    try:
        with services.database.reading() as conn:
            return registers.read(conn)
    except NotInitialised:
        return None
    finally:
        services.close()


def check_body(services: Services, body: bytes) -> CheckAnswer:
    """Judge a record that was sent as YAML or JSON, with the lines of what is wrong."""
    from standards.record_check import check_record as check

    document, lines = load_with_lines(_text(body))
    with services.database.reading() as conn:
        found = check(document, services.code_lists, registers=registers.read(conn))
    # nobody mends more at a time, and an answer to everybody is not made longer than that
    if len(found) > MOST_SHOWN:
        found = (errors_of(found) or found)[:MOST_SHOWN]
    return _verdict(found, lines.place)


def _verdict(found: tuple[Violation, ...], places: Places | None) -> CheckAnswer:
    shown = found if places is None else placed(found, places)
    return CheckAnswer(
        valid=not errors_of(found), violations=[violation.as_json() for violation in shown]
    )


def add_record(
    services: Services,
    caller: Caller,
    document: Mapping[str, Any],
    places: Places | None = None,
    expected_revision: int | None = None,
) -> RecordStateAnswer:
    """Write a draft or the next version; the errors of `catalog.records.add_record`."""
    with watched(services, caller, UseCase.RECORD_ADD) as trail:
        trail.resource = optional_text(document.get("resource_id"))
        added = _add(services, caller, document, places, expected_revision)
    return with_similar(services, added, document, caller.require().department_id)


def add_body(
    services: Services, caller: Caller, body: bytes, expected_revision: int | None
) -> RecordStateAnswer:
    """As `add_record`, of what was sent as YAML or JSON; also DocumentError."""
    with watched(services, caller, UseCase.RECORD_ADD) as trail:
        document, lines = load_with_lines(_text(body))
        trail.resource = optional_text(document.get("resource_id"))
        added = _add(services, caller, document, lines.place, expected_revision)
    return with_similar(services, added, document, caller.require().department_id)


def _add(
    services: Services,
    caller: Caller,
    document: Mapping[str, Any],
    places: Places | None,
    expected_revision: int | None,
) -> RecordStateAnswer:
    try:
        with services.database.transaction() as conn:
            written = records.add_record(
                conn,
                document,
                caller.require(),
                services.clock,
                code_lists=services.code_lists,
                expected_revision=expected_revision,
            )
    except InvalidRecord as error:
        if places is None:
            raise
        raise InvalidRecord(error.document, placed(error.violations, places)) from None
    return state_answer(written)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        zh, en = "应为 UTF-8 编码的 YAML 或 JSON", "should be YAML or JSON in UTF-8"
        raise BadRequest("body", zh, en) from error


def show_record(services: Services, caller: Caller, resource: str) -> RecordAnswer:
    """The version being edited for those who may see it, else the published one."""
    with services.database.reading() as conn:
        inside = may_see_drafts(caller) and is_open_to(
            conn, caller, records.working(conn, resource).department_id
        )
        if not inside:
            return _published(services, conn, visible(conn, resource))
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        found = check_open(conn, caller, resource)
        process = _process(conn, found)
        if found.state is not State.PUBLISHED:
            return _working(found, process)
        return _published(services, conn, visible(conn, resource), process)


def published_record(services: Services, resource: str) -> RecordAnswer:
    """The published version; RecordNotFound also where there is a record that is not published."""
    with services.database.reading() as conn:
        return _published(services, conn, visible(conn, resource))


def record_history(services: Services, caller: Caller, resource: str) -> list[dict[str, Any]]:
    """Who did what to a record and when, oldest first."""
    return [step.as_json() for step in _history(services, caller, resource, 0, None)]


def history_page(
    services: Services, caller: Caller, resource: str, after: int, limit: int
) -> tuple[list[RecordStep], int | None]:
    """A page of the history, and the revision after which the next one begins."""
    found = _history(services, caller, resource, after, limit + 1)
    return found[:limit], found[limit - 1].revision if len(found) > limit else None


def _history(
    services: Services, caller: Caller, resource: str, after: int, limit: int | None
) -> list[RecordStep]:
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        check_open(conn, caller, resource)
        return [_step(each) for each in records.history(conn, resource, after=after, limit=limit)]


def _step(event: RecordEvent) -> RecordStep:
    return RecordStep(
        revision=event.revision,
        at=event.at,
        action=event.action,
        from_state=event.from_state,
        to_state=event.to_state,
        version=event.version,
        account=event.account,
        opinion=event.opinion,
    )


def record_diff(
    services: Services, caller: Caller, resource: str, before: int | None, after: int | None
) -> list[DifferenceOfVersions]:
    """What changed between two versions; by default between the newest and the one before it."""
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        newest = check_open(conn, caller, resource).version
        last = newest if after is None else after
        first = max(1, last - 1) if before is None else before
        old, new = (records.document_of(conn, resource, each) for each in (first, last))
        found = records.diff(conn, resource, first, last)
    answers = []
    for each in found:
        said = sentence_of(each, old, new, services.code_lists)
        facts = {"path": each.path, "change": each.change.value}
        values = {"before": each.before, "after": each.after}
        sentence = {"zh": said.zh, "en": said.en, "tightened": said.tightened}
        answers.append(DifferenceOfVersions(**facts, **values, **sentence))
    return answers


def record_bindings(services: Services, caller: Caller, resource: str) -> list[BindingAnswer]:
    """What a record is and was bound to, oldest first."""
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        return _bindings(conn, check_open(conn, caller, resource).resource_id)


def _bindings(conn: sa.Connection, resource_id: str) -> list[BindingAnswer]:
    return [
        BindingAnswer(
            number=each.number,
            kind=each.kind.value,
            target=each.target,
            bound_by=each.bound_by,
            bound_at=each.bound_at,
            ended_at=each.ended_at,
        )
        for each in list_bindings(conn, resource_id)
    ]


def _process(conn: sa.Connection, found: WorkingRecord) -> RecordProcess:
    reviews = [
        SecrecyReviewAnswer(
            version=each.version,
            sha256=each.sha256,
            signed_by=each.signed_by,
            signed_at=each.signed_at,
            opinion=each.opinion,
            impact_note=each.impact_note,
        )
        for each in list_reviews(conn, found.resource_id)
    ]
    return RecordProcess(
        revision=found.revision,
        publish_at=scheduled_for(conn, found.resource_id),
        bindings=_bindings(conn, found.resource_id),
        secrecy_reviews=reviews,
    )


def _working(found: WorkingRecord, process: RecordProcess) -> RecordAnswer:
    return RecordAnswer(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        department_id=found.department_id,
        version=found.version,
        state=found.state.value,
        process=process,
        document=dict(found.document),
    )


def _published(
    services: Services,
    conn: sa.Connection,
    found: PublishedRecord,
    process: RecordProcess | None = None,
) -> RecordAnswer:
    answer = RecordAnswer(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        department_id=found.department_id,
        version=found.version,
        state=State.PUBLISHED.value,
        published_at=found.published_at,
        publish_date=in_china(found.published_at)[:10],
        process=process,
        # who may see the process may see all of it
        document=dict(found.document if process else public_document(found.document)),
    )
    # views are built, and interfaces asked: neither is delivered by a day
    if found.is_view or kind_of(found.document) is ResourceKind.INTERFACE:
        return answer
    delivered = last_update(conn, found.resource_id)
    last, now = delivered or found.published_at, services.clock.now()
    days = (last.astimezone(CHINA_TIME).date(), now.astimezone(CHINA_TIME).date())
    return answer.model_copy(
        update={"next_due": next_due(str(found.document["update_cycle"]), *days)}
    )
