"""Records in the catalogue: versions, visibility, codes, generations, history."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import grants, records
from catalog.errors import (
    DepartmentNotFound,
    FrozenByRegistration,
    InvalidRecord,
    NotPermitted,
    RecordNotEditable,
    RecordNotPublished,
    ResourceTaken,
    StaleRevision,
    VersionNotFound,
)
from catalog.grant_errors import GrantRevoked
from catalog.life_cycle import Action, State
from catalog.roles import Role
from catalog.tables import record_versions
from standards.documents import canonical_json
from tests.catalog.makers import (
    CIVIL_AFFAIRS,
    NOON,
    SIGN,
    People,
    a_clock,
    a_grant,
    a_person,
    a_record,
    an_item,
    publish,
    walk,
)


def write(conn: sa.Connection, people: People, **facts: Any) -> records.RecordState:
    return records.add_record(conn, a_record(**facts), people.steward, a_clock())


def test_a_new_record_is_a_draft_without_a_code(conn: sa.Connection, people: People) -> None:
    state = write(conn, people)
    assert state == records.RecordState("household", None, 1, State.DRAFT, 1)
    with pytest.raises(RecordNotPublished):
        records.published(conn, "household")


def test_registration_issues_the_code_and_publication_makes_visible(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, (Action.SUBMIT_REGISTER, "steward"))
    assert walk(conn, people, (Action.AGREE, "reviewer")).resource_code == "30700101/1"
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN, (Action.AGREE, "authority"))
    seen = records.published(conn, "household")
    assert (seen.resource_code, seen.version, seen.generation) == ("30700101/1", 1, 1)
    assert (seen.department_id, seen.published_at, seen.is_view) == ("gongan", NOON, False)
    assert seen.document == a_record()
    assert records.published(conn, "30700101/1") == seen


def test_what_is_stored_is_what_is_hashed(conn: sa.Connection, people: People) -> None:
    write(conn, people)
    [row] = conn.execute(sa.select(record_versions.c.document, record_versions.c.sha256))
    assert row.document == canonical_json(a_record())
    assert row.sha256 == hashlib.sha256(row.document.encode()).hexdigest()


def test_the_same_content_again_changes_nothing(conn: sa.Connection, people: People) -> None:
    write(conn, people)
    again = write(conn, people)
    assert (again.version, again.revision) == (1, 1)
    published = walk(
        conn,
        people,
        (Action.SUBMIT_REGISTER, "steward"),
        (Action.AGREE, "reviewer"),
        (Action.SUBMIT_PUBLISH, "steward"),
        SIGN,
        (Action.AGREE, "authority"),
    )
    assert write(conn, people) == published


def test_a_repeated_action_changes_nothing(conn: sa.Connection, people: People) -> None:
    write(conn, people)
    first = walk(conn, people, (Action.SUBMIT_REGISTER, "steward"))
    again = records.act(
        conn,
        "household",
        Action.SUBMIT_REGISTER,
        people.steward,
        None,
        a_clock(),
        expected_revision=1,
    )
    assert again == first
    assert len(records.history(conn, "household")) == 2


def test_a_draft_keeps_every_version(conn: sa.Connection, people: People) -> None:
    write(conn, people)
    assert write(conn, people, abstract="更正后的摘要").version == 2
    assert records.document_of(conn, "household", 1) == a_record()
    assert records.working(conn, "household").document["abstract"] == "更正后的摘要"
    with pytest.raises(VersionNotFound):
        records.document_of(conn, "household", 3)


def test_a_record_with_errors_is_refused_with_its_violations(
    conn: sa.Connection, people: People
) -> None:
    with pytest.raises(InvalidRecord) as refused:
        write(conn, people, name="")
    assert any(violation.path == "name" for violation in refused.value.violations)


def test_a_steward_writes_for_the_own_department_alone(conn: sa.Connection, people: People) -> None:
    with pytest.raises(NotPermitted):
        write(conn, people, provider_code=CIVIL_AFFAIRS, provider_name="示例市民政局")
    with pytest.raises(NotPermitted):
        records.add_record(conn, a_record(), people.reviewer, a_clock())
    with pytest.raises(DepartmentNotFound):
        write(conn, people, provider_code="119901000000000430")


def test_a_resource_id_belongs_to_one_department_for_good(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    other = a_person(conn, "chen", [Role.STEWARD], department="minzheng")
    taken = a_record(provider_code=CIVIL_AFFAIRS, provider_name="示例市民政局")
    with pytest.raises(ResourceTaken):
        records.add_record(conn, taken, other, a_clock())
    walk(conn, people, (Action.DELETE, "steward"))
    with pytest.raises(ResourceTaken):
        write(conn, people)


def test_nothing_is_written_during_a_review_or_over_a_published_version(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, (Action.SUBMIT_REGISTER, "steward"))
    with pytest.raises(RecordNotEditable):
        write(conn, people, abstract="审核中的改动")
    walk(conn, people, (Action.AGREE, "reviewer"), (Action.SUBMIT_PUBLISH, "steward"))
    walk(conn, people, SIGN, (Action.AGREE, "authority"))
    with pytest.raises(RecordNotEditable):
        write(conn, people, abstract="未经变更的改动")


def test_the_published_version_stays_visible_through_a_revision_and_its_rejection(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REVISE, "steward"))
    assert write(conn, people, abstract="第二版").version == 2
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"))
    assert records.published(conn, "household").version == 1
    state = walk(conn, people, (Action.REJECT, "authority"))
    assert (state.state, state.version) == (State.REVISING, 2)
    assert records.published(conn, "household").version == 1
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN, (Action.AGREE, "authority"))
    assert records.published(conn, "household").document["abstract"] == "第二版"


def test_a_discarded_revision_leads_back_and_its_number_is_not_used_again(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REVISE, "steward"))
    write(conn, people, abstract="放弃的一版")
    state = walk(conn, people, (Action.DISCARD, "steward"))
    assert (state.state, state.version) == (State.PUBLISHED, 1)
    walk(conn, people, (Action.REVISE, "steward"))
    assert write(conn, people, abstract="另一版").version == 3


def test_a_record_rejected_at_publication_can_be_corrected(
    conn: sa.Connection, people: People
) -> None:
    write(conn, people)
    walk(conn, people, (Action.SUBMIT_REGISTER, "steward"), (Action.AGREE, "reviewer"))
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), (Action.REJECT, "authority"))
    state = write(conn, people, abstract="按意见更正")
    assert (state.state, state.version) == (State.REGISTERED, 2)


def test_a_withdrawal_hides_the_record_and_ends_its_grants(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    grants.add_grant(conn, a_grant(), people.authority, a_clock())
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"))
    assert records.published(conn, "household").version == 1
    walk(conn, people, (Action.AGREE, "authority"))
    with pytest.raises(RecordNotPublished):
        records.published(conn, "household")
    with pytest.raises(GrantRevoked):
        grants.find_right(
            conn,
            account="aid-system",
            resource_id="household",
            purpose="administrative_basis",
            now=NOON,
        )
    walk(conn, people, (Action.REPUBLISH, "steward"))
    assert walk(conn, people, (Action.REJECT, "authority")).state is State.WITHDRAWN
    walk(conn, people, (Action.REPUBLISH, "steward"), (Action.AGREE, "authority"))
    assert records.published(conn, "household").generation == 1


def test_a_code_is_never_used_again_after_deregistration(
    conn: sa.Connection, people: People
) -> None:
    for number, resource_id in enumerate(("household", "residence"), start=1):
        write(conn, people, resource_id=resource_id)
        steps = ((Action.SUBMIT_REGISTER, "steward"), (Action.AGREE, "reviewer"))
        walk(conn, people, *steps, resource=resource_id)
        state = walk(conn, people, (Action.DEREGISTER, "steward"), resource=resource_id)
        assert state.resource_code == f"30700101/{number}"


def test_the_classification_is_frozen_with_the_code(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REVISE, "steward"))
    moved = {"lei": "3", "xiang": "07", "mu": "002", "ximu": "01"}
    with pytest.raises(FrozenByRegistration):
        write(conn, people, classification=moved)


@pytest.mark.parametrize(
    ("items", "generation"),
    [
        ([*a_record()["items"], an_item("phone")], 1),
        ([a_record()["items"][0], an_item("name", name="姓名"), an_item("address")], 1),
        (a_record()["items"][:2], 2),
        ([*a_record()["items"][:2], an_item("address", data_type="D", length=None)], 2),
        ([a_record()["items"][0], an_item("name", key=True), an_item("address")], 2),
    ],
    ids=["further item", "new labels", "item lost", "other type", "other key"],
)
def test_a_change_of_types_or_keys_opens_a_new_generation(
    conn: sa.Connection, people: People, items: list[dict[str, Any]], generation: int
) -> None:
    publish(conn, people)
    walk(conn, people, (Action.REVISE, "steward"))
    tidy = [{name: v for name, v in item.items() if v is not None} for item in items]
    write(conn, people, items=tidy)
    walk(conn, people, (Action.SUBMIT_PUBLISH, "steward"), SIGN, (Action.AGREE, "authority"))
    assert records.published(conn, "household").generation == generation


def test_a_stale_writer_is_told_the_current_revision(conn: sa.Connection, people: People) -> None:
    write(conn, people)
    write(conn, people, abstract="他人的改动")
    with pytest.raises(StaleRevision) as refused:
        records.act(
            conn,
            "household",
            Action.SUBMIT_REGISTER,
            people.steward,
            None,
            a_clock(),
            expected_revision=1,
        )
    assert (refused.value.expected, refused.value.found) == (1, 2)
    with pytest.raises(StaleRevision):
        records.add_record(
            conn, a_record(name="又一改动"), people.steward, a_clock(), expected_revision=1
        )
