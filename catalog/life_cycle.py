"""The life cycle of a metadata record (编目、注册、发布、下架、注销) as data, and its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.errors import NotInState, NotPermitted, OpinionMissing, OwnSubmission
from catalog.publish_errors import ReasonMissing
from catalog.roles import Actor, Deed, Role


class State(StrEnum):
    DRAFT = "draft"
    REGISTER_REVIEW = "register_review"
    REGISTERED = "registered"
    PUBLISH_REVIEW = "publish_review"
    SCHEDULED = "scheduled"
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
    SIGN_SECRECY = "sign_secrecy"
    SCHEDULE = "schedule"
    CANCEL_SCHEDULE = "cancel_schedule"
    REVISE = "revise"
    DISCARD = "discard"
    REQUEST_WITHDRAW = "request_withdraw"
    REPUBLISH = "republish"
    DEREGISTER = "deregister"
    DELETE = "delete"
    BIND = "bind"
    UNBIND = "unbind"
    CONFIRM = "confirm"

    @property
    def zh(self) -> str:
        return ACTION_NAMES[self]


STATE_NAMES: Mapping[State, str] = {
    State.DRAFT: "草稿",
    State.REGISTER_REVIEW: "登记审核中",
    State.REGISTERED: "已登记",
    State.PUBLISH_REVIEW: "发布审核中",
    State.SCHEDULED: "待发布",
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
    Action.SIGN_SECRECY: "签署保密审查",
    Action.SCHEDULE: "同意并定时发布",
    Action.CANCEL_SCHEDULE: "取消定时发布",
    Action.REVISE: "变更",
    Action.DISCARD: "放弃变更",
    Action.REQUEST_WITHDRAW: "申请下架",
    Action.REPUBLISH: "重新发布",
    Action.DEREGISTER: "注销",
    Action.DELETE: "删除",
    Action.BIND: "挂接",
    Action.UNBIND: "解除挂接",
    Action.CONFIRM: "复核不予共享",
}

# a new version of the content may be written in these; a review must see what was submitted
EDITABLE = frozenset({State.DRAFT, State.REGISTERED, State.REVISING, State.WITHDRAWN})
REVIEWS = frozenset({State.REGISTER_REVIEW, State.PUBLISH_REVIEW, State.WITHDRAW_REVIEW})
# what was submitted waits in these for its end: who submitted it, and whence, is remembered
SUBMITTED = REVIEWS | {State.SCHEDULED}
# somebody judges what another account wrote or submitted, and says why
DECIDING = frozenset({Action.AGREE, Action.REJECT, Action.SCHEDULE, Action.SIGN_SECRECY})
# these take something away, or let it stay away, and say why
REASONED = frozenset(
    {Action.REQUEST_WITHDRAW, Action.DEREGISTER, Action.CANCEL_SCHEDULE, Action.CONFIRM}
)
# these leave the record in its state; done again they change nothing, for a reason of their own
ASIDE = frozenset({Action.SIGN_SECRECY, Action.BIND, Action.UNBIND, Action.CONFIRM})


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` None leads back to where the submission came from; `role` is who may."""

    target: State | None
    role: Role


_SIGNABLE = (State.REGISTERED, State.REVISING, State.WITHDRAWN, State.PUBLISH_REVIEW)
_BINDABLE = (
    State.REGISTERED,
    State.PUBLISH_REVIEW,
    State.SCHEDULED,
    State.PUBLISHED,
    State.REVISING,
)

