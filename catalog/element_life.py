"""The life of a data element (提议、采用、驳回、停用) as data, and its decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from catalog.errors import NotInState, NotPermitted, OpinionMissing, OwnSubmission
from catalog.register_errors import ElementNotFound, ElementShipped
from catalog.roles import Actor, Role


class ElementState(StrEnum):
    """`changing`: adopted, and a change of it is under review."""

    PROPOSED = "proposed"
    ADOPTED = "adopted"
    CHANGING = "changing"
    REJECTED = "rejected"
    RETIRED = "retired"

    @property
    def zh(self) -> str:
        return ELEMENT_STATE_NAMES[self]


class ElementAction(StrEnum):
    PROPOSE = "propose"
    AGREE = "agree"
    REJECT = "reject"
    RETIRE = "retire"

    @property
    def zh(self) -> str:
        return ELEMENT_ACTION_NAMES[self]


ELEMENT_STATE_NAMES: Mapping[ElementState, str] = {
    ElementState.PROPOSED: "提议中",
    ElementState.ADOPTED: "已采用",
    ElementState.CHANGING: "变更提议中",
    ElementState.REJECTED: "已驳回",
    ElementState.RETIRED: "已停用",
}

ELEMENT_ACTION_NAMES: Mapping[ElementAction, str] = {
    ElementAction.PROPOSE: "提议",
    ElementAction.AGREE: "同意",
    ElementAction.REJECT: "驳回",
    ElementAction.RETIRE: "停用",
}

# a version waits for its decision here
UNDER_REVIEW = frozenset({ElementState.PROPOSED, ElementState.CHANGING})


@dataclass(frozen=True, slots=True)
class ElementTransition:
    target: ElementState
    role: Role


# None is the state of what is not there yet
ELEMENT_TRANSITIONS: Mapping[tuple[ElementState | None, ElementAction], ElementTransition] = {
    (None, ElementAction.PROPOSE): ElementTransition(ElementState.PROPOSED, Role.STEWARD),
    (ElementState.PROPOSED, ElementAction.PROPOSE): ElementTransition(
        ElementState.PROPOSED, Role.STEWARD
    ),
    (ElementState.PROPOSED, ElementAction.AGREE): ElementTransition(
        ElementState.ADOPTED, Role.AUTHORITY
    ),
    (ElementState.PROPOSED, ElementAction.REJECT): ElementTransition(
        ElementState.REJECTED, Role.AUTHORITY
    ),
    (ElementState.REJECTED, ElementAction.PROPOSE): ElementTransition(
        ElementState.PROPOSED, Role.STEWARD
    ),
    (ElementState.ADOPTED, ElementAction.PROPOSE): ElementTransition(
        ElementState.CHANGING, Role.STEWARD
    ),
    (ElementState.ADOPTED, ElementAction.RETIRE): ElementTransition(
        ElementState.RETIRED, Role.AUTHORITY
    ),
    (ElementState.CHANGING, ElementAction.PROPOSE): ElementTransition(
        ElementState.CHANGING, Role.STEWARD
    ),
    (ElementState.CHANGING, ElementAction.AGREE): ElementTransition(
        ElementState.ADOPTED, Role.AUTHORITY
    ),
    (ElementState.CHANGING, ElementAction.REJECT): ElementTransition(
        ElementState.ADOPTED, Role.AUTHORITY
    ),
    (ElementState.RETIRED, ElementAction.PROPOSE): ElementTransition(
        ElementState.PROPOSED, Role.STEWARD
    ),
}

# "already there": the same decision again, when it was the last one, changes nothing
ELEMENT_REPEATS: Mapping[tuple[ElementState, ElementAction], Role] = {
    (ElementState.ADOPTED, ElementAction.AGREE): Role.AUTHORITY,
    (ElementState.ADOPTED, ElementAction.REJECT): Role.AUTHORITY,
    (ElementState.REJECTED, ElementAction.REJECT): Role.AUTHORITY,
    (ElementState.RETIRED, ElementAction.RETIRE): Role.AUTHORITY,
}


@dataclass(frozen=True, slots=True)
class ElementStanding:
    """Where an element stands: all that a decision about it depends on.

    `department_id` and `submitted_by` say whose the proposal is that waits for a decision.
    """

    element_id: str
    state: ElementState | None
    shipped: bool = False
    department_id: str | None = None
    submitted_by: str | None = None
    last_action: str | None = None


def decide(
    standing: ElementStanding, action: ElementAction, actor: Actor, opinion: str | None
) -> ElementState | None:
    """The state that an action leads to; None where it was done already.

    Raises ElementShipped, ElementNotFound, NotInState, NotPermitted, OwnSubmission and
    OpinionMissing. Any steward proposes, but what waits for a decision is changed by the
    department that proposed it; the authority decides with an opinion, and nobody decides the
    own proposal.
    """
    if standing.shipped:
        raise ElementShipped(standing.element_id)
    repeated = ELEMENT_REPEATS.get((standing.state, action)) if standing.state else None
    if repeated is not None and standing.last_action == action:
        _check_role(repeated, standing, action, actor)
        return None
    transition = ELEMENT_TRANSITIONS.get((standing.state, action))
    if transition is None:
        raise _not_possible(standing, action)
    _check_role(transition.role, standing, action, actor)
    if action is not ElementAction.PROPOSE:
        _check_decision(standing, action, actor, opinion)
    return transition.target


def possible_actions(state: ElementState) -> tuple[ElementAction, ...]:
    """The actions that lead on from a state, in the order of their list."""
    return tuple(action for action in ElementAction if (state, action) in ELEMENT_TRANSITIONS)


def _not_possible(standing: ElementStanding, action: ElementAction) -> ElementNotFound | NotInState:
    if standing.state is None:
        return ElementNotFound(standing.element_id)
    return NotInState(
        standing.element_id,
        state=standing.state,
        action=action,
        possible=possible_actions(standing.state),
    )


def _check_role(role: Role, standing: ElementStanding, action: ElementAction, actor: Actor) -> None:
    of_others = (
        action is ElementAction.PROPOSE
        and standing.state in UNDER_REVIEW
        and actor.department_id != standing.department_id
    )
    if role not in actor.roles or of_others:
        raise NotPermitted(actor.name, action=action, resource=standing.element_id, role=role)


def _check_decision(
    standing: ElementStanding, action: ElementAction, actor: Actor, opinion: str | None
) -> None:
    if standing.state in UNDER_REVIEW and actor.name == standing.submitted_by:
        raise OwnSubmission(actor.name, resource=standing.element_id, action=action)
    if opinion is None or not opinion.strip():
        raise OpinionMissing(standing.element_id, action=action)
