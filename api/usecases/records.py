"""Metadata records: checked, written, moved through their life, and read by whoever may."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from api.answers import RecordAnswer, RecordStateAnswer, RecordSummary, in_china
from api.bootstrap import local_code_lists
from api.errors import NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.rights import RIGHTS, UseCase, sees_every_department
from catalog import records
from catalog.errors import NotPermitted, RecordNotFound, RecordNotPublished
from catalog.life_cycle import Action, State
from catalog.roles import Role
from standards.elements import optional_text
from standards.records import kind_of
from standards.violations import errors_of

if TYPE_CHECKING:
    from api.bootstrap import Services
    from api.settings import Settings
    from catalog.records import PublishedRecord, RecordState, WorkingRecord

_PAGE = 500


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to list; None for any."""

    state: str | None = None
    department: str | None = None
    q: str | None = None


def check_record(settings: Settings, document: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a record by the standards and the local code lists alone; nothing is kept."""
    from standards.record_check import check_record as check

    violations = check(document, local_code_lists(settings))
    return {
        "valid": not errors_of(violations),
        "violations": [violation.as_json() for violation in violations],
    }


def add_record(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> RecordStateAnswer:
    """Write a draft or the next version; the errors of `catalog.records.add_record`."""
    with watched(services, caller, UseCase.RECORD_ADD) as trail:
        trail.resource = optional_text(document.get("resource_id"))
        with services.database.transaction() as conn:
            written = records.add_record(
                conn, document, caller.require(), services.clock, code_lists=services.code_lists
            )
    return _state(written)


def act_on_record(
    services: Services, caller: Caller, resource: str, action: str, opinion: str | None
) -> RecordStateAnswer:
    """Do one action of the transition table; the errors of `catalog.records.act`."""
    with watched(services, caller, UseCase.RECORD_DO, resource=resource) as trail:
        trail.detail["action"] = action
        if action not in set(Action):
            raise NotOneOf("action", tuple(Action))
        with services.database.transaction() as conn:
            # first of all: in which state a record is, is not for everyone to know
            _check_open(conn, caller, resource, action)
            done = records.act(
                conn, resource, Action(action), caller.require(), opinion, services.clock
            )
    return _state(done)


def show_record(services: Services, caller: Caller, resource: str) -> RecordAnswer:
    """The version being edited for those who may see it, else the published one."""
    with services.database.reading() as conn:
        if _may_see_drafts(caller):
            found = records.working(conn, resource)
            if found.state is not State.PUBLISHED and _is_open_to(caller, found.department_id):
                return _working(found)
        return _published(_visible(conn, resource))


def published_record(services: Services, resource: str) -> RecordAnswer:
    """The published version; RecordNotFound also where there is a record that is not published."""
    with services.database.reading() as conn:
        return _published(_visible(conn, resource))


def published_page(
    services: Services, q: str | None, after: str | None, limit: int
) -> tuple[list[RecordSummary], str | None]:
    """A page of the public catalogue, and the key after which the next one begins."""
    with services.database.reading() as conn:
        page = records.list_published(conn, q=q, limit=limit, cursor=after)
    return [_published_line(each) for each in page.rows], page.next_cursor


def list_records(services: Services, caller: Caller, wanted: RecordFilter) -> list[RecordSummary]:
    """Published records of all, and every record that the caller may see being edited, by id."""
    if wanted.state is not None and wanted.state not in set(State):
        raise NotOneOf("state", tuple(State))
    with services.database.reading() as conn:
        found = {each.resource_id: each for each in _all_published(conn, wanted)}
        if _may_see_drafts(caller):
            found |= {each.resource_id: each for each in _all_working(conn, caller, wanted)}
    lines = (found[resource_id] for resource_id in sorted(found))
    return [line for line in lines if wanted.state in {None, line.state}]


def record_history(services: Services, caller: Caller, resource: str) -> list[dict[str, Any]]:
    """Who did what to a record and when, oldest first."""
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        _check_open(conn, caller, resource)
        return [
            {**dataclasses.asdict(event), "at": in_china(event.at)}
            for event in records.history(conn, resource)
        ]


def record_diff(
    services: Services, caller: Caller, resource: str, before: int | None, after: int | None
) -> list[dict[str, Any]]:
    """What changed between two versions; by default between the newest and the one before it."""
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        newest = _check_open(conn, caller, resource).version
        last = newest if after is None else after
        first = max(1, last - 1) if before is None else before
        found = records.diff(conn, resource, first, last)
        return [dataclasses.asdict(difference) for difference in found]


def _may_see_drafts(caller: Caller) -> bool:
    return not RIGHTS[UseCase.RECORD_READ_DRAFT].isdisjoint(caller.roles)


def _is_open_to(caller: Caller, department_id: str) -> bool:
    own = caller.account is not None and caller.account.department_id == department_id
    return own or sees_every_department(UseCase.RECORD_READ_DRAFT, caller.roles)


def _check_open(
    conn: sa.Connection,
    caller: Caller,
    resource: str,
    action: str = UseCase.RECORD_READ_DRAFT.value,
) -> WorkingRecord:
    found = records.working(conn, resource)
    if not _is_open_to(caller, found.department_id):
        _visible(conn, resource)
        raise NotPermitted(
            caller.require().name,
            action=action,
            resource=resource,
            role=Role.AUTHORITY,
        )
    return found


def _visible(conn: sa.Connection, resource: str) -> PublishedRecord:
    try:
        return records.published(conn, resource)
    except RecordNotPublished as error:
        # to the public, what is not published is not there
        raise RecordNotFound(error.resource) from None


def _all_published(conn: sa.Connection, wanted: RecordFilter) -> Iterator[RecordSummary]:
    cursor: str | None = None
    while True:
        page = records.list_published(
            conn, department=wanted.department, q=wanted.q, limit=_PAGE, cursor=cursor
        )
        yield from (_published_line(each) for each in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _all_working(
    conn: sa.Connection, caller: Caller, wanted: RecordFilter
) -> Iterator[RecordSummary]:
    cursor: str | None = None
    while True:
        page = records.list_records(
            conn,
            state=None if wanted.state is None else State(wanted.state),
            department=wanted.department,
            q=wanted.q,
            limit=_PAGE,
            cursor=cursor,
        )
        for each in page.rows:
            if each.state is not State.PUBLISHED and _is_open_to(caller, each.department_id):
                yield RecordSummary(
                    resource_id=each.resource_id,
                    resource_code=each.resource_code,
                    name=each.name,
                    kind=each.kind.value,
                    department_id=each.department_id,
                    version=each.version,
                    state=each.state.value,
                )
        cursor = page.next_cursor
        if cursor is None:
            return


def _state(done: RecordState) -> RecordStateAnswer:
    return RecordStateAnswer(
        resource_id=done.resource_id,
        resource_code=done.resource_code,
        version=done.version,
        state=done.state.value,
        revision=done.revision,
    )


def _working(found: WorkingRecord) -> RecordAnswer:
    return RecordAnswer(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        department_id=found.department_id,
        version=found.version,
        state=found.state.value,
        document=dict(found.document),
    )


def _published(found: PublishedRecord) -> RecordAnswer:
    return RecordAnswer(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        department_id=found.department_id,
        version=found.version,
        state=State.PUBLISHED.value,
        published_at=found.published_at,
        publish_date=in_china(found.published_at)[:10],
        document=dict(found.document),
    )


def _published_line(found: PublishedRecord) -> RecordSummary:
    document = found.document
    return RecordSummary(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        name=str(document["name"]),
        kind=kind_of(document).value,
        department_id=found.department_id,
        version=found.version,
        state=State.PUBLISHED.value,
        provider_name=document.get("provider_name"),
        share_type=document.get("share_type"),
        published_at=found.published_at,
        publish_date=in_china(found.published_at)[:10],
    )
