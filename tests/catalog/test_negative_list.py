"""The negative list: what is not shared stands there with its law, and is looked at again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.clock import ManualClock
from catalog.errors import OpinionMissing, OwnSubmission
from catalog.life_cycle import Action, State
from catalog.publish_errors import BasisMissing, NotOnNegativeList, ReasonMissing
from catalog.publishing.negative_list import Entry, list_entries, review_day
from catalog.roles import Role
from tests.catalog.makers import (
    NOON,
    PUBLISHING,
    SIGN,
    People,
    a_clock,
    a_person,
    a_record,
    not_shared,
    publish,
    walk,
)

LATER = NOON + timedelta(days=400)


def entries(conn: sa.Connection, **narrowed: Any) -> list[Entry]:
    return list(list_entries(conn, **narrowed).rows)


def test_what_is_not_shared_is_on_the_list_with_its_law_and_a_day_of_review(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people, not_shared())
    [entry] = entries(conn)
    assert (entry.resource_id, entry.version, entry.department_id) == ("household", 1, "gongan")
    assert (entry.basis, entry.clause) == ("other_law", "《刑事诉讼法》第五十四条")
    assert (entry.proposed_by, entry.approved_by) == ("steward", "authority")
    assert entry.review_by == date(2027, 11, 25)


@pytest.mark.parametrize("said", [None, {"basis": "other_law"}])
def test_without_law_and_clause_nothing_is_withheld(
    conn: sa.Connection, people: People, said: dict[str, str] | None
) -> None:
    document = not_shared(non_share_basis=said)
    if said is None:
        del document["non_share_basis"]
    records.add_record(conn, document, people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:2])
    with pytest.raises(BasisMissing) as refused:
        walk(conn, people, PUBLISHING[2])
    assert "non_share_basis" in refused.value.zh
    # it can be kept in the department's own catalogue as it is, and shared it can be published
    records.add_record(conn, a_record(), people.steward, a_clock())
    assert walk(conn, people, *PUBLISHING[2:]).state is State.PUBLISHED
    assert entries(conn) == []


def test_an_entry_ends_when_the_resource_is_shared_or_withdrawn(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people, not_shared())
    walk(conn, people, (Action.REVISE, "steward"))
    records.add_record(conn, a_record(), people.steward, a_clock())
    again = ((Action.SUBMIT_PUBLISH, "steward"), SIGN, (Action.AGREE, "authority"))
    walk(conn, people, *again)
    assert entries(conn) == []
    walk(conn, people, (Action.REVISE, "steward"))
    records.add_record(conn, not_shared(), people.steward, a_clock())
    walk(conn, people, *again)
    assert [entry.version for entry in entries(conn)] == [3]
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    assert entries(conn) == []


def test_the_authority_looks_at_an_entry_again_and_lets_it_stand(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people, not_shared())
    clock = ManualClock(LATER)
    today = LATER.date()
    assert [entry.resource_id for entry in entries(conn, overdue_on=today)] == ["household"]
    with pytest.raises(ReasonMissing):
        records.act(conn, "household", Action.CONFIRM, people.authority, None, clock)
    first = records.act(conn, "household", Action.CONFIRM, people.authority, "依据未变", clock)
    assert first.state is State.PUBLISHED
    assert entries(conn, overdue_on=today) == []
    [entry] = entries(conn)
    assert (entry.confirmed_at, entry.review_by) == (LATER, review_day(LATER))
    again = records.act(conn, "household", Action.CONFIRM, people.authority, "依据未变", clock)
    assert again == first


def test_who_proposed_an_entry_does_not_confirm_it(conn: sa.Connection, people: People) -> None:
    both = a_person(conn, "both", [Role.STEWARD, Role.AUTHORITY])
    records.add_record(conn, not_shared(), people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:2])
    records.act(conn, "household", Action.SUBMIT_PUBLISH, both, None, a_clock())
    walk(conn, people, *PUBLISHING[3:])
    with pytest.raises(OwnSubmission):
        records.act(conn, "household", Action.CONFIRM, both, "依据未变", a_clock())


def test_what_is_shared_is_not_confirmed(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    with pytest.raises(NotOnNegativeList):
        records.act(conn, "household", Action.CONFIRM, people.authority, "依据未变", a_clock())


def test_an_approval_needs_an_opinion(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, not_shared(), people.steward, a_clock())
    walk(conn, people, *PUBLISHING[:-1])
    with pytest.raises(OpinionMissing):
        records.act(conn, "household", Action.AGREE, people.authority, None, a_clock())


def test_the_list_is_paged_by_resource_and_narrowed(conn: sa.Connection, people: People) -> None:
    for resource in ("cases", "births", "arrests"):
        publish(conn, people, not_shared(resource_id=resource))
    first = list_entries(conn, limit=2)
    assert [entry.resource_id for entry in first.rows] == ["arrests", "births"]
    rest = list_entries(conn, limit=2, cursor=first.next_cursor)
    assert ([entry.resource_id for entry in rest.rows], rest.next_cursor) == (["cases"], None)
    assert entries(conn, department="minzheng") == []


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 25, 4, tzinfo=UTC), date(2027, 11, 25)),
        (datetime(2026, 11, 25, 17, tzinfo=UTC), date(2027, 11, 26)),  # the next day in China
        (datetime(2028, 2, 29, 4, tzinfo=UTC), date(2029, 2, 28)),
        (datetime(2026, 12, 31, 4, tzinfo=UTC), date(2027, 12, 31)),
    ],
)
def test_a_review_is_due_on_the_same_day_of_the_next_year(now: datetime, day: date) -> None:
    assert review_day(now) == day
