"""The register of data elements (数据元): shipped ones installed, others proposed and reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from catalog.clock import Clock
from catalog.element_life import (
    UNDER_REVIEW,
    ElementAction,
    ElementStanding,
    ElementState,
    decide,
)
from catalog.element_lists import (
    Element,
    ElementEvent,
    adopted,
    history,
    list_adopted,
    list_in_state,
    registered,
    similar_to,
    working,
)
from catalog.element_rows import (
    PROPOSED,
    SHIPPED,
    change_element,
    find_row,
    insert_elements,
    insert_versions,
    require_row,
    sha256_of,
)
from catalog.record_rows import document_text
from catalog.register_errors import InvalidElement
from catalog.roles import INSTALLER, Actor, Deed
from catalog.tables import elements as _table
from standards.code_lists import CodeLists, load_code_lists
from standards.element_check import check_element
from standards.element_likeness import Likeness
from standards.elements import load_elements, optional_text, read_element, shipped_documents
from standards.violations import errors_of

__all__ = [
    "Element",
    "ElementEvent",
    "Proposal",
    "act",
    "adopted",
    "history",
    "install_shipped",
    "list_adopted",
    "list_in_state",
    "propose",
    "registered",
    "similar_to",
    "working",
]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where an element stands after a proposal, and which others may be the same thing."""

    element_id: str
    version: int
    state: ElementState
    revision: int
    similar: tuple[Likeness, ...] = ()


def propose(
    conn: sa.Connection,
    document: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
) -> Proposal:
    """Propose an element, or a change of one that is adopted or under review.

    What waits or holds already changes nothing when it is proposed again. Raises InvalidElement
    and what `element_life.decide` raises.
    """
    violations = check_element(document, code_lists or load_code_lists())
    if errors_of(violations):
        raise InvalidElement(optional_text(document.get("element_id")), violations)
    element_id = str(document["element_id"])
    similar = similar_to(conn, read_element(element_id, document))
    row = find_row(conn, element_id)
    state = decide(_standing(element_id, row), ElementAction.PROPOSE, actor, None)
    if row is None:
        first = _propose_first(conn, document, actor, clock)
        if first is not None:
            return _proposal(first, similar)
        # somebody else was proposing it at this moment: then it is as if he came before
        row = require_row(conn, element_id)
        state = decide(_standing(element_id, row), ElementAction.PROPOSE, actor, None)
    if not _says_something_new(conn, row, document):
        return _proposal(row, similar)
    now = clock.now()
    version = row["last_version"]
    if sha256_of(conn, element_id, version) != document_text(document)[1]:
        version += 1
        insert_versions(conn, [(document, version)], actor.name, now)
    changes = {
        "state": state,
        "last_version": version,
        "department_id": actor.department_id,
        "submitted_by": actor.name,
        "last_action": ElementAction.PROPOSE,
        "changed_at": now,
    }
    return _proposal(change_element(conn, row, changes, actor.name, None), similar)


def act(
    conn: sa.Connection,
    element_id: str,
    action: ElementAction,
    actor: Actor,
    opinion: str | None,
    clock: Clock,
) -> Proposal:
    """Decide on an element or retire it; the same decision again changes nothing.

    Raises ElementNotFound, and what `element_life.decide` raises.
    """
    row = require_row(conn, element_id)
    state = decide(_standing(element_id, row), action, actor, opinion)
    if state is None:
        return _proposal(row)
    holds = {
        ElementAction.AGREE: row["last_version"],
        ElementAction.REJECT: row["adopted_version"],
        ElementAction.RETIRE: None,
        ElementAction.PROPOSE: row["adopted_version"],
    }
    changes = {
        "state": state,
        "adopted_version": holds[action],
        "submitted_by": None,
        "last_action": action,
        "changed_at": clock.now(),
    }
    return _proposal(change_element(conn, row, changes, actor.name, opinion))


