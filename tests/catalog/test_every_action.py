"""Every action in every state, done and done again on the database, by whoever may do it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.clock import ManualClock
from catalog.errors import NotInState
from catalog.life_cycle import ASIDE, REPEATS, TRANSITIONS, Action, State
from catalog.roles import Role
from tests.catalog.makers import (
    NOON,
    PUBLISHING,
    SIGN,
    People,
    a_clock,
    a_person,
    not_shared,
    walk,
)

LATER = NOON + timedelta(days=1)
SCHEDULE = (Action.SCHEDULE, "authority")
WITHDRAW = (Action.REQUEST_WITHDRAW, "steward")
AGREE = (Action.AGREE, "authority")
BOUND = (Action.BIND, "steward")
TO_REVIEW = (*PUBLISHING[:2], BOUND, PUBLISHING[2], SIGN)
PATHS = {
    State.DRAFT: (),
    State.REGISTER_REVIEW: PUBLISHING[:1],
    State.REGISTERED: (*PUBLISHING[:2], BOUND),
    State.PUBLISH_REVIEW: TO_REVIEW,
    State.SCHEDULED: (*TO_REVIEW, SCHEDULE),
    State.PUBLISHED: (*TO_REVIEW, AGREE),
    State.REVISING: (*TO_REVIEW, AGREE, (Action.REVISE, "steward")),
    State.WITHDRAW_REVIEW: (*TO_REVIEW, AGREE, WITHDRAW),
    State.WITHDRAWN: (*TO_REVIEW, AGREE, WITHDRAW, AGREE),
    State.DEREGISTERED: (*PUBLISHING[:2], (Action.DEREGISTER, "steward")),
    State.DELETED: ((Action.DELETE, "steward"),),
}


class Office:
    """People of the police who did none of what is there: they may do anything in their role."""

    def __init__(self, conn: sa.Connection, people: People) -> None:
        self.conn, self.people = conn, people
        self.others = {
            Role.STEWARD: a_person(conn, "other-steward", [Role.STEWARD]),
            Role.REVIEWER: a_person(conn, "other-reviewer", [Role.REVIEWER]),
            Role.AUTHORITY: a_person(conn, "other-authority", [Role.AUTHORITY], department="shuju"),
        }

    def bring_to(self, state: State) -> None:
        """Write a record and lead it there."""
        records.add_record(self.conn, not_shared(), self.people.steward, a_clock())
        for action, part in PATHS[state]:
            if action in {Action.SCHEDULE, Action.BIND}:
                self.do(action, Role.AUTHORITY if action is Action.SCHEDULE else Role.STEWARD)
            else:
                walk(self.conn, self.people, (action, part))
        assert records.working(self.conn, "household").state is state

    def do(self, action: Action, role: Role, target: str = "first") -> records.RecordState:
        details = records.Details(publish_at=LATER + timedelta(days=1), target=target)
        if action is Action.AGREE or action is Action.UNBIND:
            details = records.Details()
        return records.act(
            self.conn,
            "household",
            action,
            self.others[role],
            "理由",
            ManualClock(LATER),
            details=details,
        )

    def history(self) -> int:
        return len(records.history(self.conn, "household"))


@pytest.mark.parametrize("state", list(State))
def test_an_action_leads_where_the_table_says_and_again_changes_nothing(
    conn: sa.Connection, people: People, state: State
) -> None:
    office = Office(conn, people)
    office.bring_to(state)
    for action in Action:
        transition = TRANSITIONS.get((state, action))
        role = transition.role if transition else REPEATS.get((state, action), Role.STEWARD)
        with conn.begin_nested() as undone:
            lines = office.history()
            if transition is None:
                assert_refused_or_repeated(office, action, role)
                assert office.history() == lines
            else:
                done = office.do(action, role, target="second")
                target = transition.target or State.REGISTERED
                assert (done.state, office.history()) == (target, lines + 1)
                assert office.do(action, role, target="second") == done
                assert office.history() == lines + 1
            undone.rollback()


def assert_refused_or_repeated(office: Office, action: Action, role: Role) -> None:
    """What the table does not have is refused, unless it is the very last thing that was done."""
    before = records.working(office.conn, "household")
    last = [
        event.action
        for event in records.history(office.conn, "household")
        if event.action not in set(ASIDE)
    ][-1]
    if (before.state, action) in REPEATS and last == action:
        assert office.do(action, role).revision == before.revision
        return
    with pytest.raises(NotInState):
        office.do(action, role)
