"""Scheduled publication: until its time nothing is visible, and then all is looked at again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.clock import ManualClock
from catalog.errors import NotInState
from catalog.life_cycle import Action, State
from catalog.publish_errors import (
    PublishTimeMissing,
    PublishTimePast,
    ReasonMissing,
    SecrecyUnsigned,
)
from catalog.publishing.due import due_records, publish_due
from catalog.publishing.effects import scheduled_for
from catalog.tables import departments, secrecy_reviews
from tests.catalog.makers import NOON, PUBLISHING, SIGN, People, a_clock, a_record, publish, walk

TOMORROW = NOON + timedelta(days=1)


def schedule(conn: sa.Connection, people: People, action: Action = Action.AGREE) -> State:
    details = records.Details(publish_at=TOMORROW)
    done = records.act(
        conn, "household", action, people.authority, "届时发布", a_clock(), details=details
    )
    return done.state


@pytest.fixture
def scheduled(conn: sa.Connection, people: People) -> People:
    records.add_record(conn, a_record(), people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:-1])
    assert schedule(conn, people) is State.SCHEDULED
    return people


def test_what_is_agreed_to_for_later_is_published_when_its_time_comes(
    conn: sa.Connection, scheduled: People
) -> None:
    del scheduled
    clock = a_clock()
    assert due_records(conn, clock.now()) == []
    assert publish_due(conn, "household", clock) is None
    clock = ManualClock(TOMORROW)
    assert due_records(conn, clock.now()) == ["household"]
    done = publish_due(conn, "household", clock)
    assert done is not None
    assert done.state is State.PUBLISHED
    assert records.published(conn, "household").published_at == TOMORROW
    last = records.history(conn, "household")[-1]
    assert (last.action, last.account, last.opinion) == (
        "published_when_due",
        "datong",
        "届时发布",
    )
    assert publish_due(conn, "household", clock) is None
    assert due_records(conn, clock.now()) == []


def test_the_published_version_stays_until_the_scheduled_one_follows(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REVISE, "steward"))
    records.add_record(conn, a_record(abstract="第二版"), people.steward, a_clock())
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN)
    schedule(conn, people)
    assert records.published(conn, "household").version == 1
    publish_due(conn, "household", ManualClock(TOMORROW))
    assert records.published(conn, "household").version == 2


def test_a_schedule_can_be_cancelled_with_a_reason(conn: sa.Connection, scheduled: People) -> None:
    with pytest.raises(ReasonMissing):
        records.act(conn, "household", Action.CANCEL_SCHEDULE, scheduled.authority, None, a_clock())
    state = walk(conn, scheduled, (Action.CANCEL_SCHEDULE, "authority"))
    assert state.state is State.PUBLISH_REVIEW
    assert scheduled_for(conn, "household") is None
    assert publish_due(conn, "household", ManualClock(TOMORROW)) is None
    # it is the submission that it was: it can be agreed to, or go back to where it came from
    assert walk(conn, scheduled, (Action.REJECT, "authority")).state is State.REGISTERED


def test_the_same_schedule_again_changes_nothing_and_another_time_is_refused(
    conn: sa.Connection, scheduled: People
) -> None:
    before = records.history(conn, "household")
    assert schedule(conn, scheduled) is State.SCHEDULED
    assert records.history(conn, "household") == before
    other = records.Details(publish_at=TOMORROW + timedelta(hours=1))
    with pytest.raises(NotInState) as refused:
        records.act(
            conn, "household", Action.AGREE, scheduled.authority, "同意", a_clock(), details=other
        )
    assert "cancel_schedule" in refused.value.zh


def test_a_time_that_is_past_or_not_given_is_refused(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:-1])
    with pytest.raises(PublishTimePast):
        records.act(
            conn,
            "household",
            Action.AGREE,
            people.authority,
            "同意",
            a_clock(),
            details=records.Details(publish_at=NOON),
        )
    with pytest.raises(PublishTimeMissing):
        records.act(conn, "household", Action.SCHEDULE, people.authority, "同意", a_clock())


def test_only_a_publication_can_be_scheduled(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    walk(conn, people, PUBLISHING[0])
    with pytest.raises(NotInState):
        records.act(
            conn,
            "household",
            Action.AGREE,
            people.reviewer,
            "同意",
            a_clock(),
            details=records.Details(publish_at=TOMORROW),
        )


def test_what_nobody_signed_is_not_scheduled_either(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:-2])
    with pytest.raises(SecrecyUnsigned):
        schedule(conn, people)


@pytest.mark.parametrize("gone", ["signature", "department"])
def test_what_does_not_hold_any_more_goes_back_to_the_review_with_the_reason(
    conn: sa.Connection, scheduled: People, gone: str
) -> None:
    if gone == "signature":
        conn.execute(sa.delete(secrecy_reviews))
    else:  # its code went to another department
        other = sa.update(departments).where(departments.c.department_id == "gongan")
        conn.execute(other.values(code="119901000000005100"))
    done = publish_due(conn, "household", ManualClock(TOMORROW))
    assert done is not None
    assert done.state is State.PUBLISH_REVIEW
    last = records.history(conn, "household")[-1]
    assert last.action == "returned_when_due"
    expected = {"signature": "保密审查", "department": "没有部门"}
    assert expected[gone] in str(last.opinion)
    assert walk(conn, scheduled, (Action.REJECT, "authority")).state is State.REGISTERED
