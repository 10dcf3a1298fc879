"""Grants: what can be granted, what a grant allows, and each refusal by its own class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import accounts, grants
from catalog.account_errors import AccountNotFound
from catalog.clock import ManualClock
from catalog.errors import NotPermitted, RecordNotFound, RecordNotPublished
from catalog.grant_errors import (
    GrantExpired,
    GrantNotFound,
    GrantNotYetValid,
    GrantRevoked,
    InvalidGrant,
    ItemNotGranted,
    NoGrant,
    NotAnApplication,
    NotShareable,
    OtherPurpose,
    RightRefused,
    UnknownItem,
    UnknownPurpose,
)
from catalog.life_cycle import Action
from catalog.records import add_record
from catalog.roles import Role
from tests.catalog.makers import (
    NOON,
    People,
    a_clock,
    a_grant,
    a_person,
    a_record,
    an_item,
    not_shared,
    publish,
    walk,
)
from tests.catalog.plans import statements_of


@pytest.fixture(autouse=True)
def published(conn: sa.Connection, people: People) -> None:
    publish(conn, people)


def give(conn: sa.Connection, people: People, **facts: Any) -> str:
    return grants.add_grant(conn, a_grant(**facts), people.authority, a_clock())


def right(
    conn: sa.Connection,
    purpose: str = "administrative_basis",
    now: datetime = NOON,
    items: tuple[str, ...] = (),
) -> grants.Grant:
    return grants.find_right(
        conn,
        account="aid-system",
        resource_id="household",
        purpose=purpose,
        now=now,
        items=items,
    )


def test_a_grant_allows_its_items_in_the_records_order(conn: sa.Connection, people: People) -> None:
    grant_id = give(conn, people, items=["address", "name"])
    grant = right(conn)
    assert (grant.grant_id, grant.items) == (grant_id, ("name", "address"))
    assert grants.granted_items(grant, None) == ("name", "address")
    assert grants.granted_items(grant, ["address"]) == ("address",)
    with pytest.raises(ItemNotGranted) as refused:
        grants.granted_items(grant, ["name", "id_number"])
    assert refused.value.item == "id_number"


def test_days_are_cut_in_shanghai_and_the_last_one_is_included(
    conn: sa.Connection, people: People
) -> None:
    give(conn, people, valid_from="2026-11-25", valid_to="2026-11-25")
    start = datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert right(conn, now=start).valid_until == start + timedelta(days=1)
    with pytest.raises(GrantNotYetValid):
        right(conn, now=start - timedelta(microseconds=1))
    with pytest.raises(GrantExpired, match=r"2026-11-26T00:00:00\+08:00"):
        right(conn, now=start + timedelta(days=1))


def test_each_reason_of_refusal_is_a_class_of_its_own(conn: sa.Connection, people: People) -> None:
    with pytest.raises(NoGrant):
        right(conn)
    grant_id = give(conn, people)
    with pytest.raises(OtherPurpose) as other:
        right(conn, purpose="data_check")
    assert other.value.granted == ("administrative_basis",)
    grants.revoke_grant(conn, grant_id, people.authority, a_clock())
    with pytest.raises(GrantRevoked):
        right(conn)


def test_a_revocation_counts_from_the_next_call_and_twice_changes_nothing(
    conn: sa.Connection, people: People
) -> None:
    grant_id = give(conn, people)
    first = grants.revoke_grant(conn, grant_id, people.authority, a_clock())
    later = ManualClock(NOON + timedelta(days=1))
    assert grants.revoke_grant(conn, grant_id, people.authority, later) == first
    with pytest.raises(GrantNotFound):
        grants.revoke_grant(conn, "absent", people.authority, a_clock())


def test_the_same_grant_again_is_the_same_grant(conn: sa.Connection, people: People) -> None:
    grant_id = give(conn, people)
    assert give(conn, people) == grant_id
    grants.revoke_grant(conn, grant_id, people.authority, a_clock())
    assert give(conn, people) != grant_id
    assert grants.list_grants(conn, limit=1)[0].grant_id == grant_id
    assert right(conn).revoked_at is None


def test_of_several_grants_the_one_that_holds_the_items_is_taken(
    conn: sa.Connection, people: People
) -> None:
    address = give(conn, people, items=["address"])
    name = give(conn, people, items=["name"])
    assert right(conn).grant_id == name
    assert right(conn, items=("address",)).grant_id == address


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"application": "absent"}, AccountNotFound),
        ({"application": "steward"}, NotAnApplication),
        ({"resource": "absent"}, RecordNotFound),
        ({"items": ["absent"]}, UnknownItem),
        ({"items": []}, InvalidGrant),
        ({"purpose": "curiosity"}, UnknownPurpose),
        ({"valid_to": "2026-10-01"}, InvalidGrant),
        ({"valid_to": "next year"}, InvalidGrant),
        ({"valid_to": "2026-12-31T00:00:00"}, InvalidGrant),
        ({"note": "further field"}, InvalidGrant),
    ],
)
def test_a_grant_that_can_not_be_is_refused(
    conn: sa.Connection, people: People, facts: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        give(conn, people, **facts)


def test_the_account_of_dropped_files_is_granted_nothing(
    conn: sa.Connection, people: People
) -> None:
    account = accounts.incoming_account(conn, "gongan", a_clock())
    with pytest.raises(NotAnApplication):
        give(conn, people, application=account.name)


def test_what_is_not_to_be_shared_is_not_granted(conn: sa.Connection, people: People) -> None:
    items = [an_item("case", key=True), an_item("suspect", share_type=3, share_condition="刑诉法")]
    publish(conn, people, a_record(resource_id="cases", items=items))
    with pytest.raises(NotShareable):
        give(conn, people, resource="cases", items=["suspect"])
    closed = not_shared(resource_id="secrets")
    publish(conn, people, closed)
    with pytest.raises(NotShareable):
        give(conn, people, resource="secrets")


def test_an_unpublished_record_is_not_granted(conn: sa.Connection, people: People) -> None:
    add_record(conn, a_record(resource_id="draft-only"), people.steward, a_clock())
    with pytest.raises(RecordNotPublished):
        give(conn, people, resource="draft-only")


def test_the_authority_and_the_providing_departments_reviewer_grant(
    conn: sa.Connection, people: People
) -> None:
    assert grants.add_grant(conn, a_grant(), people.reviewer, a_clock())
    other = a_person(conn, "zhao", [Role.REVIEWER], department="minzheng")
    for actor in (other, people.steward, people.application):
        with pytest.raises(NotPermitted):
            grants.add_grant(conn, a_grant(), actor, a_clock())


@pytest.mark.parametrize("field", ["valid_from", "valid_to"])
@pytest.mark.parametrize("time", ["9999-12-31", "9999-12-31T23:59:59-08:00", "2026-W50-1"])
def test_a_time_beyond_the_calendar_or_in_weeks_is_refused_by_its_field(
    conn: sa.Connection, people: People, field: str, time: str
) -> None:
    facts = {"valid_to": "9999-12-30", field: time}
    if (field, time) == ("valid_from", "9999-12-31"):
        facts["valid_to"] = "9999-12-31"
    with pytest.raises(InvalidGrant) as refused:
        give(conn, people, **facts)
    assert refused.value.field in {field, "valid_to"}
    assert give(conn, people, valid_to="9999-12-30")


def test_nobody_grants_to_itself(conn: sa.Connection, people: People) -> None:
    account, _key = accounts.add_account(
        conn,
        "two-hats",
        "shuju",
        "application",
        "赵六",
        [Role.CONSUMER, Role.AUTHORITY],
        a_clock(),
    )
    with pytest.raises(NotPermitted):
        grants.add_grant(conn, a_grant(application="two-hats"), account, a_clock())
    assert grants.add_grant(conn, a_grant(), account, a_clock())


def test_a_republished_record_needs_a_new_grant(conn: sa.Connection, people: People) -> None:
    give(conn, people)
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    walk(conn, people, (Action.REPUBLISH, "steward"), (Action.AGREE, "authority"))
    with pytest.raises(RightRefused):
        right(conn)
    assert right_after_new_grant(conn, people)


def right_after_new_grant(conn: sa.Connection, people: People) -> bool:
    give(conn, people)
    return right(conn).revoked_at is None


def test_a_right_is_found_by_one_select_on_an_index(conn: sa.Connection, people: People) -> None:
    give(conn, people)
    with statements_of(conn) as seen:
        right(conn)
    [statement] = seen
    assert statement.indexes(conn) == {"ix_grants_account_resource_id"}