TRANSITIONS: Mapping[tuple[State, Action], Transition] = {
    (State.DRAFT, Action.SUBMIT_REGISTER): Transition(State.REGISTER_REVIEW, Role.STEWARD),
    (State.DRAFT, Action.DELETE): Transition(State.DELETED, Role.STEWARD),
    (State.REGISTER_REVIEW, Action.AGREE): Transition(State.REGISTERED, Role.REVIEWER),
    (State.REGISTER_REVIEW, Action.REJECT): Transition(State.DRAFT, Role.REVIEWER),
    (State.REGISTERED, Action.SUBMIT_PUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.REGISTERED, Action.DEREGISTER): Transition(State.DEREGISTERED, Role.STEWARD),
    (State.PUBLISH_REVIEW, Action.AGREE): Transition(State.PUBLISHED, Role.AUTHORITY),
    (State.PUBLISH_REVIEW, Action.REJECT): Transition(None, Role.AUTHORITY),
    (State.PUBLISH_REVIEW, Action.SCHEDULE): Transition(State.SCHEDULED, Role.AUTHORITY),
    (State.SCHEDULED, Action.CANCEL_SCHEDULE): Transition(State.PUBLISH_REVIEW, Role.AUTHORITY),
    (State.PUBLISHED, Action.REVISE): Transition(State.REVISING, Role.STEWARD),
    (State.PUBLISHED, Action.REQUEST_WITHDRAW): Transition(State.WITHDRAW_REVIEW, Role.STEWARD),
    (State.REVISING, Action.SUBMIT_PUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.REVISING, Action.DISCARD): Transition(State.PUBLISHED, Role.STEWARD),
    (State.WITHDRAW_REVIEW, Action.AGREE): Transition(State.WITHDRAWN, Role.AUTHORITY),
    (State.WITHDRAW_REVIEW, Action.REJECT): Transition(State.PUBLISHED, Role.AUTHORITY),
    (State.WITHDRAWN, Action.REPUBLISH): Transition(State.PUBLISH_REVIEW, Role.STEWARD),
    (State.WITHDRAWN, Action.DEREGISTER): Transition(State.DEREGISTERED, Role.STEWARD),
    **{(state, Action.SIGN_SECRECY): Transition(state, Role.REVIEWER) for state in _SIGNABLE},
    **{
        (state, action): Transition(state, Role.STEWARD)
        for state in _BINDABLE
        for action in (Action.BIND, Action.UNBIND)
    },
    **{
        (state, Action.CONFIRM): Transition(state, Role.AUTHORITY)
        for state in (State.PUBLISHED, State.REVISING)
    },
}

# what the platform does by itself when the time has come, and where what can not be done leads
DUE: Mapping[tuple[State, Deed], State] = {
    (State.SCHEDULED, Deed.PUBLISH_DUE): State.PUBLISHED,
    (State.SCHEDULED, Deed.RETURN_DUE): State.PUBLISH_REVIEW,
}

# "already there": the same action again, when it was the last one that was done, changes nothing
REPEATS: Mapping[tuple[State, Action], Role] = {
    (State.REGISTER_REVIEW, Action.SUBMIT_REGISTER): Role.STEWARD,
    (State.DELETED, Action.DELETE): Role.STEWARD,
    (State.REGISTERED, Action.AGREE): Role.REVIEWER,
    (State.DRAFT, Action.REJECT): Role.REVIEWER,
    (State.PUBLISH_REVIEW, Action.SUBMIT_PUBLISH): Role.STEWARD,
    (State.PUBLISH_REVIEW, Action.REPUBLISH): Role.STEWARD,
    (State.SCHEDULED, Action.SCHEDULE): Role.AUTHORITY,
    (State.PUBLISH_REVIEW, Action.CANCEL_SCHEDULE): Role.AUTHORITY,
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
    """The outcome of an action, or NotInState, NotPermitted, OwnSubmission, OpinionMissing,
    ReasonMissing.

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
    if action in DECIDING:
        _check_review(standing, action, actor, opinion)
    if action in REASONED and _is_blank(opinion):
        raise ReasonMissing(standing.resource_id, action=action)
    return _outcome(standing, transition, actor)


def possible_actions(state: State) -> tuple[Action, ...]:
    """The actions that lead on from a state, in the order of their list."""
    return tuple(action for action in Action if (state, action) in TRANSITIONS)


def _outcome(standing: Standing, transition: Transition, actor: Actor) -> Outcome:
    target = standing.origin if transition.target is None else transition.target
    if target is None:
        raise ValueError(f"{standing.resource_id}: a review without an origin")
    if target is standing.state or {target, standing.state} <= SUBMITTED:
        return Outcome(target, True, standing.origin, standing.submitted_by)
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
    if _is_blank(opinion):
        raise OpinionMissing(standing.resource_id, action=action)


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def role_waited_for(outcome: State, action: Action | Deed, *, signed: bool) -> Role | None:
    """In whose review queue a record stands after an action that led to this state.

    What is submitted for publication waits for the department's own reviewer until somebody has
    `signed` its secrecy review; what was rejected waits for the steward who corrects it.
    """
    if outcome is State.REGISTER_REVIEW or (outcome is State.PUBLISH_REVIEW and not signed):
        return Role.REVIEWER
    if outcome in REVIEWS:
        return Role.AUTHORITY
    return Role.STEWARD if action is Action.REJECT and outcome in EDITABLE else None