def install_shipped(conn: sa.Connection, clock: Clock) -> int:
    """Make the shipped elements adopted ones, follow up what a release changed, and say how many.

    A shipped one takes its id also where it was proposed before; what is shipped no more is
    retired.
    """
    shipped = shipped_documents()
    rows = {row["element_id"]: row for row in conn.execute(sa.select(_table)).mappings()}
    first = [document for element_id, document in shipped.items() if element_id not in rows]
    if first:
        new = [_installed(str(document["element_id"]), clock) for document in first]
        insert_elements(conn, new, INSTALLER)
        insert_versions(conn, [(document, 1) for document in first], INSTALLER, clock.now())
    changed = sum(
        _follow(conn, row, shipped.get(element_id), clock) for element_id, row in rows.items()
    )
    return len(first) + changed


def _follow(
    conn: sa.Connection, row: Mapping[Any, Any], document: Mapping[str, Any] | None, clock: Clock
) -> int:
    """Bring a row up to its shipped document; 1 where that changed anything."""
    if document is None:
        if row["origin"] != SHIPPED or row["state"] == ElementState.RETIRED:
            return 0
        gone = {"state": ElementState.RETIRED, "adopted_version": None}
        change_element(conn, row, {**gone, **_install_facts(clock)}, INSTALLER, None)
        return 1
    held = sha256_of(conn, row["element_id"], row["adopted_version"])
    if row["origin"] == SHIPPED and held == document_text(document)[1]:
        return 0
    version = row["last_version"] + 1
    insert_versions(conn, [(document, version)], INSTALLER, clock.now())
    changes = {"state": ElementState.ADOPTED, "origin": SHIPPED, **_install_facts(clock)}
    changes |= {"last_version": version, "adopted_version": version}
    change_element(conn, row, changes, INSTALLER, None)
    return 1


def _install_facts(clock: Clock) -> dict[str, Any]:
    return {
        "department_id": None,
        "submitted_by": None,
        "last_action": Deed.INSTALL,
        "changed_at": clock.now(),
    }


def _installed(element_id: str, clock: Clock) -> dict[str, Any]:
    return {
        "element_id": element_id,
        "state": ElementState.ADOPTED,
        "origin": SHIPPED,
        "revision": 1,
        "last_version": 1,
        "adopted_version": 1,
        **_install_facts(clock),
    }


def _propose_first(
    conn: sa.Connection, document: Mapping[str, Any], actor: Actor, clock: Clock
) -> Mapping[str, Any] | None:
    """The row of a new element; None when someone else made one of this id meanwhile."""
    now = clock.now()
    row = {
        "element_id": document["element_id"],
        "state": ElementState.PROPOSED,
        "origin": PROPOSED,
        "revision": 1,
        "last_version": 1,
        "adopted_version": None,
        "department_id": actor.department_id,
        "submitted_by": actor.name,
        "last_action": ElementAction.PROPOSE,
        "changed_at": now,
    }
    try:
        with conn.begin_nested():
            insert_elements(conn, [row], actor.name)
    except sa.exc.IntegrityError:
        if find_row(conn, row["element_id"]) is None:
            raise
        return None
    insert_versions(conn, [(document, 1)], actor.name, now)
    return row


def _says_something_new(
    conn: sa.Connection, row: Mapping[Any, Any], document: Mapping[str, Any]
) -> bool:
    """Whether a document differs from the version that waits for a decision, or else holds."""
    waits = ElementState(row["state"]) in UNDER_REVIEW
    version = row["last_version"] if waits else row["adopted_version"]
    return sha256_of(conn, row["element_id"], version) != document_text(document)[1]


def _standing(element_id: str, row: Mapping[Any, Any] | None) -> ElementStanding:
    if row is None:
        # shipped with this release, though `datong init` has not installed it yet
        return ElementStanding(element_id, None, shipped=element_id in load_elements())
    return ElementStanding(
        element_id,
        ElementState(row["state"]),
        row["origin"] == SHIPPED,
        row["department_id"],
        row["submitted_by"],
        row["last_action"],
    )


def _proposal(row: Mapping[Any, Any], similar: tuple[Likeness, ...] = ()) -> Proposal:
    return Proposal(
        row["element_id"],
        row["last_version"],
        ElementState(row["state"]),
        row["revision"],
        similar,
    )
