"""Lists of records: narrowing and paging."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import curated, records
from catalog.curated import CuratedTable
from catalog.life_cycle import Action, State
from tests.catalog.makers import People, a_clock, a_record, publish, walk


@pytest.fixture
def three(conn: sa.Connection, people: People) -> None:
    publish(conn, people, a_record(resource_id="births", name="出生登记", abstract="新生儿"))
    publish(conn, people, a_record(resource_id="deaths", name="死亡登记", abstract="100%核实"))
    draft = a_record(resource_id="moves", name="ＭＯＶＥ 迁移登记")
    records.add_record(conn, draft, people.steward, a_clock())


@pytest.mark.usefixtures("three")
def test_a_page_ends_with_the_cursor_of_the_next(conn: sa.Connection) -> None:
    seen, cursor = [], None
    for _page in range(3):
        page = records.list_records(conn, limit=1, cursor=cursor)
        seen += [row.resource_id for row in page.rows]
        cursor = page.next_cursor
    assert seen == ["births", "deaths", "moves"]
    assert cursor is None


@pytest.mark.usefixtures("three")
def test_the_public_list_holds_visible_versions_alone(conn: sa.Connection) -> None:
    page = records.list_published(conn)
    assert [row.resource_id for row in page.rows] == ["births", "deaths"]
    assert records.places_to_deliver(conn) == [("births", "gongan"), ("deaths", "gongan")]
    assert records.delivered_tables(conn) == []
    curated.register_table(conn, CuratedTable("deaths", 1, "gongan", "gongan.deaths_g1"))
    assert [row.resource_id for row in records.delivered_tables(conn)] == ["deaths"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("登记", ["births", "deaths", "moves"]),
        ("新生儿 登记", ["births"]),
        ("move", ["moves"]),
        ("100%", ["deaths"]),
        ("%", ["deaths"]),
        ("出_登", []),
    ],
)
def test_a_search_looks_for_every_word_and_takes_signs_as_they_are(
    conn: sa.Connection, q: str, found: list[str]
) -> None:
    assert [row.resource_id for row in records.list_records(conn, q=q).rows] == found


@pytest.mark.usefixtures("three")
def test_a_list_is_narrowed_by_state_and_department(conn: sa.Connection, people: People) -> None:
    drafts = records.list_records(conn, state=State.DRAFT)
    assert [row.name for row in drafts.rows] == ["ＭＯＶＥ 迁移登记"]
    assert records.list_records(conn, department="minzheng").rows == []
    walk(conn, people, (Action.DELETE, "steward"), resource="moves")
    assert len(records.list_records(conn).rows) == 2
    assert len(records.list_records(conn, state=State.DELETED).rows) == 1
