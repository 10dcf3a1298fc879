"""What each step changes beside the state, and whom it tells."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog import rights
from catalog.clock import shown_in_china
from catalog.codes import front_of, issue_code
from catalog.errors import NotInState
from catalog.generations import fits_generation
from catalog.life_cycle import Action, State, possible_actions
from catalog.publish_errors import PublishTimeMissing, PublishTimePast
from catalog.publishing import bindings, negative_list, notices, secrecy
from catalog.publishing.notices import Message, NoticeKind
from catalog.publishing.step import Step
from catalog.record_rows import mark_published, version_row
from catalog.tables import scheduled_publications as schedule
from standards.records import read_record

NOT_SHARED = 3  # 不予共享
_SUBMISSIONS = frozenset({Action.SUBMIT_PUBLISH, Action.REPUBLISH})


def do_aside(step: Step) -> bool:
    """Do an action that leaves the record in its state; False where it was done already."""
    if step.action is Action.SIGN_SECRECY:
        return secrecy.sign(step)
    if step.action is Action.BIND:
        return bindings.bind(step)
    if step.action is Action.UNBIND:
        return bindings.unbind(step)
    return negative_list.confirm(step)


def effects_of(step: Step) -> dict[str, Any]:
    """Do what an action does beside the state, and give the record's other changed columns."""
    action, state = step.action, step.outcome.state
    if action is Action.DISCARD:
        return {"working_version": step.row["published_version"]}
    if action in _SUBMISSIONS:
        negative_list.require_basis(step)
    elif action is Action.SCHEDULE:
        _schedule(step)
    elif action is Action.CANCEL_SCHEDULE:
        unschedule(step)
        _tell(step, NoticeKind.UNSCHEDULED, "定时发布已取消", "its schedule is cancelled")
    elif action is Action.REJECT:
        _tell(step, NoticeKind.REJECTED, "被驳回", "was rejected")
    elif state is State.DEREGISTERED:
        bindings.end_bindings(step.conn, step.resource_id, step.now)
    elif action is Action.AGREE and state is State.REGISTERED:
        _tell(step, NoticeKind.AGREED, "已同意登记", "is registered")
        return {"resource_code": issue_code(step.conn, front_of(step.document))}
    elif action is Action.AGREE and state is State.PUBLISHED:
        check_publication(step)
        _tell(step, NoticeKind.PUBLISHED, "已同意发布", "is published")
        return publish(step)
    elif action is Action.AGREE:
        return _withdraw(step)
    return {}


def check_publication(step: Step) -> None:
    """What must hold when a version is published; SecrecyUnsigned, BasisMissing."""
    secrecy.require_signed(step)
    negative_list.require_basis(step)


def publish(step: Step) -> dict[str, Any]:
    """Make the working version the visible one; other types or keys open a generation."""
    row, version = step.row, step.row["working_version"]
    generation = row["generation"] or 1
    if row["last_published_version"] is not None:
        before = version_row(step.conn, step.resource_id, row["last_published_version"])
        old, new = read_record(json.loads(before["document"])), read_record(step.document)
        generation += 0 if fits_generation(old, new) else 1
        if new.share_type == NOT_SHARED != old.share_type:
            _end_rights(step, "改为不予共享", "is shared no longer")
    mark_published(step.conn, step.resource_id, version, step.now)
    negative_list.follow_publication(step)
    return {
        "published_version": version,
        "last_published_version": version,
        "generation": generation,
    }


def _withdraw(step: Step) -> dict[str, Any]:
    """Hide the record and end its grants; whoever held one is told before it is gone."""
    _end_rights(step, "已下架", "is withdrawn")
    _tell(
        step, NoticeKind.WITHDRAWN, "已下架，其授权全部终止", "is withdrawn, its grants are ended"
    )
    negative_list.end_entry(step.conn, step.resource_id, step.now)
    return {"published_version": None}


def _end_rights(step: Step, why_zh: str, why_en: str) -> None:
    """End the grants on a record; whoever holds one is told, as long as it is known who does."""
    conn, resource_id = step.conn, step.resource_id
    name = step.version["name"]
    ended = Message(
        NoticeKind.RIGHTS_ENDED,
        resource_id,
        f"《{name}》（{resource_id}）{why_zh}，对它的授权随之终止；如仍需要，请另提需求",
        f"{resource_id} ({name}) {why_en}, which ends the grants on it; "
        "ask for the data anew if they are still needed",
    )
    receivers = notices.holders_of(conn, resource_id, step.now)
    notices.send(conn, ended, receivers, step.ids, step.now)
    rights.end_rights(conn, resource_id, step.account, step.now)


def _schedule(step: Step) -> None:
    check_publication(step)
    at = step.details.publish_at
    if at is None:
        raise PublishTimeMissing(step.resource_id)
    if at <= step.now:
        raise PublishTimePast(step.resource_id, shown_in_china(at))
    row = {
        "resource_id": step.resource_id,
        "publish_at": at,
        "agreed_by": step.account,
        "opinion": step.opinion,
    }
    step.conn.execute(sa.insert(schedule).values(row))
    when = shown_in_china(at)
    _tell(step, NoticeKind.SCHEDULED, f"已同意，将于 {when} 发布", f"will be published at {when}")


def unschedule(step: Step) -> None:
    """No time is set for the record any more."""
    step.conn.execute(sa.delete(schedule).where(schedule.c.resource_id == step.resource_id))


def scheduled_for(conn: sa.Connection, resource_id: str) -> datetime | None:
    """When the record is to be published, where that was agreed to."""
    query = sa.select(schedule.c.publish_at).where(schedule.c.resource_id == resource_id)
    return conn.scalar(query)


def check_repeated_schedule(step: Step) -> None:
    """To schedule again at another time is no repetition; NotInState says what to do first."""
    at = step.details.publish_at
    same = at is None or at == scheduled_for(step.conn, step.resource_id)
    if step.action is Action.SCHEDULE and not same:
        state = State(step.row["state"])
        raise NotInState(
            step.resource_id,
            state=state,
            action=step.action,
            possible=possible_actions(state),
        )


def _tell(step: Step, kind: NoticeKind, zh: str, en: str) -> None:
    """Tell the providing department what was decided, by whom and why."""
    tell_provider(step, kind, f"{zh}（{step.account}）", f"{en} ({step.account})", step.opinion)


def tell_provider(step: Step, kind: NoticeKind, zh: str, en: str, why: str) -> None:
    """A notice to the department of the record: what happened to it, and why."""
    name, resource_id = step.version["name"], step.resource_id
    reason = f"：{why}" if why else ""
    message = Message(
        kind,
        resource_id,
        f"《{name}》（{resource_id}）{zh}{reason}",
        f"{resource_id} ({name}) {en}{reason.replace('：', ': ')}",
    )
    receivers = [(None, str(step.row["department_id"]))]
    notices.send(step.conn, message, receivers, step.ids, step.now)
