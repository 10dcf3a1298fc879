"""一数一源: what other departments provide already, when asked and at registration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from api.answers.likeness import SharedElementAnswer, SimilarAnswer, SimilarRecordsAnswer
from api.usecases.access import Caller, watched
from api.usecases.record_sight import check_open
from api.usecases.rights import UseCase
from catalog import departments
from catalog.likeness.finding import NOTHING_KNOWN, SHORT, FoundSimilar, Similar, find_similar
from standards.elements import optional_text

if TYPE_CHECKING:
    from api.answers.records import RecordStateAnswer
    from api.bootstrap import Services
    from catalog.departments import Department

# so many are listed for who asks
MOST: Final = 20


def similar_to_record(services: Services, caller: Caller, resource: str) -> SimilarRecordsAnswer:
    """What is like a record that the caller may see being edited; RecordNotFound, NotPermitted."""
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT, resource=resource),
        services.database.reading() as conn,
    ):
        found = check_open(conn, caller, resource)
        department = departments.require(conn, found.department_id)
        return _answer(find_similar(conn, services.search, found.document, department, limit=MOST))


def similar_to_document(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> SimilarRecordsAnswer:
    """What is like a document that need not be valid yet; nothing is kept.

    It is compared as a record of the department it names, else of the caller's own.
    """
    with (
        watched(services, caller, UseCase.RECORD_READ_DRAFT),
        services.database.reading() as conn,
    ):
        department = _provider(conn, caller, document)
        return _answer(find_similar(conn, services.search, document, department, limit=MOST))


def _provider(conn: sa.Connection, caller: Caller, document: Mapping[str, Any]) -> Department:
    named = departments.find(conn, optional_text(document.get("provider_code")) or "")
    return named or departments.require(conn, caller.require().department_id)


def with_similar(
    services: Services,
    done: RecordStateAnswer,
    document: Mapping[str, Any],
    department_id: str,
) -> RecordStateAnswer:
    """An answer about a record that was written or submitted, with what is like it.

    What was done is done: where the index or the database is away now, nothing is listed.
    """
    try:
        with services.database.reading() as conn:
            department = departments.require(conn, department_id)
            found = find_similar(conn, services.search, document, department, limit=SHORT)
    except (sa.exc.DBAPIError, sa.exc.TimeoutError):
        found = NOTHING_KNOWN
    shown = _answer(found)
    return done.model_copy(update={"similar": shown.similar, "similar_complete": shown.complete})


def _answer(found: FoundSimilar) -> SimilarRecordsAnswer:
    return SimilarRecordsAnswer(
        similar=[_similar(each) for each in found.similar], complete=found.complete
    )


def _similar(found: Similar) -> SimilarAnswer:
    judged, shared = found.judged, found.judged.overlap
    return SimilarAnswer(
        resource_id=found.resource_id,
        name=found.name,
        department_id=found.department_id,
        provider_name=found.provider_name,
        territory=judged.territory.value,
        verdict=judged.verdict.value,
        elements=[
            SharedElementAnswer(
                element=each.element_id, name=each.name, authoritative=each.authoritative
            )
            for each in found.elements
        ],
        items=list(shared.shared_items),
        title_share=round(shared.title, 3),
        items_share=round(shared.items, 3),
        elements_share=round(shared.elements, 3),
        zh=found.sentence.zh,
        en=found.sentence.en,
    )
