"""Scheduled publication (定时发布): what is due is published by the platform, or given back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from catalog.admission import provider_of
from catalog.clock import Clock
from catalog.errors import CatalogError, DepartmentNotFound
from catalog.ids import Ids, SystemIds
from catalog.life_cycle import DUE, Outcome, State, role_waited_for
from catalog.publishing import effects
from catalog.publishing.notices import NoticeKind
from catalog.publishing.step import Step
from catalog.record_register import RecordState, state_of
from catalog.record_rows import change_record, require_row
from catalog.roles import Deed
from catalog.tables import scheduled_publications as table
from standards.code_lists import CodeLists

PLATFORM = "datong"
_AT_ONCE = 500


def due_records(conn: sa.Connection, now: datetime) -> list[str]:
    """The records whose time has come, the earliest first; some of them where there are many."""
    query = sa.select(table.c.resource_id).where(table.c.publish_at <= now)
    order = query.order_by(table.c.publish_at, table.c.resource_id).limit(_AT_ONCE)
    return list(conn.scalars(order))


def publish_due(
    conn: sa.Connection,
    resource_id: str,
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
    ids: Ids | None = None,
) -> RecordState | None:
    """Publish a record whose time has come; None where that is not so (any more).

    Its content, its department, its secrecy review and its legal basis are checked anew. What
    does not pass goes back to the publication review, with the reason in its history and a notice
    to its department.
    """
    row = require_row(conn, resource_id)
    if State(row["state"]) is not State.SCHEDULED:
        return None
    query = sa.select(table).where(table.c.resource_id == row["resource_id"])
    agreed = conn.execute(query).mappings().one()
    if agreed["publish_at"] > clock.now():
        return None
    submission = (None if row["origin"] is None else State(row["origin"]), row["submitted_by"])
    step = Step(
        conn,
        row,
        Deed.PUBLISH_DUE,
        Outcome(DUE[State.SCHEDULED, Deed.PUBLISH_DUE], True, *submission),
        agreed["agreed_by"],
        agreed["opinion"],
        clock.now(),
        ids or SystemIds(),
    )
    refusal = _refusal(step, code_lists)
    effects.unschedule(step)
    return _give_back(step, refusal) if refusal else _publish(step)


def _refusal(step: Step, code_lists: CodeLists | None) -> CatalogError | None:
    """Why the record can not be published now."""
    try:
        if provider_of(step.conn, step.document, code_lists) != step.row["department_id"]:
            return DepartmentNotFound(str(step.row["department_id"]))
        effects.check_publication(step)
    except CatalogError as error:
        return error
    return None


def _publish(step: Step) -> RecordState:
    effects.tell_provider(
        step, NoticeKind.PUBLISHED, "已按时发布", "is published as scheduled", step.opinion
    )
    return _change(step, Deed.PUBLISH_DUE, effects.publish(step), step.opinion)


def _give_back(step: Step, refusal: CatalogError) -> RecordState:
    effects.tell_provider(
        step,
        NoticeKind.RETURNED,
        "未能按时发布，已退回发布审核",
        "could not be published as scheduled and is reviewed again",
        str(refusal),
    )
    submission = {"origin": step.outcome.origin, "submitted_by": step.outcome.submitted_by}
    return _change(step, Deed.RETURN_DUE, submission, str(refusal))


def _change(step: Step, deed: Deed, changes: Mapping[str, object], why: str) -> RecordState:
    state = DUE[State.SCHEDULED, deed]
    values = {
        "state": state,
        "origin": None,
        "submitted_by": None,
        "last_action": deed,
        "changed_at": step.now,
        "waiting_for": role_waited_for(state, deed, signed=True),
        **changes,
    }
    return state_of(change_record(step.conn, step.row, values, PLATFORM, why))
