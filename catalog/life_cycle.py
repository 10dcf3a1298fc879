"""The life cycle of a metadata record (编目、注册、发布、下架、注销) as data, and its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.errors import NotInState, NotPermitted, OpinionMissing, OwnSubmission
from catalog.roles import Actor, Role


class State(StrEnum):
    DRAFT = "draft"
    REGISTER_REVIEW = "register_review"
    REGISTERED = "registered"
    PUBLISH_REVIEW = "publish_review"
    PUBLISHED = "published"
    REVISING = "revising"
    WITHDRAW_REVIEW = "withdraw_review"
    WITHDRAWN = "withdrawn"
    DEREGISTERED = "deregistered"
    DELETED = "deleted"

    @property
    def zh(self) -> str:
        return STATE_NAMES[self]


class Action(StrEnum):
    SUBMIT_REGISTER = "submit_register"
    AGREE = "agree"
    REJECT = "reject"
    SUBMIT_PUBLISH = "submit_publish"
    REVISE = "revise"
    DISCARD = "discard"
    REQUEST_WITHDRAW = "request_withdraw"
    REPUBLISH = "republish"
    DEREGISTER = "deregister"
    DELETE = "delete"

    @property
    def zh(self) -> str:
        return ACTION_NAMES[self]


STATE_NAMES: Mapping[State, str] = {
    State.DRAFT: "草稿",
    State.REGISTER_REVIEW: "登记审核中",
    State.REGISTERED: "已登记",
    State.PUBLISH_REVIEW: "发布审核中",
    State.PUBLISHED: "已发布",
    State.REVISING: "变更中",
    State.WITHDRAW_REVIEW: "下架审核中",
    State.WITHDRAWN: "已下架",
    State.DEREGISTERED: "已注销",
    State.DELETED: "已删除",
}

ACTION_NAMES: Mapping[Action, str] = {
    Action.SUBMIT_REGISTER: "提交登记",
    Action.AGREE: "同意",
    Action.REJECT: "驳回",
    Action.SUBMIT_PUBLISH: "提交发布",
    Action.REVISE: "变更",
    Action.DISCARD: "放弃变更",
    Action.REQUEST_WITHDRAW: "申请下架",
    Action.REPUBLISH: "重新发布",
    Action.DEREGISTER: "注销",
    Action.DELETE: "删除",
}

# a new version of the content may be written in these; a review must see what was submitted
EDITABLE = frozenset({State.DRAFT, State.REGISTERED, State.REVISING, State.WITHDRAWN})
REVIEWS = frozenset({State.REGISTER_REVIEW, State.PUBLISH_REVIEW, State.WITHDRAW_REVIEW})


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` None leads back to where the submission came from; `role` is who may."""

    target: State | None
    role: Role


TRANSITIONS: Mapping[tuple[State, Action], Transition] = {
    (State.DRAFT, Action.SUBMIT_REGISTER): Transition(State.REGISTER_REVIEW, Role.STEWARD),
    (State.DRAFT, Action.DELETE): Transition(State.DELETED, Role.STEWARD),
    (State.REGISTER_REVIEW, Action.AGREE): Transition(State.REGISTERED, Role.REVIEWER),
    (State.REGISTER_REVIEW, Action.REJECT): Transition(State.DRAFT, Role.REVIEWER),
    (State.REGISTERED, Action.SUBMIT_PUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.REGISTERED, Action.DEREGISTER): Transition(State.DEREGISTERED, Role.STEWARD),
    (State.PUBLISH_REVIEW, Action.AGREE): Transition(State.PUBLISHED, Role.AUTHORITY),
    (State.PUBLISH_REVIEW, Action.REJECT): Transition(None, Role.AUTHORITY),
    (State.PUBLISHED, Action.REVISE): Transition(State.REVISING, Role.STEWARD),
    (State.PUBLISHED, Action.REQUEST_WITHDRAW): Transition(State.WITHDRAW_REVIEW, Role.STEWARD),
    (State.REVISING, Action.SUBMIT_PUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.REVISING, Action.DISCARD): Transition(State.PUBLISHED, Role.STEWARD),
    (State.WITHDRAW_REVIEW, Action.AGREE): Transition(State.WITHDRAWN, Role.AUTHORITY),
    (State.WITHDRAW_REVIEW, Action.REJECT): Transition(State.PUBLISHED, Role.AUTHORITY),
    (State.WITHDRAWN, Action.REPUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.WITHDRAWN, Action.DEREGISTER): Transition(State.DEREGISTERED, Role.STEWARD),
}

