"""The transition table of records: every state with every action, role and department."""

from __future__ import annotations

from itertools import product

import pytest

from catalog.accounts import Account, AccountKind
from catalog.errors import NotInState, NotPermitted, OpinionMissing, OwnSubmission
from catalog.life_cycle import (
    ACTION_NAMES,
    ASIDE,
    DECIDING,
    REASONED,
    REPEATS,
    REVIEWS,
    STATE_NAMES,
    SUBMITTED,
    TRANSITIONS,
    Action,
    Outcome,
    Standing,
    State,
    decide,
    role_waited_for,
)
from catalog.publish_errors import ReasonMissing
from catalog.roles import DEED_NAMES, ROLE_NAMES, Deed, Role

ORIGINS = {
    State.REGISTER_REVIEW: (State.DRAFT,),
    State.PUBLISH_REVIEW: (State.REGISTERED, State.REVISING, State.WITHDRAWN),
    State.SCHEDULED: (State.REGISTERED, State.REVISING, State.WITHDRAWN),
    State.WITHDRAW_REVIEW: (State.PUBLISHED,),
}

DECISIONS = list(product(sorted(REVIEWS), [Action.AGREE, Action.REJECT]))


def an_account(role: Role, department: str = "gongan", name: str = "someone") -> Account:
    return Account(name, department, AccountKind.PERSON, None, frozenset({role}))


def standing(state: State, origin: State | None = None, last_action: str = "write") -> Standing:
    submitter = "submitter" if state in SUBMITTED else None
    return Standing("household", "gongan", state, origin, submitter, last_action)


def test_states_actions_roles_and_deeds_all_have_a_chinese_name() -> None:
    assert set(STATE_NAMES) == set(State)
    assert set(ACTION_NAMES) == set(Action)
    assert set(ROLE_NAMES) == set(Role)
    assert set(DEED_NAMES) == set(Deed)


def test_every_state_action_role_and_department_is_allowed_or_refused_with_its_reason() -> None:
    for state, action, role in product(State, Action, Role):
        for department, origin in product(("gongan", "minzheng"), ORIGINS.get(state, (None,))):
            actor, before = an_account(role, department), standing(state, origin)
            transition = TRANSITIONS.get((state, action))
            if transition is None:
                with pytest.raises(NotInState):
                    decide(before, action, actor, "意见")
            elif role is transition.role and (department == "gongan" or role is Role.AUTHORITY):
                outcome = decide(before, action, actor, "意见")
                assert outcome.changed
                assert outcome.state is (transition.target or origin)
            else:
                with pytest.raises(NotPermitted):
                    decide(before, action, actor, "意见")


def test_the_same_action_again_is_already_there_for_whoever_may_do_it() -> None:
    for (state, action), may in REPEATS.items():
        before = standing(state, ORIGINS.get(state, (None,))[0], last_action=action)
        for role in Role:
            if role is may:
                outcome = decide(before, action, an_account(role), None)
                assert outcome == Outcome(state, changed=False)
            else:
                with pytest.raises(NotPermitted):
                    decide(before, action, an_account(role), None)


def test_every_transition_can_be_repeated_where_it_leads_to() -> None:
    for (state, action), transition in TRANSITIONS.items():
        if action in ASIDE:
            assert transition.target is state
            continue
        targets = ORIGINS[state] if transition.target is None else (transition.target,)
        for target in targets:
            assert REPEATS[target, action] is transition.role


def test_every_state_is_reached_from_draft() -> None:
    reached: set[State] = {State.DRAFT}
    before: set[State] = set()
    while reached != before:
        before = set(reached)
        for (state, _action), transition in TRANSITIONS.items():
            if state in before:
                reached |= {transition.target or State.DRAFT}
    assert reached == set(State)


@pytest.mark.parametrize("origin", ORIGINS[State.PUBLISH_REVIEW])
def test_a_rejection_leads_back_to_where_it_came_from(origin: State) -> None:
    before = standing(State.PUBLISH_REVIEW, origin)
    outcome = decide(before, Action.REJECT, an_account(Role.AUTHORITY), "摘要不完整")
    assert outcome == Outcome(origin, changed=True)


