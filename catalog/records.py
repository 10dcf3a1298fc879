"""Records: writing a version, acting on the life cycle, and (from their modules) all reading."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog import rights
from catalog.admission import provider_of
from catalog.clock import Clock
from catalog.codes import front_of, issue_code
from catalog.errors import (
    FrozenByRegistration,
    NotPermitted,
    RecordNotEditable,
    ResourceTaken,
    StaleRevision,
)
from catalog.generations import fits_generation
from catalog.life_cycle import (
    EDITABLE,
    Action,
    Outcome,
    Standing,
    State,
    decide,
    possible_actions,
)
from catalog.record_lists import list_published, list_records, published_tables
from catalog.record_register import (
    Page,
    PublishedRecord,
    RecordEvent,
    RecordState,
    RecordSummary,
    WorkingRecord,
    diff,
    document_of,
    history,
    published,
    state_of,
    working,
)
from catalog.record_rows import (
    change_record,
    document_text,
    find_row,
    insert_event,
    insert_record,
    insert_version,
    mark_published,
    require_row,
    version_row,
)
from catalog.roles import Actor, Deed, Role
from catalog.view_records import install_view_record
from standards.code_lists import CodeLists
from standards.records import read_record

__all__ = [
    "Page",
    "PublishedRecord",
    "RecordEvent",
    "RecordState",
    "RecordSummary",
    "WorkingRecord",
    "act",
    "add_record",
    "diff",
    "document_of",
    "history",
    "install_view_record",
    "list_published",
    "list_records",
    "published",
    "published_tables",
    "working",
]

_ENDED = frozenset({State.DEREGISTERED, State.DELETED})


def add_record(
    conn: sa.Connection,
    document: Mapping[str, Any],
    actor: Actor,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
    expected_revision: int | None = None,
) -> RecordState:
    """Write a draft, or a new version of a record that is open for writing.

    The same content again changes nothing. Raises InvalidRecord, DepartmentNotFound,
    NotPermitted (a steward writes for the own department), ResourceTaken, RecordNotEditable,
    FrozenByRegistration, StaleRevision.
    """
    department_id = provider_of(conn, document, code_lists)
    resource_id = str(document["resource_id"])
    if Role.STEWARD not in actor.roles or actor.department_id != department_id:
        raise NotPermitted(actor.name, action=Deed.WRITE, resource=resource_id, role=Role.STEWARD)
    row = find_row(conn, resource_id)
    if row is None:
        # None where somebody else was writing it at this moment: then it is as if he came before
        first = _write_first(conn, document, department_id, actor.name, clock.now())
        if first is not None:
            return first
        row = require_row(conn, resource_id)
    if row["department_id"] != department_id or row["is_view"] or State(row["state"]) in _ENDED:
        raise ResourceTaken(resource_id)
    stored = version_row(conn, resource_id, row["working_version"])
    if stored["sha256"] == document_text(document)[1]:
        return state_of(row)
    _check_editable(row, document)
    _check_revision(row, expected_revision)
    return _write_next(conn, row, document, actor.name, clock.now())


def _check_editable(row: Mapping[Any, Any], document: Mapping[str, Any]) -> None:
    state = State(row["state"])
    if state not in EDITABLE:
        raise RecordNotEditable(row["resource_id"], state=state, possible=possible_actions(state))
    code = row["resource_code"]
    if code is not None and code.split("/")[0] != front_of(document):
        raise FrozenByRegistration(row["resource_id"], resource_code=code, field="classification")


def _check_revision(row: Mapping[Any, Any], expected: int | None) -> None:
    if expected is not None and expected != row["revision"]:
        raise StaleRevision(row["resource_id"], expected=expected, found=row["revision"])


def _write_first(
    conn: sa.Connection, document: Mapping[str, Any], department_id: str, author: str, now: datetime
) -> RecordState | None:
    row = {
        "resource_id": document["resource_id"],
        "department_id": department_id,
        "is_view": False,
        "state": State.DRAFT,
        "revision": 1,
        "last_version": 1,
        "working_version": 1,
        "last_action": Deed.WRITE,
        "changed_at": now,
    }
    if not insert_record(conn, row):
        return None
    insert_version(conn, document, 1, author, now)
    insert_event(conn, row, None, author, None)
    return RecordState(str(document["resource_id"]), None, 1, State.DRAFT, 1)


def _write_next(
    conn: sa.Connection,
    row: Mapping[Any, Any],
    document: Mapping[str, Any],
    author: str,
    now: datetime,
) -> RecordState:
    version = row["last_version"] + 1
    insert_version(conn, document, version, author, now)
    changes = {
        "last_version": version,
        "working_version": version,
        "last_action": Deed.WRITE,
        "changed_at": now,
    }
    return state_of(change_record(conn, row, changes, author, None))


def act(
    conn: sa.Connection,
    resource: str,
    action: Action,
    actor: Actor,
    opinion: str | None,
    clock: Clock,
    *,
    expected_revision: int | None = None,
) -> RecordState:
    """Do an action of the life cycle; the same one again changes nothing.

    Raises RecordNotFound, StaleRevision and what `life_cycle.decide` raises. Registration issues
    the resource code; publication makes the working version visible and may open a generation;
    a withdrawal ends the grants.
    """
    row = require_row(conn, resource)
    outcome = decide(_standing(row), action, actor, opinion)
    if not outcome.changed:
        return state_of(row)
    _check_revision(row, expected_revision)
    now = clock.now()
    changes = {
        "state": outcome.state,
        "origin": outcome.origin,
        "submitted_by": outcome.submitted_by,
        "last_action": action,
        "changed_at": now,
    }
    changes |= _effects(conn, row, action, outcome, actor, now)
    return state_of(change_record(conn, row, changes, actor.name, opinion))


def _standing(row: Mapping[Any, Any]) -> Standing:
    origin = row["origin"]
    return Standing(
        row["resource_id"],
        row["department_id"],
        State(row["state"]),
        None if origin is None else State(origin),
        row["submitted_by"],
        row["last_action"],
    )


def _effects(
    conn: sa.Connection,
    row: Mapping[Any, Any],
    action: Action,
    outcome: Outcome,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """What an action changes beside the state."""
    if action is Action.DISCARD:
        return {"working_version": row["published_version"]}
    if action is not Action.AGREE:
        return {}
    if outcome.state is State.REGISTERED:
        stored = version_row(conn, row["resource_id"], row["working_version"])
        return {"resource_code": issue_code(conn, front_of(json.loads(stored["document"])))}
    if outcome.state is State.PUBLISHED:
        return _publish(conn, row, now)
    rights.end_rights(conn, row["resource_id"], actor.name, now)
    return {"published_version": None}


def _publish(conn: sa.Connection, row: Mapping[Any, Any], now: datetime) -> dict[str, Any]:
    version = row["working_version"]
    following = version_row(conn, row["resource_id"], version)
    generation = row["generation"] or 1
    if row["last_published_version"] is not None:
        before = version_row(conn, row["resource_id"], row["last_published_version"])
        old, new = (read_record(json.loads(each["document"])) for each in (before, following))
        generation += 0 if fits_generation(old, new) else 1
    mark_published(conn, row["resource_id"], version, now)
    return {
        "published_version": version,
        "last_published_version": version,
        "generation": generation,
    }
