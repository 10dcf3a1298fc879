"""The negative list, for everybody: what is not shared, and which law says so."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from api.answers.publishing import NegativeListEntry
from catalog.clock import CHINA_TIME
from catalog.publishing import negative_list

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.publishing.negative_list import Entry
    from standards.code_lists import CodeList

BASES = "legal_basis"
_PAGE = 500


def negative_list_page(
    services: Services,
    *,
    department: str | None = None,
    overdue_only: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[NegativeListEntry], str | None]:
    """A page of the list by resource id, and the key after which the next one begins."""
    today = services.clock.now().astimezone(CHINA_TIME).date()
    with services.database.reading() as conn:
        page = negative_list.list_entries(
            conn,
            department=department,
            overdue_on=today if overdue_only else None,
            limit=limit,
            cursor=after,
        )
    bases = services.code_lists.require(BASES)
    return [_answer(entry, bases, today) for entry in page.rows], page.next_cursor


def whole_negative_list(
    services: Services, *, department: str | None = None, overdue_only: bool = False
) -> list[NegativeListEntry]:
    """All entries by resource id."""
    found: list[NegativeListEntry] = []
    cursor: str | None = None
    while True:
        page, cursor = negative_list_page(
            services, department=department, overdue_only=overdue_only, after=cursor, limit=_PAGE
        )
        found += page
        if cursor is None:
            return found


def _answer(entry: Entry, bases: CodeList, today: date) -> NegativeListEntry:
    basis = bases.find(entry.basis)
    return NegativeListEntry(
        resource_id=entry.resource_id,
        resource_code=entry.resource_code,
        name=entry.name,
        department_id=entry.department_id,
        provider_name=entry.provider_name,
        version=entry.version,
        basis=entry.basis,
        basis_name=None if basis is None else basis.name,
        clause=entry.clause,
        approved_at=entry.approved_at,
        confirmed_at=entry.confirmed_at,
        review_by=entry.review_by,
        overdue=entry.review_by < today,
    )
