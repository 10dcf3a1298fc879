"""The register of data elements: every state with every action, proposals, upgrades, admission."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import elements, records, registers
from catalog.accounts import Account, AccountKind
from catalog.database import Database
from catalog.element_life import (
    ELEMENT_ACTION_NAMES,
    ELEMENT_REPEATS,
    ELEMENT_STATE_NAMES,
    ELEMENT_TRANSITIONS,
    UNDER_REVIEW,
    ElementAction,
    ElementStanding,
    ElementState,
    decide,
)
from catalog.element_rows import PROPOSED, SHIPPED
from catalog.errors import (
    InvalidRecord,
    NotInState,
    NotPermitted,
    OpinionMissing,
    OwnSubmission,
)
from catalog.register_errors import ElementNotFound, ElementShipped, InvalidElement
from catalog.roles import Role
from catalog.tables import element_versions
from catalog.tables import elements as table
from standards.elements import load_elements
from tests.catalog.makers import People, a_clock, a_person, a_record, an_item, settle
from tests.catalog.meanwhile import meanwhile

PLATE = "vehicle.plate_no"
STATES: tuple[ElementState | None, ...] = (None, *ElementState)


def a_plate(**facts: Any) -> dict[str, Any]:
    document = {
        "element_id": PLATE,
        "name": "机动车号牌号码",
        "definition": "发给机动车的号牌号码",
        "data_type": "C",
        "length": 15,
        "level": 2,
    }
    return {**document, **facts}


def an_account(role: Role, department: str = "gongan", name: str = "someone") -> Account:
    return Account(name, department, AccountKind.PERSON, None, frozenset({role}))


def standing(state: ElementState | None, last_action: str = "propose") -> ElementStanding:
    waits = state in UNDER_REVIEW
    return ElementStanding(
        PLATE,
        state,
        department_id="gongan" if waits else None,
        submitted_by="proposer" if waits else None,
        last_action=last_action,
    )


def test_states_and_actions_all_have_a_chinese_name() -> None:
    assert set(ELEMENT_STATE_NAMES) == set(ElementState)
    assert set(ELEMENT_ACTION_NAMES) == set(ElementAction)


def test_every_state_action_role_and_department_is_allowed_or_refused_with_its_reason() -> None:
    walked = set()
    for state, action, role, department in product(
        STATES, ElementAction, Role, ("gongan", "minzheng")
    ):
        actor, before = an_account(role, department), standing(state)
        transition = ELEMENT_TRANSITIONS.get((state, action))
        of_others = action is ElementAction.PROPOSE and state in UNDER_REVIEW
        if transition is None:
            with pytest.raises(ElementNotFound if state is None else NotInState):
                decide(before, action, actor, "意见")
        elif role is transition.role and (department == "gongan" or not of_others):
            assert decide(before, action, actor, "意见") is transition.target
            walked.add((state, action))
        else:
            with pytest.raises(NotPermitted):
                decide(before, action, actor, "意见")
        with pytest.raises(ElementShipped):
            decide(replace(before, shipped=True), action, actor, "意见")
    assert walked == set(ELEMENT_TRANSITIONS)


def test_every_state_is_reached_and_every_decision_can_be_repeated_where_it_leads() -> None:
    assert {transition.target for transition in ELEMENT_TRANSITIONS.values()} == set(ElementState)
    decided = {
        (transition.target, action): transition.role
        for (_state, action), transition in ELEMENT_TRANSITIONS.items()
        if action is not ElementAction.PROPOSE
    }
    assert decided == ELEMENT_REPEATS
    for (state, action), may in ELEMENT_REPEATS.items():
        for role in Role:
            if role is may:
                assert decide(standing(state, action), action, an_account(role), None) is None
            else:
                with pytest.raises(NotPermitted):
                    decide(standing(state, action), action, an_account(role), None)


@pytest.mark.parametrize("state", sorted(UNDER_REVIEW))
@pytest.mark.parametrize("action", [ElementAction.AGREE, ElementAction.REJECT])
def test_who_proposes_does_not_decide_and_a_decision_needs_an_opinion(
    state: ElementState, action: ElementAction
) -> None:
    with pytest.raises(OwnSubmission):
        decide(standing(state), action, an_account(Role.AUTHORITY, name="proposer"), "同意")
    for opinion in (None, "", "  "):
        with pytest.raises(OpinionMissing):
            decide(standing(state), action, an_account(Role.AUTHORITY), opinion)
    with pytest.raises(OpinionMissing):
        decide(standing(ElementState.ADOPTED), ElementAction.RETIRE, an_account(Role.AUTHORITY), "")


def propose(conn: sa.Connection, people: People, **facts: Any) -> elements.Proposal:
    return elements.propose(conn, a_plate(**facts), people.steward, a_clock())


def act(conn: sa.Connection, people: People, action: str, element: str = PLATE) -> ElementState:
    wanted = ElementAction(action)
    return elements.act(conn, element, wanted, people.authority, "同意办理", a_clock()).state


def with_plate(element: str = PLATE) -> dict[str, Any]:
    record = a_record()
    return {**record, "items": [*record["items"], an_item("plate", length=15, element=element)]}


def test_items_point_at_an_element_from_its_adoption_to_its_retirement(
    conn: sa.Connection, people: People
) -> None:
    propose(conn, people)
    with pytest.raises(ElementNotFound):
        elements.adopted(conn, PLATE)
    with pytest.raises(InvalidRecord) as refused:
        records.add_record(conn, with_plate(), people.steward, a_clock())
    assert [each.path for each in refused.value.faults] == ["items/3/element"]
    assert act(conn, people, "agree") is ElementState.ADOPTED
    assert registers.read(conn).elements[PLATE].name == "机动车号牌号码"
    assert records.add_record(conn, with_plate(), people.steward, a_clock()).version == 1
    assert act(conn, people, "retire") is ElementState.RETIRED
    assert PLATE not in registers.read(conn).elements
    with pytest.raises(InvalidRecord):
        records.add_record(
            conn, {**with_plate(), "resource_id": "other"}, people.steward, a_clock()
        )


def test_a_change_waits_beside_what_holds_and_is_a_version_of_its_own(
    conn: sa.Connection, people: People
) -> None:
    propose(conn, people)
    act(conn, people, "agree")
    changed = propose(conn, people, length=20)
    assert (changed.version, changed.state) == (2, ElementState.CHANGING)
    assert elements.adopted(conn, PLATE).element.length == 15
    assert elements.working(conn, PLATE).element.length == 20
    assert propose(conn, people, length=20) == changed
    assert act(conn, people, "reject") is ElementState.ADOPTED
    assert elements.working(conn, PLATE).element.length == 15
    again = propose(conn, people, length=20)
    assert (again.version, again.state) == (2, ElementState.CHANGING)
    act(conn, people, "agree")
    assert elements.registered(conn)[PLATE].length == 20
    assert propose(conn, people, length=20).state is ElementState.ADOPTED
    steps = elements.history(conn, PLATE)
    assert [(step.action, step.version) for step in steps] == [
        ("propose", 1),
        ("agree", 1),
        ("propose", 2),
        ("reject", 2),
        ("propose", 2),
        ("agree", 2),
    ]
    assert [step.revision for step in steps] == list(range(1, 7))


def test_the_same_proposal_again_changes_nothing_and_a_rejected_one_may_come_back(
    conn: sa.Connection, people: People
) -> None:
    first = propose(conn, people)
    assert propose(conn, people) == first
    assert act(conn, people, "reject") is ElementState.REJECTED
    assert act(conn, people, "reject") is ElementState.REJECTED
    assert propose(conn, people).state is ElementState.PROPOSED
    assert propose(conn, people, length=16).version == 2
    assert len(elements.history(conn, PLATE)) == 4


def test_what_another_department_proposed_is_theirs_until_it_is_decided(
    conn: sa.Connection, people: People
) -> None:
    other = a_person(conn, "minzheng-steward", [Role.STEWARD], department="minzheng")
    propose(conn, people)
    with pytest.raises(NotPermitted):
        elements.propose(conn, a_plate(length=9), other, a_clock())
    act(conn, people, "agree")
    assert elements.propose(conn, a_plate(length=9), other, a_clock()).version == 2


def test_a_proposal_shows_adopted_and_waiting_ones_that_may_be_the_same(
    conn: sa.Connection, people: People
) -> None:
    propose(conn, people)
    document = a_plate(element_id="car.plate", name="号牌", synonyms=["机动车号牌号码"])
    found = elements.propose(conn, document, people.steward, a_clock()).similar
    assert [(like.element_id, like.reason) for like in found] == [(PLATE, "name")]
    named = a_plate(element_id="citizen.number", name="身份证号码")
    [like] = elements.propose(conn, named, people.steward, a_clock()).similar
    assert like.element_id == "person.id_number"


def test_a_proposal_with_errors_and_one_of_a_shipped_id_are_refused(
    conn: sa.Connection, people: People
) -> None:
    with pytest.raises(InvalidElement) as refused:
        propose(conn, people, data_type="N", length=50)
    assert [each.rule for each in refused.value.faults] == ["element.length.digits"]
    for _ in range(2):
        with pytest.raises(ElementShipped):
            propose(conn, people, element_id="person.name")
        elements.install_shipped(conn, a_clock())
    with pytest.raises(ElementShipped):
        act(conn, people, "retire", "person.name")


def test_shipped_elements_are_installed_once_and_followed_up(
    conn: sa.Connection, people: People
) -> None:
    shipped = load_elements()
    assert elements.install_shipped(conn, a_clock()) == len(shipped)
    assert elements.install_shipped(conn, a_clock()) == 0
    page = elements.list_adopted(conn, limit=500)
    assert [each.element for each in page.rows] == [shipped[name] for name in sorted(shipped)]
    assert {(each.version, each.origin) for each in page.rows} == {(1, SHIPPED)}
    # as an older release had left them: another text, one that is shipped no more, one proposed
    name = table.c.element_id == "person.name"
    held = element_versions.c.element_id == "person.name"
    conn.execute(sa.update(element_versions).where(held).values(sha256="0" * 64))
    conn.execute(sa.update(table).where(name).values(origin=PROPOSED))
    propose(conn, people)
    act(conn, people, "agree")
    conn.execute(sa.update(table).where(table.c.element_id == PLATE).values(origin=SHIPPED))
    assert elements.install_shipped(conn, a_clock()) == 2
    followed = elements.adopted(conn, "person.name")
    assert (followed.version, followed.origin) == (2, SHIPPED)
    with pytest.raises(ElementNotFound):
        elements.adopted(conn, PLATE)
    assert elements.history(conn, PLATE)[-1].to_state is ElementState.RETIRED
    assert elements.install_shipped(conn, a_clock()) == 0


def test_elements_are_found_by_words_in_them_and_paged_by_id(
    conn: sa.Connection, people: People
) -> None:
    elements.install_shipped(conn, a_clock())

    def found(q: str) -> list[str]:
        return [each.element.id for each in elements.list_adopted(conn, q=q).rows]

    assert "person.id_number" in found("身份证号")
    assert found("GB11643 公民") == []
    assert set(found("GB 11643 配偶")) == {"person.spouse_id_number"}
    assert found("%") == []
    seen, cursor = [], None
    while not seen or cursor is not None:
        page = elements.list_adopted(conn, limit=40, cursor=cursor)
        seen += [each.element.id for each in page.rows]
        cursor = page.next_cursor
    assert seen == sorted(load_elements())
    propose(conn, people)
    waiting = elements.list_in_state(conn, ElementState.PROPOSED)
    assert [(each.element.id, each.department_id) for each in waiting.rows] == [(PLATE, "gongan")]


def test_of_two_first_proposals_at_once_one_comes_after_the_other(database: Database) -> None:
    with database.transaction() as conn:
        people = settle(conn)

    first, second = meanwhile(
        database, lambda c: propose(c, people), lambda c: propose(c, people, length=16)
    )
    assert (first.version, second.result().version) == (1, 2)
    with database.reading() as conn:
        assert [step.version for step in elements.history(conn, PLATE)] == [1, 2]
        assert elements.working(conn, PLATE).element.length == 16
