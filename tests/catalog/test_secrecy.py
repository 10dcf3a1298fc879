"""The secrecy review: whose signature counts, for which content, and what is refused without."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.errors import OpinionMissing, OwnSubmission
from catalog.life_cycle import Action, State
from catalog.publish_errors import OwnSecrecyReview, SecrecyUnsigned
from catalog.publishing.secrecy import list_reviews
from catalog.roles import Role
from tests.catalog.makers import (
    SIGN,
    People,
    a_clock,
    a_person,
    a_record,
    publish,
    walk,
)

REGISTER = ((Action.SUBMIT_REGISTER, "steward"), (Action.AGREE, "reviewer"))
SUBMIT = (Action.SUBMIT_PUBLISH, "steward")
AGREE = (Action.AGREE, "authority")


@pytest.fixture
def registered(conn: sa.Connection, people: People) -> People:
    records.add_record(conn, a_record(), people.steward, a_clock())
    walk(conn, people, *REGISTER)
    return people


def test_nothing_is_published_that_nobody_has_signed(
    conn: sa.Connection, registered: People
) -> None:
    walk(conn, registered, SUBMIT)
    with pytest.raises(SecrecyUnsigned) as refused:
        walk(conn, registered, AGREE)
    assert "sign_secrecy" in refused.value.zh
    assert "同意" in refused.value.zh
    walk(conn, registered, SIGN)
    assert walk(conn, registered, AGREE).state is State.PUBLISHED


def test_it_may_be_signed_before_it_is_submitted(conn: sa.Connection, registered: People) -> None:
    assert walk(conn, registered, SIGN).state is State.REGISTERED
    assert walk(conn, registered, SUBMIT, AGREE).state is State.PUBLISHED


def test_a_signature_is_for_the_content_that_was_seen(
    conn: sa.Connection, registered: People
) -> None:
    walk(conn, registered, SIGN)
    records.add_record(conn, a_record(abstract="后来改过"), registered.steward, a_clock())
    walk(conn, registered, SUBMIT)
    with pytest.raises(SecrecyUnsigned) as refused:
        walk(conn, registered, AGREE)
    assert refused.value.version == 2


def test_content_that_was_signed_once_needs_no_second_signature(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), AGREE)
    assert walk(conn, people, (Action.REPUBLISH, "steward"), AGREE).state is State.PUBLISHED


def test_to_sign_again_changes_nothing(conn: sa.Connection, registered: People) -> None:
    first = walk(conn, registered, SIGN)
    assert walk(conn, registered, SIGN) == first
    assert len(list_reviews(conn, "household")) == 1


def test_a_signature_tells_what_was_said_about_personal_information(
    conn: sa.Connection, registered: People
) -> None:
    details = records.Details(impact="含公民身份号码，按需授权")
    records.act(
        conn,
        "household",
        Action.SIGN_SECRECY,
        registered.reviewer,
        "不涉密",
        a_clock(),
        details=details,
    )
    [review] = list_reviews(conn, "household")
    assert (review.signed_by, review.opinion) == ("reviewer", "不涉密")
    assert review.impact_note == "含公民身份号码，按需授权"
    assert records.history(conn, "household")[-1].action == "sign_secrecy"


def test_who_wrote_or_submitted_the_content_does_not_sign_it(
    conn: sa.Connection, people: People
) -> None:
    both = a_person(conn, "both", [Role.STEWARD, Role.REVIEWER])
    records.add_record(conn, a_record(), both, a_clock())
    walk(conn, people, *REGISTER)
    with pytest.raises(OwnSecrecyReview):
        records.act(conn, "household", Action.SIGN_SECRECY, both, "不涉密", a_clock())
    records.add_record(conn, a_record(abstract="他人所写"), people.steward, a_clock())
    records.act(conn, "household", Action.SIGN_SECRECY, both, "不涉密", a_clock())
    records.act(conn, "household", Action.SUBMIT_PUBLISH, both, None, a_clock())
    with pytest.raises(OwnSubmission):
        records.act(conn, "household", Action.SIGN_SECRECY, both, "不涉密", a_clock())
    with pytest.raises(SecrecyUnsigned):  # the only signature is the submitter's own
        walk(conn, people, AGREE)
    assert walk(conn, people, SIGN, AGREE).state is State.PUBLISHED


def test_a_signature_needs_an_opinion(conn: sa.Connection, registered: People) -> None:
    with pytest.raises(OpinionMissing):
        records.act(conn, "household", Action.SIGN_SECRECY, registered.reviewer, " ", a_clock())