@pytest.mark.parametrize(("state", "action"), DECISIONS)
def test_who_submits_does_not_approve(state: State, action: Action) -> None:
    role = TRANSITIONS[state, action].role
    before = standing(state, ORIGINS[state][0])
    with pytest.raises(OwnSubmission):
        decide(before, action, an_account(role, name="submitter"), "同意")


@pytest.mark.parametrize("opinion", [None, "", "  "])
@pytest.mark.parametrize(("state", "action"), DECISIONS)
def test_a_review_needs_an_opinion(state: State, action: Action, opinion: str | None) -> None:
    role = TRANSITIONS[state, action].role
    with pytest.raises(OpinionMissing):
        decide(standing(state, ORIGINS[state][0]), action, an_account(role), opinion)


def test_a_submission_remembers_who_made_it_and_where_it_came_from() -> None:
    outcome = decide(
        standing(State.REVISING), Action.SUBMIT_PUBLISH, an_account(Role.STEWARD, name="li"), None
    )
    assert outcome == Outcome(State.PUBLISH_REVIEW, True, State.REVISING, "li")


def test_a_refusal_names_what_is_possible_now() -> None:
    with pytest.raises(NotInState) as refused:
        decide(standing(State.PUBLISHED), Action.DELETE, an_account(Role.STEWARD), None)
    assert "变更（revise）、申请下架（request_withdraw）" in refused.value.zh
    assert "已发布（published）" in refused.value.zh
    assert "possible now: revise, request_withdraw" in refused.value.en


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_what_takes_something_away_needs_a_reason(reason: str | None) -> None:
    for (state, action), transition in TRANSITIONS.items():
        before = standing(state, ORIGINS.get(state, (None,))[0])
        actor = an_account(transition.role)
        if action in REASONED:
            with pytest.raises(ReasonMissing):
                decide(before, action, actor, reason)
        elif action not in DECIDING:
            assert decide(before, action, actor, reason).changed


def test_no_action_both_decides_and_takes_away() -> None:
    assert not DECIDING & REASONED
    assert {action for _, action in TRANSITIONS} == set(Action)


@pytest.mark.parametrize("origin", ORIGINS[State.SCHEDULED])
def test_what_is_scheduled_remembers_who_submitted_it_and_whence(origin: State) -> None:
    for state, action in (
        (State.PUBLISH_REVIEW, Action.SCHEDULE),
        (State.SCHEDULED, Action.CANCEL_SCHEDULE),
        (State.PUBLISH_REVIEW, Action.SIGN_SECRECY),
        (State.SCHEDULED, Action.BIND),
    ):
        transition = TRANSITIONS[state, action]
        outcome = decide(standing(state, origin), action, an_account(transition.role), "理由")
        assert outcome == Outcome(transition.target or state, True, origin, "submitter")


def test_a_step_aside_is_never_told_to_be_done_already_by_its_name_alone() -> None:
    for state, action in TRANSITIONS:
        if action in ASIDE:
            before = standing(state, ORIGINS.get(state, (None,))[0], last_action=action)
            actor = an_account(TRANSITIONS[state, action].role)
            assert decide(before, action, actor, "理由").changed


@pytest.mark.parametrize(
    ("state", "action", "signed", "role"),
    [
        (State.REGISTER_REVIEW, Action.SUBMIT_REGISTER, False, Role.REVIEWER),
        (State.PUBLISH_REVIEW, Action.SUBMIT_PUBLISH, False, Role.REVIEWER),
        (State.PUBLISH_REVIEW, Action.SUBMIT_PUBLISH, True, Role.AUTHORITY),
        (State.PUBLISH_REVIEW, Deed.RETURN_DUE, True, Role.AUTHORITY),
        (State.WITHDRAW_REVIEW, Action.REQUEST_WITHDRAW, False, Role.AUTHORITY),
        (State.DRAFT, Action.REJECT, False, Role.STEWARD),
        (State.REVISING, Action.REJECT, False, Role.STEWARD),
        (State.PUBLISHED, Action.REJECT, False, None),
        (State.PUBLISHED, Action.AGREE, False, None),
        (State.SCHEDULED, Action.SCHEDULE, True, None),
    ],
)
def test_a_record_waits_for_the_role_that_can_take_it_further(
    state: State, action: Action | Deed, signed: bool, role: Role | None
) -> None:
    assert role_waited_for(state, action, signed=signed) is role
