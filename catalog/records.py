"""Records: writing a version, acting on the life cycle, and (from their modules) all reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.admission import provider_of
from catalog.clock import Clock
from catalog.codes import front_of
from catalog.errors import (
    FrozenByRegistration,
    NotPermitted,
    RecordNotEditable,
    ResourceTaken,
    StaleRevision,
)
from catalog.ids import Ids, SystemIds
from catalog.life_cycle import (
    ASIDE,
    EDITABLE,
    Action,
    Standing,
    State,
    decide,
    possible_actions,
    role_waited_for,
)
from catalog.publishing.effects import check_repeated_schedule, do_aside, effects_of
from catalog.publishing.secrecy import is_signed
from catalog.publishing.step import NO_DETAILS, Details, Step
from catalog.record_lists import (
    OWN_CATALOGUE,
    PublishedLine,
    delivered_tables,
    list_lines,
    list_published,
    list_records,
    places_to_deliver,
)
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
    require_row,
    version_row,
)
from catalog.roles import Actor, Deed, Role
from catalog.view_records import install_view_record
from standards.code_lists import CodeLists

__all__ = [
    "NO_DETAILS",
    "OWN_CATALOGUE",
    "Details",
    "Page",
    "PublishedLine",
    "PublishedRecord",
    "RecordEvent",
    "RecordState",
    "RecordSummary",
    "WorkingRecord",
    "act",
    "add_record",
    "delivered_tables",
    "diff",
    "document_of",
    "history",
    "install_view_record",
    "list_lines",
    "list_published",
    "list_records",
    "places_to_deliver",
    "published",
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
    details: Details = NO_DETAILS,
    expected_revision: int | None = None,
    ids: Ids | None = None,
) -> RecordState:
    """Do an action of the life cycle; the same one again changes nothing.

    To agree with a time in `details` is to schedule. Raises RecordNotFound, StaleRevision, what
    `life_cycle.decide` raises and what `catalog.publish_errors` holds. Registration issues the
    resource code; publication makes the working version visible and may open a generation; a
    withdrawal ends the grants and tells who held them.
    """
    row = require_row(conn, resource)
    if action is Action.AGREE and details.publish_at is not None:
        action = Action.SCHEDULE
    outcome = decide(_standing(row), action, actor, opinion)
    step = Step(
        conn,
        row,
        action,
        outcome,
        actor.name,
        opinion or "",
        clock.now(),
        ids or SystemIds(),
        details,
    )
    if not outcome.changed:
        check_repeated_schedule(step)
        return state_of(row)
    if action in ASIDE:
        return _step_aside(step, expected_revision)
    _check_revision(row, expected_revision)
    changes = {
        "state": outcome.state,
        "origin": outcome.origin,
        "submitted_by": outcome.submitted_by,
        "last_action": action,
        "changed_at": step.now,
        "waiting_for": _waited_for(step, outcome.submitted_by),
    }
    changes |= effects_of(step)
    return state_of(change_record(conn, row, changes, actor.name, opinion))


def _step_aside(step: Step, expected_revision: int | None) -> RecordState:
    """What leaves the state as it is: a sign-off, a binding, a review of the negative list."""
    if not do_aside(step):
        return state_of(step.row)
    _check_revision(step.row, expected_revision)
    changes: dict[str, Any] = {"changed_at": step.now}
    if step.action is Action.SIGN_SECRECY and step.outcome.state is State.PUBLISH_REVIEW:
        changes["waiting_for"] = _waited_for(step, step.row["submitted_by"])
    opinion = step.opinion or None
    row = change_record(step.conn, step.row, changes, step.account, opinion, step.action)
    return state_of(row)


def _waited_for(step: Step, submitted_by: str | None) -> Role | None:
    """In whose queue the record stands after the step; its submission may be signed already."""
    state, action = step.outcome.state, step.action
    if state is not State.PUBLISH_REVIEW:
        return role_waited_for(state, action, signed=False)
    involved = (submitted_by, step.version["author"])
    signed = is_signed(step.conn, step.resource_id, step.version["sha256"], involved)
    return role_waited_for(state, action, signed=signed or bool(step.row["is_view"]))


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
