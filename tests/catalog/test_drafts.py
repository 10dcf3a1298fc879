"""Drafts in the catalogue: kept once, followed while open, claimed by the one check, dropped."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from catalog import draft_rows, records
from catalog.draft_errors import DraftNotFound, DraftNotOpen, InvalidSource
from catalog.draft_template import template_of
from catalog.drafts import Decision, Draft, DraftState, Kept, keep_drafts
from catalog.errors import InvalidRecord, NotPermitted
from catalog.life_cycle import State
from standards.documents import load_document
from tests.catalog.makers import People, a_clock, a_record

ASKED = Decision("items", "缺少信息项", "no items", None)


def a_draft(position: int = 0, **facts: Any) -> Draft:
    values: dict[str, Any] = {
        "source": "example_city",
        "position": position,
        "name": f"名录 {position}",
        "department_name": "市公安局",
        "document": {"resource_id": f"example-city-{position:06d}", "name": f"名录 {position}"},
        "decisions": (ASKED,),
        "found": {"theme": "公共安全"},
    }
    return Draft(**{**values, **facts})


def held(conn: sa.Connection, **filters: Any) -> list[str]:
    return [each.draft_id for each in draft_rows.list_drafts(conn, **filters).rows]


def test_the_same_again_changes_nothing_and_other_content_is_followed(
    conn: sa.Connection,
) -> None:
    drafts = [a_draft(position) for position in range(3)]
    assert keep_drafts(conn, drafts, a_clock()) == Kept(added=3)
    assert keep_drafts(conn, drafts, a_clock()) == Kept(unchanged=3)
    drafts[1] = a_draft(1, department_name="市民政局")
    assert keep_drafts(conn, drafts, a_clock()) == Kept(changed=1, unchanged=2)
    found = draft_rows.require_draft(conn, "example_city-000001")
    assert found.department_name == "市民政局"
    assert found.decisions == (ASKED.as_json(),)
    assert found.found == {"theme": "公共安全"}
    assert held(conn, department_name="市公安局") == ["example_city-000000", "example_city-000002"]


def test_a_draft_that_is_settled_stays_as_it_is(conn: sa.Connection, people: People) -> None:
    keep_drafts(conn, [a_draft()], a_clock())
    draft_rows.drop_draft(conn, "example_city-000000", "重复", people.authority, a_clock())
    assert keep_drafts(conn, [a_draft(name="另一个")], a_clock()) == Kept(settled=1)
    assert keep_drafts(conn, [a_draft()], a_clock()) == Kept(unchanged=1)
    found = draft_rows.require_draft(conn, "example_city-000000")
    assert (found.state, found.reason, found.settled_by) == (
        DraftState.DROPPED,
        "重复",
        people.authority.name,
    )
    assert found.name == "名录 0"


def test_later_drafts_with_a_title_are_marked_with_the_first_of_their_source(
    conn: sa.Connection,
) -> None:
    drafts = [a_draft(0, name="名录"), a_draft(1, name="名 录"), a_draft(2, name="别的")]
    keep_drafts(conn, [*drafts, a_draft(3, name="名录", source="other_city")], a_clock())
    marks = [each.duplicate_of for each in draft_rows.list_drafts(conn).rows]
    assert marks == [None, "example_city-000000", None, None]
    keep_drafts(conn, [a_draft(0, name="改名")], a_clock())
    assert [each.duplicate_of for each in draft_rows.list_drafts(conn).rows] == [None] * 4


def test_drafts_are_paged_by_their_ids(conn: sa.Connection) -> None:
    keep_drafts(conn, [a_draft(position) for position in (0, 2, 9, 10, 100)], a_clock())
    seen, cursor = [], None
    while True:
        page = draft_rows.list_drafts(conn, source="example_city", limit=2, cursor=cursor)
        seen += [each.position for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [0, 2, 9, 10, 100]
    assert held(conn, state=DraftState.CLAIMED) == []


def test_a_claim_makes_a_record_by_the_check_that_all_records_pass(
    conn: sa.Connection, people: People
) -> None:
    keep_drafts(conn, [a_draft()], a_clock())
    draft_id = "example_city-000000"
    incomplete = draft_rows.require_draft(conn, draft_id).document
    with pytest.raises(InvalidRecord) as raised:
        draft_rows.claim_draft(conn, draft_id, incomplete, people.steward, a_clock())
    assert "record.provider_code.required" in {v.rule for v in raised.value.violations}
    assert draft_rows.require_draft(conn, draft_id).state is DraftState.OPEN
    complete = a_record()
    with pytest.raises(NotPermitted):
        draft_rows.claim_draft(conn, draft_id, complete, people.authority, a_clock())
    claimed = draft_rows.claim_draft(conn, draft_id, complete, people.steward, a_clock())
    assert claimed.state is State.DRAFT
    assert records.working(conn, "household").document == complete
    found = draft_rows.require_draft(conn, draft_id)
    assert (found.state, found.resource_id) == (DraftState.CLAIMED, "household")
    again = draft_rows.claim_draft(conn, draft_id, complete, people.steward, a_clock())
    assert again == claimed


def test_a_settled_draft_is_neither_claimed_nor_dropped(
    conn: sa.Connection, people: People
) -> None:
    keep_drafts(conn, [a_draft(0), a_draft(1)], a_clock())
    draft_rows.claim_draft(conn, "example_city-000000", a_record(), people.steward, a_clock())
    with pytest.raises(DraftNotOpen):
        draft_rows.drop_draft(conn, "example_city-000000", "?", people.steward, a_clock())
    other = a_record(resource_id="other")
    with pytest.raises(DraftNotOpen):
        draft_rows.claim_draft(conn, "example_city-000000", other, people.steward, a_clock())
    dropped = draft_rows.drop_draft(conn, "example_city-000001", "?", people.steward, a_clock())
    assert dropped == draft_rows.drop_draft(
        conn, "example_city-000001", "another reason", people.steward, a_clock()
    )
    with pytest.raises(DraftNotFound):
        draft_rows.drop_draft(conn, "nowhere-000000", "?", people.steward, a_clock())


@pytest.mark.parametrize("source", ["", "X", "9city", "a b", "a" * 32, "city/1"])
def test_a_source_that_could_not_stand_in_an_id_is_refused(
    conn: sa.Connection, source: str
) -> None:
    with pytest.raises(InvalidSource):
        keep_drafts(conn, [a_draft(source=source)], a_clock())


def test_the_template_is_yaml_that_holds_what_is_known(conn: sa.Connection) -> None:
    document = {
        "resource_id": "example-city-000000",
        "name": '名录 "甲": #1\n乙',
        "format": {"category": 3},
        "keywords": ["a", "1"],
    }
    decisions = (
        ASKED,
        Decision("format/type", "“03,\n0310”没有说明", "leaves open", "03,0310"),
        Decision("share_type", "请补充", "add it"),
    )
    keep_drafts(conn, [a_draft(document=document, decisions=decisions)], a_clock())
    text = template_of(draft_rows.require_draft(conn, "example_city-000000"))
    assert load_document(text) == document
    assert "# share_method: platform" in text
    assert "# 待定 decide · “03, 0310”没有说明" in text
    assert "theme: 公共安全" in text
