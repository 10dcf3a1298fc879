"""Reading the register of data elements: what is adopted, what is under review, what happened."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from catalog.element_life import UNDER_REVIEW, ElementState
from catalog.element_rows import SHIPPED
from catalog.record_register import Page
from catalog.record_rows import folded
from catalog.register_errors import ElementNotFound
from catalog.tables import element_events, element_versions, elements
from standards.element_likeness import Likeness, similar_elements
from standards.elements import DataElement, load_elements, read_element


@dataclass(frozen=True, slots=True)
class Element:
    """One version of an element, and where the element stands; `department_id` proposed it."""

    element: DataElement
    version: int
    state: ElementState
    origin: str
    department_id: str | None


@dataclass(frozen=True, slots=True)
class ElementEvent:
    """One line of the history; `action` is an ElementAction or a Deed."""

    revision: int
    at: datetime
    action: str
    from_state: ElementState | None
    to_state: ElementState
    version: int
    account: str
    opinion: str | None


def _versions(version: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Elements with the version that a column of theirs names."""
    return sa.select(
        elements.c.element_id,
        element_versions.c.document,
        element_versions.c.version,
        elements.c.state,
        elements.c.origin,
        elements.c.department_id,
    ).join_from(
        elements,
        element_versions,
        (element_versions.c.element_id == elements.c.element_id)
        & (element_versions.c.version == version),
    )


_ADOPTED = _versions(elements.c.adopted_version)
_LAST = _versions(elements.c.last_version)


def registered(
    conn: sa.Connection, only: Collection[str] | None = None
) -> Mapping[str, DataElement]:
    """The elements that items may point at, by id: the shipped ones, and those adopted here.

    `only` leaves out those adopted here that it does not name.
    """
    query = _ADOPTED.where(elements.c.origin != SHIPPED).order_by(elements.c.element_id)
    if only is not None:
        query = query.where(elements.c.element_id.in_(only))
    own = {row.element_id: _parsed(row.document) for row in conn.execute(query)}
    # the shipped ones as this release has them: the base views are built on those
    return MappingProxyType({**own, **load_elements()})


def adopted(conn: sa.Connection, element_id: str) -> Element:
    """The version that items may point at, or ElementNotFound."""
    return _one(conn, _ADOPTED, element_id)


def working(conn: sa.Connection, element_id: str) -> Element:
    """The version that waits for a decision, else the adopted one, else the last one."""
    found = _one(conn, _LAST, element_id)
    if found.state is ElementState.ADOPTED:
        return adopted(conn, element_id)
    return found


def _one(conn: sa.Connection, query: sa.Select[Any], element_id: str) -> Element:
    row = conn.execute(query.where(elements.c.element_id == element_id)).first()
    if row is None:
        raise ElementNotFound(element_id)
    return _read(row)


def list_adopted(
    conn: sa.Connection, *, q: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page[Element]:
    """Adopted elements by id: those whose id, names, definition or standard hold every word."""
    return _page(conn, _ADOPTED, q, limit, cursor)


def list_in_state(
    conn: sa.Connection,
    state: ElementState,
    *,
    q: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Element]:
    """Elements in a state by id, each as its last version; adopted ones as what is adopted."""
    query = _ADOPTED if state is ElementState.ADOPTED else _LAST
    return _page(conn, query.where(elements.c.state == state), q, limit, cursor)


def _page(
    conn: sa.Connection, query: sa.Select[Any], q: str | None, limit: int, cursor: str | None
) -> Page[Element]:
    for word in folded(q or "").split():
        query = query.where(element_versions.c.search_text.contains(word, autoescape=True))
    if cursor is not None:
        query = query.where(elements.c.element_id > cursor)
    rows = conn.execute(query.order_by(elements.c.element_id).limit(limit + 1)).all()
    found = [_read(row) for row in rows[:limit]]
    return Page(found, found[-1].element.id if len(rows) > limit else None)


def similar_to(conn: sa.Connection, proposed: DataElement) -> tuple[Likeness, ...]:
    """The registered and the proposed elements that may be the same thing as this one."""
    query = _LAST.where(elements.c.state.in_(UNDER_REVIEW))
    waiting = {row.element_id: _parsed(row.document) for row in conn.execute(query)}
    return similar_elements(proposed, {**waiting, **registered(conn)}.values())


def history(conn: sa.Connection, element_id: str) -> list[ElementEvent]:
    """Everything that happened to an element, oldest first; ElementNotFound."""
    table = element_events
    query = sa.select(
        table.c.revision,
        table.c.at,
        table.c.action,
        table.c.from_state,
        table.c.to_state,
        table.c.version,
        table.c.account,
        table.c.opinion,
    ).where(table.c.element_id == element_id)
    found = [_event(row) for row in conn.execute(query.order_by(table.c.revision))]
    if not found:
        raise ElementNotFound(element_id)
    return found


def _event(row: sa.Row[*tuple[Any, ...]]) -> ElementEvent:
    revision, at, action, from_state, to_state, version, account, opinion = row
    start = None if from_state is None else ElementState(from_state)
    return ElementEvent(
        revision, at, action, start, ElementState(to_state), version, account, opinion
    )


def _read(row: sa.Row[*tuple[Any, ...]]) -> Element:
    _element_id, text, version, state, origin, department_id = row
    return Element(_parsed(text), version, ElementState(state), origin, department_id)


# a stored version never changes, so its text tells all
@lru_cache(maxsize=8192)
def _parsed(text: str) -> DataElement:
    document: dict[str, object] = json.loads(text)
    return read_element(str(document["element_id"]), document)