# "already there": the same action again, when it was the last one that was done, changes nothing
REPEATS: Mapping[tuple[State, Action], Role] = {
    (State.REGISTER_REVIEW, Action.SUBMIT_REGISTER): Role.STEWARD,
    (State.DELETED, Action.DELETE): Role.STEWARD,
    (State.REGISTERED, Action.AGREE): Role.REVIEWER,
    (State.DRAFT, Action.REJECT): Role.REVIEWER,
    (State.PUBLISH_REVIEW, Action.SUBMIT_PUBLISH): Role.STEWARD,
    (State.PUBLISH_REVIEW, Action.REPUBLISH): Role.STEWARD,
    (State.PUBLISHED, Action.AGREE): Role.AUTHORITY,
    (State.REGISTERED, Action.REJECT): Role.AUTHORITY,
    (State.REVISING, Action.REJECT): Role.AUTHORITY,
    (State.WITHDRAWN, Action.REJECT): Role.AUTHORITY,
    (State.PUBLISHED, Action.REJECT): Role.AUTHORITY,
    (State.REVISING, Action.REVISE): Role.STEWARD,
    (State.PUBLISHED, Action.DISCARD): Role.STEWARD,
    (State.WITHDRAW_REVIEW, Action.REQUEST_WITHDRAW): Role.STEWARD,
    (State.WITHDRAWN, Action.AGREE): Role.AUTHORITY,
    (State.DEREGISTERED, Action.DEREGISTER): Role.STEWARD,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands: all that a decision about it depends on."""

    resource_id: str
    department_id: str
    state: State
    origin: State | None
    submitted_by: str | None
    last_action: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action leads to; `changed` False: it was already there, and nothing is to be done.

    `origin` is where a review that begins now leads back to, `submitted_by` who may not decide it.
    """

    state: State
    changed: bool
    origin: State | None = None
    submitted_by: str | None = None


def decide(standing: Standing, action: Action, actor: Actor, opinion: str | None) -> Outcome:
    """The outcome of an action, or NotInState, NotPermitted, OwnSubmission, OpinionMissing.

    A steward or reviewer acts for the providing department alone, the authority for all; a
    review needs an opinion, and nobody decides what the same account submitted.
    """
    if standing.last_action == action and (standing.state, action) in REPEATS:
        _check_role(REPEATS[standing.state, action], standing, action, actor)
        return Outcome(standing.state, changed=False)
    transition = TRANSITIONS.get((standing.state, action))
    if transition is None:
        raise NotInState(
            standing.resource_id,
            state=standing.state,
            action=action,
            possible=possible_actions(standing.state),
        )
    _check_role(transition.role, standing, action, actor)
    if standing.state in REVIEWS:
        _check_review(standing, action, actor, opinion)
    return _outcome(standing, transition, actor)


def possible_actions(state: State) -> tuple[Action, ...]:
    """The actions that lead on from a state, in the order of their list."""
    return tuple(action for action in Action if (state, action) in TRANSITIONS)


def _outcome(standing: Standing, transition: Transition, actor: Actor) -> Outcome:
    target = standing.origin if transition.target is None else transition.target
    if target is None:
        raise ValueError(f"{standing.resource_id}: a review without an origin")
    if target in REVIEWS:
        return Outcome(target, True, origin=standing.state, submitted_by=actor.name)
    return Outcome(target, True)


def _check_role(role: Role, standing: Standing, action: Action, actor: Actor) -> None:
    own = role is Role.AUTHORITY or actor.department_id == standing.department_id
    if role not in actor.roles or not own:
        raise NotPermitted(actor.name, action=action, resource=standing.resource_id, role=role)


def _check_review(standing: Standing, action: Action, actor: Actor, opinion: str | None) -> None:
    if actor.name == standing.submitted_by:
        raise OwnSubmission(actor.name, resource=standing.resource_id, action=action)
    if opinion is None or not opinion.strip():
        raise OpinionMissing(standing.resource_id, action=action)
