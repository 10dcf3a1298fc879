"""Lists of records: the shared catalogue, the departments' own ones, and the binding rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.answers import RecordSummary, in_china
from api.answers.publishing import BindingRateAnswer, BindingRatesAnswer
from api.errors import NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.record_sight import is_open_to, may_see_drafts, open_departments, sees_all_drafts
from api.usecases.rights import UseCase
from catalog import departments, records
from catalog.errors import NotPermitted
from catalog.life_cycle import State
from catalog.publishing.bindings import BindingRate, binding_rates, total_of
from catalog.records import OWN_CATALOGUE
from catalog.roles import Role

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.record_register import RecordSummary as WorkingLine
    from catalog.records import PublishedLine

_PAGE = 500


class Catalogue(StrEnum):
    """The platform's shared catalogue (平台共享目录), or a department's own (部门自有资源目录)."""

    OWN = "own"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to list; None for any."""

    state: str | None = None
    department: str | None = None
    q: str | None = None
    catalogue: str | None = None


def published_page(
    services: Services, q: str | None, after: str | None, limit: int
) -> tuple[list[RecordSummary], str | None]:
    """A page of the shared catalogue, and the key after which the next one begins."""
    with services.database.reading() as conn:
        page = records.list_lines(conn, q=q, limit=limit, cursor=after)
    return [_published_line(each) for each in page.rows], page.next_cursor


def list_records(services: Services, caller: Caller, wanted: RecordFilter) -> list[RecordSummary]:
    """Published records of all, and every record that the caller may see being edited, by id."""
    _check_filter(wanted)
    if wanted.catalogue == Catalogue.OWN:
        return list(_whole_own_catalogue(services, caller, wanted))
    with services.database.reading() as conn:
        found = {each.resource_id: each for each in _all_published(conn, wanted)}
    if may_see_drafts(caller) and wanted.catalogue is None:
        with (
            watched(services, caller, UseCase.RECORD_READ_DRAFT),
            services.database.reading() as conn,
        ):
            found |= {each.resource_id: each for each in _all_working(conn, caller, wanted)}
    lines = (found[resource_id] for resource_id in sorted(found))
    return [line for line in lines if wanted.state in {None, line.state}]


def records_page(
    services: Services, caller: Caller, wanted: RecordFilter, after: str | None, limit: int
) -> tuple[list[RecordSummary], str | None]:
    """A page of records in any state: of the caller's department, or of those it may see.

    With catalogue "own" a department's own catalogue, which its parents' people see too.
    """
    _check_filter(wanted)
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT) as trail,
        services.database.reading() as conn,
    ):
        department = _department(conn, caller, wanted)
        trail.detail["department"] = department
        own = wanted.catalogue == Catalogue.OWN
        page = records.list_records(
            conn,
            state=None if wanted.state is None else State(wanted.state),
            states=OWN_CATALOGUE if own else None,
            department=department,
            q=wanted.q,
            limit=limit,
            cursor=after,
        )
    return [_working_line(each) for each in page.rows], page.next_cursor


def _department(conn: sa.Connection, caller: Caller, wanted: RecordFilter) -> str | None:
    """The department whose records are listed, None for all; DepartmentNotFound, NotPermitted."""
    account = caller.require()
    if wanted.department is None:
        return None if sees_all_drafts(caller) else account.department_id
    department = departments.require(conn, wanted.department).department_id
    # whoever belongs to a department above may look into the catalogue of its own
    own = wanted.catalogue == Catalogue.OWN
    below = departments.with_subordinates(conn, account.department_id) if own else frozenset()
    if department in below or is_open_to(conn, caller, department):
        return department
    raise NotPermitted(
        account.name,
        action=UseCase.RECORD_READ_DRAFT.value,
        resource=department,
        role=Role.AUTHORITY,
    )


def _whole_own_catalogue(
    services: Services, caller: Caller, wanted: RecordFilter
) -> Iterator[RecordSummary]:
    cursor: str | None = None
    while True:
        rows, cursor = records_page(services, caller, wanted, cursor, _PAGE)
        yield from rows
        if cursor is None:
            return


def department_page(
    services: Services, caller: Caller, department: str, after: str | None, limit: int
) -> tuple[list[RecordSummary], str | None]:
    """A page of a department's own catalogue: for its people, those above it, the authority."""
    wanted = RecordFilter(department=department, catalogue=Catalogue.OWN)
    return records_page(services, caller, wanted, after, limit)


def show_binding_rates(
    services: Services, caller: Caller, department: str | None
) -> BindingRatesAnswer:
    """How much of what is published is bound to something, by department and in all."""
    with watched(services, caller, UseCase.BINDING_RATES), services.database.reading() as conn:
        if department is not None:
            department = departments.require(conn, department).department_id
        rates = binding_rates(conn, department)
    return BindingRatesAnswer(
        total=_rate(replace(total_of(rates), department_id=department)),
        departments=[_rate(each) for each in rates],
    )


def _rate(found: BindingRate) -> BindingRateAnswer:
    return BindingRateAnswer(
        department_id=found.department_id,
        published=found.published,
        bound=found.bound,
        filled=found.filled,
        rate=None if found.rate is None else round(found.rate, 4),
    )


def _check_filter(wanted: RecordFilter) -> None:
    if wanted.state is not None and wanted.state not in set(State):
        raise NotOneOf("state", tuple(State))
    if wanted.catalogue is not None and wanted.catalogue not in set(Catalogue):
        raise NotOneOf("catalogue", tuple(Catalogue))


def _all_published(conn: sa.Connection, wanted: RecordFilter) -> Iterator[RecordSummary]:
    cursor: str | None = None
    while True:
        page = records.list_lines(
            conn, department=wanted.department, q=wanted.q, limit=_PAGE, cursor=cursor
        )
        yield from (_published_line(each) for each in page.rows)
        cursor = page.next_cursor
        if cursor is None:
            return


def _all_working(
    conn: sa.Connection, caller: Caller, wanted: RecordFilter
) -> Iterator[RecordSummary]:
    opened = open_departments(conn, caller)
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
            mine = opened is None or each.department_id in opened
            if mine and each.state is not State.PUBLISHED:
                yield _working_line(each)
        cursor = page.next_cursor
        if cursor is None:
            return


def _working_line(found: WorkingLine) -> RecordSummary:
    return RecordSummary(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        name=found.name,
        kind=found.kind.value,
        department_id=found.department_id,
        version=found.version,
        state=found.state.value,
        provider_name=found.provider_name,
        share_type=found.share_type,
    )


def _published_line(found: PublishedLine) -> RecordSummary:
    return RecordSummary(
        resource_id=found.resource_id,
        resource_code=found.resource_code,
        name=found.name,
        kind=found.kind.value,
        department_id=found.department_id,
        version=found.version,
        state=State.PUBLISHED.value,
        provider_name=found.provider_name,
        share_type=found.share_type,
        published_at=found.published_at,
        publish_date=in_china(found.published_at)[:10],
    )
