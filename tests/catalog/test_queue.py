"""What waits for whom, and what those who follow a record are told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import grants, records
from catalog.accounts import Account
from catalog.life_cycle import Action
from catalog.publish_errors import NoticeNotFound
from catalog.publishing.notices import Notice, NoticeKind, list_notices, read
from catalog.publishing.queue import TASK_NAMES, Task, Waiting, can_do, queue
from catalog.roles import Role
from tests.catalog.makers import (
    NOON,
    PUBLISHING,
    SIGN,
    People,
    a_clock,
    a_grant,
    a_person,
    a_record,
    not_shared,
    publish,
    walk,
)
from tests.catalog.plans import statements_of


def waiting(conn: sa.Connection, actor: Account, **narrowed: Any) -> list[Waiting]:
    return list(queue(conn, actor, **narrowed).rows)


def tasks(conn: sa.Connection, actor: Account) -> list[tuple[str, Task]]:
    return [(each.resource_id, each.task) for each in waiting(conn, actor)]


def write(conn: sa.Connection, people: People, **facts: Any) -> None:
    records.add_record(conn, a_record(**facts), people.steward, a_clock())


def test_every_task_has_a_chinese_name() -> None:
    assert set(TASK_NAMES) == set(Task)


def test_a_record_waits_for_one_after_the_other(conn: sa.Connection, people: People) -> None:
    def seen() -> list[list[Task]]:
        actors = (people.steward, people.reviewer, people.authority)
        return [[task for _, task in tasks(conn, actor)] for actor in actors]

    write(conn, people)
    assert seen() == [[], [], []]
    expected = [
        [[], [Task.REVIEW_REGISTRATION], []],
        [[], [], []],
        [[], [Task.SIGN_SECRECY], []],
        [[], [], [Task.REVIEW_PUBLICATION]],
        [[], [], []],
    ]
    for step, lists in zip(PUBLISHING, expected, strict=True):
        walk(conn, people, step)
        assert seen() == lists
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"))
    assert seen() == [[], [], [Task.REVIEW_WITHDRAWAL]]


def test_what_was_rejected_waits_for_the_steward_with_the_reason(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, PUBLISHING[0])
    records.act(conn, "household", Action.REJECT, people.reviewer, "摘要不完整", a_clock())
    [line] = waiting(conn, people.steward)
    assert (line.task, line.reason) == (Task.CORRECT, "摘要不完整")
    write(conn, people, abstract="补全的摘要")  # until it is submitted again, it waits
    assert tasks(conn, people.steward) == [("household", Task.CORRECT)]
    walk(conn, people, PUBLISHING[0])
    assert tasks(conn, people.steward) == []


def test_what_is_bound_or_signed_after_a_rejection_still_waits(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, *PUBLISHING[:3], (Action.REJECT, "authority"))
    walk(conn, people, (Action.BIND, "steward"), SIGN)
    assert tasks(conn, people.steward) == [("household", Task.CORRECT)]
    walk(conn, people, PUBLISHING[2])
    assert tasks(conn, people.authority) == [("household", Task.REVIEW_PUBLICATION)]


def test_nobody_sees_what_waits_for_another_department_or_for_somebody_else(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    both = a_person(conn, "both", [Role.STEWARD, Role.REVIEWER])
    foreign = a_person(conn, "chen", [Role.STEWARD, Role.REVIEWER], department="minzheng")
    records.act(conn, "household", Action.SUBMIT_REGISTER, both, None, a_clock())
    assert waiting(conn, both) == []  # its own submission
    assert waiting(conn, foreign) == []
    assert len(waiting(conn, people.reviewer)) == 1


def test_a_share_type_that_is_tightened_is_flagged(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    publish(conn, people, not_shared(resource_id="new-and-closed"))
    walk(conn, people, (Action.REVISE, "steward"))
    write(conn, people, share_type=2, share_condition="按用途")
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN)
    [line] = waiting(conn, people.authority)
    assert (line.share_type, line.tightened) == (2, True)
    walk(conn, people, (Action.REJECT, "authority"))
    write(conn, people, abstract="共享类型不变")
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN)
    [line] = waiting(conn, people.authority)
    assert not line.tightened


def test_a_queue_is_paged_and_narrowed_to_a_task(conn: sa.Connection, people: People) -> None:
    for resource in ("births", "deaths", "moves"):
        write(conn, people, resource_id=resource)
        walk(conn, people, PUBLISHING[0], resource=resource)
    walk(conn, people, *PUBLISHING[1:3], resource="deaths")
    first = queue(conn, people.reviewer, limit=2)
    assert [each.resource_id for each in first.rows] == ["births", "deaths"]
    rest = queue(conn, people.reviewer, limit=2, cursor=first.next_cursor)
    assert ([each.resource_id for each in rest.rows], rest.next_cursor) == (["moves"], None)
    [signing] = waiting(conn, people.reviewer, task=Task.SIGN_SECRECY)
    assert signing.resource_id == "deaths"
    assert can_do(signing, Action.SIGN_SECRECY)
    assert not can_do(signing, Action.AGREE)
    registering = waiting(conn, people.reviewer, task=Task.REVIEW_REGISTRATION)
    assert [can_do(each, Action.AGREE) for each in registering] == [True, True]
    assert [can_do(each, Action.SIGN_SECRECY) for each in registering] == [False, False]


def test_a_queue_is_found_by_an_index(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    for actor in (people.steward, people.reviewer, people.authority):
        with statements_of(conn) as sent:
            queue(conn, actor)
        assert sent[0].indexes(conn) & {
            "ix_records_waiting_for_resource_id",
            "ix_records_waiting_for_department_id",
            # as good to a planner that knows of three records and of one department
            "ix_records_department_id_resource_id",
        }


def told(conn: sa.Connection, actor: Account) -> list[Notice]:
    return list(list_notices(conn, actor).rows)


def test_a_withdrawal_is_told_to_whoever_held_a_grant(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    grants.add_grant(conn, a_grant(), people.authority, a_clock())
    clerk = a_person(conn, "aid-clerk", [Role.CLERK], department="minzheng")
    idle = a_person(conn, "idle", [Role.CLERK], department="shuju")
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    for actor in (people.application, clerk):
        newest = told(conn, actor)[0]
        assert newest.kind is NoticeKind.RIGHTS_ENDED
        assert "户籍人口信息" in newest.zh
        assert "household" in newest.en
    kinds = [notice.kind for notice in told(conn, people.steward)]
    assert kinds == [NoticeKind.WITHDRAWN, NoticeKind.PUBLISHED, NoticeKind.AGREED]
    assert told(conn, idle) == []


def test_a_grant_that_has_run_out_is_nobodys_business(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    past = a_grant(valid_from="2026-01-01", valid_to="2026-02-01")
    grants.add_grant(conn, past, people.authority, a_clock())
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    assert told(conn, people.application) == []


def test_a_department_is_told_why_its_record_was_rejected_without_any_number(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, PUBLISHING[0])
    number = "990101199003070010"
    opinion = f"样例中有 {number}"
    records.act(conn, "household", Action.REJECT, people.reviewer, opinion, a_clock())
    [notice] = told(conn, people.steward)
    assert notice.kind is NoticeKind.REJECTED
    assert "样例中有" in notice.zh
    assert number not in notice.zh + notice.en


def test_a_notice_is_read_once_for_the_department_and_by_nobody_else(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, *PUBLISHING[:2])
    [notice] = told(conn, people.steward)
    foreign = a_person(conn, "chen", [Role.STEWARD], department="minzheng")
    with pytest.raises(NoticeNotFound):
        read(conn, notice.notice_id, foreign, NOON)
    assert read(conn, notice.notice_id, people.reviewer, NOON).read_by == "reviewer"
    again = read(conn, notice.notice_id, people.steward, NOON + timedelta(hours=1))
    assert (again.read_by, again.read_at) == ("reviewer", NOON)
    assert list_notices(conn, people.steward, unread_only=True).rows == []


def test_notices_are_paged_from_the_newest(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    first = list_notices(conn, people.steward, limit=1)
    rest = list_notices(conn, people.steward, limit=1, before=first.next_cursor)
    assert [each.kind for each in (*first.rows, *rest.rows)] == ["published", "agreed"]
    assert rest.next_cursor is None
