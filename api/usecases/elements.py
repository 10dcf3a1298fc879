"""Data elements: proposed by stewards, decided by the authority, read by everybody once adopted."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.answers import in_china
from api.answers.registers import (
    ElementAnswer,
    ElementReviewAnswer,
    ElementStateAnswer,
    SimilarElement,
)
from api.errors import NotOneOf
from api.usecases.access import Caller, watched
from api.usecases.rights import RIGHTS, UseCase
from catalog import elements
from catalog.element_life import UNDER_REVIEW, ElementAction, ElementState

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.elements import Element, Proposal
    from standards.element_likeness import Likeness

_PAGE = 500
# what is done to an element by its id; a proposal has a document
_DECISIONS = (ElementAction.AGREE, ElementAction.REJECT, ElementAction.RETIRE)


def propose_element(
    services: Services, caller: Caller, document: Mapping[str, Any]
) -> ElementStateAnswer:
    """Propose an element or a change of one; the answer shows others that may be the same.

    Raises what `catalog.elements.propose` raises.
    """
    with watched(services, caller, UseCase.ELEMENT_PROPOSE) as trail:
        trail.detail["element"] = str(document.get("element_id"))
        with services.database.transaction() as conn:
            proposed = elements.propose(
                conn, document, caller.require(), services.clock, code_lists=services.code_lists
            )
    return _state(proposed)


def act_on_element(
    services: Services, caller: Caller, element_id: str, action: str, opinion: str | None
) -> ElementStateAnswer:
    """Agree to an element, reject or retire it; raises what `catalog.elements.act` raises."""
    with watched(services, caller, UseCase.ELEMENT_DO) as trail:
        trail.detail |= {"element": element_id, "action": action}
        if action not in _DECISIONS:
            raise NotOneOf("action", _DECISIONS)
        with services.database.transaction() as conn:
            done = elements.act(
                conn,
                element_id,
                ElementAction(action),
                caller.require(),
                opinion,
                services.clock,
            )
    return _state(done)


def adopted_page(
    services: Services, q: str | None, after: str | None, limit: int
) -> tuple[list[ElementAnswer], str | None]:
    """A page of the adopted elements, and the key after which the next one begins."""
    with services.database.reading() as conn:
        page = elements.list_adopted(conn, q=q, limit=limit, cursor=after)
    return [_answer(each) for each in page.rows], page.next_cursor


def adopted_element(services: Services, element_id: str) -> ElementAnswer:
    """An element as adopted; ElementNotFound also where one is only proposed."""
    with services.database.reading() as conn:
        return _answer(elements.adopted(conn, element_id))


def list_elements(
    services: Services, caller: Caller, state: str | None, q: str | None
) -> list[ElementAnswer]:
    """All adopted elements by id; those in another state for who may see proposals."""
    if state is None:
        return [each for page in _pages(services, None, q) for each in page]
    if state not in set(ElementState):
        raise NotOneOf("state", tuple(ElementState))
    with watched(services, caller, UseCase.ELEMENT_READ_PROPOSED):
        return [each for page in _pages(services, ElementState(state), q) for each in page]


def _pages(
    services: Services, state: ElementState | None, q: str | None
) -> list[list[ElementAnswer]]:
    pages: list[list[ElementAnswer]] = []
    cursor: str | None = None
    with services.database.reading() as conn:
        while not pages or cursor is not None:
            page = (
                elements.list_adopted(conn, q=q, limit=_PAGE, cursor=cursor)
                if state is None
                else elements.list_in_state(conn, state, q=q, limit=_PAGE, cursor=cursor)
            )
            pages.append([_answer(each) for each in page.rows])
            cursor = page.next_cursor
    return pages


def show_element(services: Services, caller: Caller, element_id: str) -> ElementAnswer:
    """The version under review for those who may see it, with what it may double; else the
    adopted one."""
    if RIGHTS[UseCase.ELEMENT_READ_PROPOSED].isdisjoint(caller.roles):
        return adopted_element(services, element_id)
    with (
        watched(services, caller, UseCase.ELEMENT_READ_PROPOSED) as trail,
        services.database.reading() as conn,
    ):
        trail.detail["element"] = element_id
        found = elements.working(conn, element_id)
        if found.state not in UNDER_REVIEW:
            return _answer(found)
        similar = elements.similar_to(conn, found.element)
    return ElementReviewAnswer(
        **_answer(found).model_dump(),
        department_id=found.department_id,
        similar=_similar(similar),
    )


def element_history(services: Services, caller: Caller, element_id: str) -> list[dict[str, Any]]:
    """Who proposed and decided what of an element and when, oldest first."""
    with (
        watched(services, caller, UseCase.ELEMENT_READ_PROPOSED) as trail,
        services.database.reading() as conn,
    ):
        trail.detail["element"] = element_id
        return [
            {**dataclasses.asdict(event), "at": in_china(event.at)}
            for event in elements.history(conn, element_id)
        ]


def _state(done: Proposal) -> ElementStateAnswer:
    return ElementStateAnswer(
        element_id=done.element_id,
        version=done.version,
        state=done.state.value,
        revision=done.revision,
        similar=_similar(done.similar),
    )


def _similar(found: tuple[Likeness, ...]) -> tuple[SimilarElement, ...]:
    return tuple(SimilarElement(**dataclasses.asdict(each)) for each in found)


def _answer(found: Element) -> ElementAnswer:
    element = found.element
    return ElementAnswer(
        element_id=element.id,
        version=found.version,
        state=found.state.value,
        origin=found.origin,
        name=element.name,
        definition=element.definition,
        data_type=element.data_type,
        length=element.length,
        scale=element.scale,
        code_list=element.code_list,
        identifier=None if element.identifier is None else element.identifier.value,
        standard=element.standard,
        basic=element.basic,
        level=element.level,
        authority=element.authority,
        synonyms=element.synonyms,
    )
