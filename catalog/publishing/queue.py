"""The review queue (待办) of an account: what waits for one of its roles, paged by resource id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog.life_cycle import TRANSITIONS, Action, State
from catalog.record_register import Page
from catalog.roles import Actor, Role
from catalog.tables import record_events, record_versions, records
from standards.records import ResourceKind


class Task(StrEnum):
    """What is to be done about a record."""

    CORRECT = "correct"
    REVIEW_REGISTRATION = "review_registration"
    SIGN_SECRECY = "sign_secrecy"
    REVIEW_PUBLICATION = "review_publication"
    REVIEW_WITHDRAWAL = "review_withdrawal"

    @property
    def zh(self) -> str:
        return TASK_NAMES[self]


TASK_NAMES = {
    Task.CORRECT: "退回待改",
    Task.REVIEW_REGISTRATION: "登记审核",
    Task.SIGN_SECRECY: "保密审查",
    Task.REVIEW_PUBLICATION: "发布审核",
    Task.REVIEW_WITHDRAWAL: "下架审核",
}
_REVIEWS = {
    (Role.REVIEWER, State.REGISTER_REVIEW): Task.REVIEW_REGISTRATION,
    (Role.REVIEWER, State.PUBLISH_REVIEW): Task.SIGN_SECRECY,
    (Role.AUTHORITY, State.PUBLISH_REVIEW): Task.REVIEW_PUBLICATION,
    (Role.AUTHORITY, State.WITHDRAW_REVIEW): Task.REVIEW_WITHDRAWAL,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits. `reason` is why it was returned; `tightened`: what is asked for shares
    less than what is published."""

    resource_id: str
    resource_code: str | None
    name: str
    kind: ResourceKind
    department_id: str
    provider_name: str
    version: int
    state: State
    revision: int
    task: Task
    submitted_by: str | None
    since: datetime
    share_type: int
    tightened: bool
    reason: str | None


def queue(
    conn: sa.Connection,
    actor: Actor,
    *,
    task: Task | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Waiting]:
    """What waits for an account: for a steward what came back to the department, for a reviewer
    the department's registrations and secrecy reviews, for the authority publications and
    withdrawals of all. What an account submitted itself does not wait for it."""
    found: dict[str, sa.Row[Any]] = {}
    for role in (Role.STEWARD, Role.REVIEWER, Role.AUTHORITY):
        if role in actor.roles:
            query = _narrowed(_waiting_for(role, actor), task)
            if cursor is not None:
                query = query.where(records.c.resource_id > cursor)
            found |= {row.resource_id: row for row in conn.execute(query.limit(limit + 1))}
    rows = [found[resource_id] for resource_id in sorted(found)][: limit + 1]
    reasons = _reasons(conn, (row.resource_id for row in rows))
    page = [_waiting(row, reasons) for row in rows[:limit]]
    return Page(page, page[-1].resource_id if len(rows) > limit else None)


def can_do(waiting: Waiting, action: Action) -> bool:
    """Whether this action is a step for which the record waits."""
    if waiting.task is Task.SIGN_SECRECY or action is Action.SIGN_SECRECY:
        return waiting.task is Task.SIGN_SECRECY and action is Action.SIGN_SECRECY
    transition = TRANSITIONS.get((waiting.state, action))
    steward = waiting.task is Task.CORRECT
    return transition is not None and (transition.role is Role.STEWARD) == steward


_WORKED_ON = record_versions.alias("worked_on")
_VISIBLE = record_versions.alias("visible")
_SELECT = (
    sa.select(
        records.c.resource_id,
        records.c.resource_code,
        _WORKED_ON.c.name,
        _WORKED_ON.c.kind,
        records.c.department_id,
        _WORKED_ON.c.provider_name,
        records.c.working_version,
        records.c.state,
        records.c.revision,
        records.c.waiting_for,
        records.c.submitted_by,
        records.c.changed_at,
        _WORKED_ON.c.share_type,
        (_WORKED_ON.c.share_type > sa.func.coalesce(_VISIBLE.c.share_type, 3)).label("tightened"),
    )
    .join_from(
        records,
        _WORKED_ON,
        (_WORKED_ON.c.resource_id == records.c.resource_id)
        & (_WORKED_ON.c.version == records.c.working_version),
    )
    .outerjoin(
        _VISIBLE,
        (_VISIBLE.c.resource_id == records.c.resource_id)
        & (_VISIBLE.c.version == records.c.last_published_version),
    )
    .order_by(records.c.resource_id)
)


def _waiting_for(role: Role, actor: Actor) -> sa.Select[Any]:
    query = _SELECT.where(records.c.waiting_for == role)
    if role is not Role.AUTHORITY:
        query = query.where(records.c.department_id == actor.department_id)
    if role is not Role.STEWARD:
        own = records.c.submitted_by == actor.name
        query = query.where(records.c.submitted_by.is_(None) | ~own)
    return query


def _narrowed(query: sa.Select[Any], task: Task | None) -> sa.Select[Any]:
    if task is None:
        return query
    if task is Task.CORRECT:
        return query.where(records.c.waiting_for == Role.STEWARD)
    [(role, state)] = [key for key, value in _REVIEWS.items() if value is task]
    return query.where(records.c.waiting_for == role, records.c.state == state)


def _reasons(conn: sa.Connection, resource_ids: Iterable[str]) -> dict[str, str]:
    """The opinion of the last rejection of each."""
    events = record_events
    query = sa.select(events.c.resource_id, events.c.opinion).where(
        events.c.resource_id.in_(list(resource_ids)), events.c.action == Action.REJECT
    )
    rows = conn.execute(query.order_by(events.c.resource_id, events.c.revision))
    return {row.resource_id: row.opinion for row in rows}  # the last one stays


def _waiting(row: sa.Row[Any], reasons: dict[str, str]) -> Waiting:
    state, role = State(row.state), Role(row.waiting_for)
    task = Task.CORRECT if role is Role.STEWARD else _REVIEWS[role, state]
    return Waiting(
        row.resource_id,
        row.resource_code,
        row.name,
        ResourceKind(row.kind),
        row.department_id,
        row.provider_name,
        row.working_version,
        state,
        row.revision,
        task,
        row.submitted_by,
        row.changed_at,
        row.share_type,
        bool(row.tightened),
        reasons.get(row.resource_id) if task is Task.CORRECT else None,
    )
