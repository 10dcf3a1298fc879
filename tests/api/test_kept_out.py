"""What is kept out or kept small: bodies beyond measure, others' drafts, rights that ended."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from api.usecases import records
from api.usecases.audit import AuditFilter, audit_lines
from catalog import departments, draft_rows, drafts
from catalog.drafts import Draft
from catalog.errors import NotPermitted
from catalog.grants import require_grant
from catalog.life_cycle import Action
from catalog.quality import scores
from tests.api.conftest import Datong
from tests.api.makers import POLICE, World, a_grant, a_record

Header = Callable[[str], dict[str, str]]


def test_no_path_but_that_of_uploads_takes_a_body_of_any_size(http: httpx.Client) -> None:
    large = b"x" * (5 * 1024 * 1024)
    for path in (
        "/api/3/action/deliveries",
        "/api/action/deliveries",
        "/v1/elements/deliveries/actions",
    ):
        assert http.post(path, content=large).status_code == 413, path
    check = http.post("/v1/records/check", content=b"x" * (600 * 1024))
    assert check.status_code == 413


def test_a_document_of_unknown_keys_gets_a_short_answer(http: httpx.Client) -> None:
    strange = json.dumps({f"k{number}": 0 for number in range(30_000)})
    answer = http.post("/v1/records/check", content=strange)
    assert answer.status_code == 200
    assert answer.json()["valid"] is False
    assert len(answer.content) < 1_000_000
    empty_items = json.dumps({"items": [{}] * 20_000})
    assert len(http.post("/v1/records/check", content=empty_items).json()["violations"]) == 1000


def test_who_reads_a_draft_leaves_a_line(world: World, datong: Datong) -> None:
    draft = a_record(resource_id="noted")
    records.add_record(world.services, world.caller("gongan-steward"), draft)
    before = _lines(world)
    records.show_record(world.services, world.caller("authority"), "noted")
    assert datong("record", "list", "--as", "gongan-steward").code == 0
    assert _lines(world) == before + 2


def _lines(world: World) -> int:
    found = audit_lines(world.services, world.caller("auditor"), AuditFilter())
    return sum(1 for line in found if line["action"] == "record.read_draft")


@pytest.mark.parametrize("named", ["by its code", "by its name"])
def test_a_draft_of_a_department_is_settled_by_its_own_people(world: World, named: str) -> None:
    services = world.services
    world.account("minzheng-steward", "steward", department="minzheng")
    document = {"name": "某表", **({"provider_code": POLICE} if named == "by its code" else {})}
    name = "别处的公安局" if named == "by its code" else "示例市公安局"
    draft = Draft(f"city-{len(named)}", 0, "某表", name, document, ())
    with services.database.transaction() as conn:
        drafts.keep_drafts(conn, [draft], services.clock)
        [kept] = draft_rows.list_drafts(conn, source=draft.source).rows
    stranger = world.caller("minzheng-steward").require()
    with services.database.transaction() as conn, pytest.raises(NotPermitted):
        draft_rows.drop_draft(conn, kept.draft_id, "不要", stranger, services.clock)
    with services.database.transaction() as conn, pytest.raises(NotPermitted):
        draft_rows.claim_draft(conn, kept.draft_id, a_record(), stranger, services.clock)
    own = world.caller("gongan-steward").require()
    with services.database.transaction() as conn:
        draft_rows.drop_draft(conn, kept.draft_id, "重复", own, services.clock)


def test_grants_end_when_a_record_becomes_one_that_is_not_shared(world: World) -> None:
    from api.usecases import grants

    services = world.services
    world.publish(a_record(resource_id="closing", name="将不共享"))
    wanted = a_grant(resource="closing", items=["name"])
    grant_id = grants.add_grant(services, world.caller("authority"), wanted)
    closed = a_record(
        resource_id="closing",
        name="将不共享",
        share_type=3,
        share_condition="《中华人民共和国统计法》第二十五条",
        non_share_reason_type=1,
        non_share_basis={"basis": "statistics_law", "clause": "第二十五条"},
    )
    del closed["share_method"]
    steward, reviewer = world.caller("gongan-steward"), world.caller("gongan-reviewer")
    records.act_on_record(services, steward, "closing", Action.REVISE, None)
    records.add_record(services, steward, closed)
    records.act_on_record(services, steward, "closing", Action.SUBMIT_PUBLISH, None)
    records.act_on_record(services, reviewer, "closing", Action.SIGN_SECRECY, "同意")
    records.act_on_record(services, world.caller("authority"), "closing", Action.AGREE, "同意")
    with services.database.reading() as conn:
        assert not require_grant(conn, grant_id).is_live(services.clock.now())


def test_what_is_withdrawn_is_in_no_list_of_scores(world: World) -> None:
    services = world.services
    world.publish(a_record(resource_id="going", name="将下架"))
    with services.database.transaction() as conn:
        scores.refresh_due(conn, services.clock)
        owner = departments.require(conn, "gongan").department_id
    steward = world.caller("gongan-steward")
    records.act_on_record(services, steward, "going", Action.REQUEST_WITHDRAW, "停办")
    records.act_on_record(services, world.caller("authority"), "going", Action.AGREE, "同意")
    with services.database.reading() as conn:
        found = scores.list_scores(conn, department=owner, limit=500).rows
    assert "going" not in {each.resource_id for each in found}
