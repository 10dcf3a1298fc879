"""Whether a record is there that nobody has published yet is told to its department alone."""

from __future__ import annotations

import pytest

from api.usecases import records
from catalog.errors import (
    NotInState,
    NotPermitted,
    RecordNotFound,
    ResourceTaken,
)
from catalog.life_cycle import Action
from tests.api.makers import CIVIL, RESOURCE, World, a_record

DRAFT = "hidden-draft"


@pytest.fixture
def foreigner(world: World) -> str:
    """A steward and reviewer of another department, beside a draft that is not theirs."""
    caller = world.caller("gongan-steward")
    records.add_record(world.services, caller, a_record(resource_id=DRAFT))
    world.account("minzheng-office", "steward", "reviewer", department="minzheng")
    return "minzheng-office"


@pytest.mark.parametrize("action", list(Action))
def test_an_action_on_anothers_draft_is_answered_as_if_there_were_none(
    world: World, foreigner: str, action: Action
) -> None:
    told = []
    for resource in (DRAFT, "none-such"):
        with pytest.raises(RecordNotFound) as refused:
            records.act_on_record(world.services, world.caller(foreigner), resource, action, "同意")
        told.append(str(refused.value).replace(resource, "…"))
    assert told[0] == told[1]


def test_an_action_on_anothers_published_record_is_not_permitted_whatever_its_state(
    world: World, foreigner: str
) -> None:
    for action in Action:
        with pytest.raises(NotPermitted) as refused:
            records.act_on_record(world.services, world.caller(foreigner), RESOURCE, action, "同意")
        assert refused.value.action == action


def test_the_own_department_and_the_authority_are_told_the_state(
    world: World, foreigner: str
) -> None:
    for account in ("gongan-steward", "authority"):
        with pytest.raises(NotInState):
            records.act_on_record(
                world.services, world.caller(account), DRAFT, Action.REPUBLISH, None
            )


def test_a_taken_id_does_not_tell_by_whom_nor_how_far_it_is(world: World, foreigner: str) -> None:
    own = a_record(resource_id=DRAFT, provider_code=CIVIL, provider_name="示例市民政局")
    with pytest.raises(ResourceTaken) as refused:
        records.add_record(world.services, world.caller(foreigner), own)
    assert "gongan" not in str(refused.value)
    assert "draft" not in str(refused.value).replace(DRAFT, "")
