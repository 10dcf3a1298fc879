"""Bulk import: the same rows as the long road leads to, many at once, and again nothing new."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import departments, records
from catalog.bulk_check import Checks, check_lines
from catalog.bulk_import import Became, LineResult, import_records
from catalog.code_batches import issue_codes, reserve_codes
from catalog.codes import issue_code
from catalog.life_cycle import Action, State
from catalog.publishing import negative_list
from catalog.tables import (
    catalogue_changes,
    code_fronts,
    record_events,
    record_versions,
)
from catalog.tables import records as record_table
from standards.code_lists import load_code_lists
from tests.catalog.makers import (
    CIVIL_AFFAIRS,
    PUBLISHING,
    People,
    a_clock,
    a_department,
    a_record,
    not_shared,
    publish,
    walk,
)


def bring(
    conn: sa.Connection, people: People, *documents: Mapping[str, Any], publish: bool = True
) -> list[LineResult]:
    return import_records(
        conn, documents, people.authority, a_clock(), publish=publish, opinion="迁移"
    )


def became(results: Sequence[LineResult]) -> list[str]:
    return [result.became.value for result in results]


def rules(result: LineResult) -> set[str]:
    return {fault.rule for fault in result.faults}


def row_of(conn: sa.Connection, table: sa.Table, resource_id: str) -> dict[str, Any]:
    query = sa.select(table).where(table.c.resource_id == resource_id)
    row = conn.execute(query.order_by(*table.primary_key)).mappings().all()[-1]
    return dict(row)


def many(count: int) -> list[dict[str, Any]]:
    return [
        a_record(
            resource_id=f"many-{number:03d}",
            name=f"名录 {number}",
            classification={"lei": "3", "xiang": "07", "mu": f"{number % 7 + 1:03d}"},
        )
        for number in range(count)
    ]


def test_a_published_import_has_the_rows_of_a_record_that_was_reviewed(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people, a_record(resource_id="slow"))
    [done] = bring(conn, people, a_record(resource_id="fast"))
    assert done == LineResult(1, "fast", Became.ADDED)
    slow, fast = (row_of(conn, record_table, each) for each in ("slow", "fast"))
    # another code and id, another way there
    for column in ("resource_id", "resource_code", "revision", "last_action"):
        assert slow.pop(column) != fast.pop(column)
    assert fast == slow
    slow, fast = (row_of(conn, record_versions, each) for each in ("slow", "fast"))
    for column in ("resource_id", "document", "sha256", "author"):
        assert slow.pop(column) != fast.pop(column)
    assert fast == slow
    [event] = records.history(conn, "fast")
    assert (event.action, event.from_state, event.to_state) == ("imported", None, "published")
    assert (event.account, event.opinion) == (people.authority.name, "迁移")
    assert records.published(conn, "fast").document == a_record(resource_id="fast")
    changed = conn.scalars(sa.select(catalogue_changes.c.resource_id)).all()
    assert changed == ["slow", "fast"]


def test_an_imported_record_goes_on_as_any_other(conn: sa.Connection, people: People) -> None:
    bring(conn, people, a_record())
    walk(conn, people, (Action.REVISE, "steward"))
    following = a_record(abstract="改过的摘要")
    records.add_record(conn, following, people.steward, a_clock())
    state = walk(conn, people, *PUBLISHING[2:])
    assert (state.state, state.version) == (State.PUBLISHED, 2)


def test_drafts_are_their_departments_to_submit(conn: sa.Connection, people: People) -> None:
    [done] = bring(conn, people, a_record(), publish=False)
    assert done.became is Became.ADDED
    row = row_of(conn, record_table, "household")
    assert (row["state"], row["resource_code"], row["published_version"]) == ("draft", None, None)
    assert conn.scalars(sa.select(catalogue_changes.c.resource_id)).all() == []
    assert walk(conn, people, *PUBLISHING).state is State.PUBLISHED


def test_two_hundred_records_are_imported_once(conn: sa.Connection, people: People) -> None:
    documents = many(200)
    assert Counter(became(bring(conn, people, *documents))) == {"added": 200}
    before = conn.execute(sa.select(record_table).order_by(record_table.c.resource_id)).all()
    assert Counter(became(bring(conn, people, *documents))) == {"unchanged": 200}
    after = conn.execute(sa.select(record_table).order_by(record_table.c.resource_id)).all()
    assert after == before
    events = conn.scalar(sa.select(sa.func.count()).select_from(record_events))
    assert events == 200
    codes = conn.scalars(sa.select(record_table.c.resource_code)).all()
    assert len(set(codes)) == 200
    fronts = dict(conn.execute(sa.select(code_fronts.c.front, code_fronts.c.last_issued)).all())
    assert fronts == {f"307{n:03d}": 29 if n <= 4 else 28 for n in range(1, 8)}


def test_other_content_is_the_next_published_version(conn: sa.Connection, people: People) -> None:
    bring(conn, people, a_record())
    code = row_of(conn, record_table, "household")["resource_code"]
    [done] = bring(conn, people, a_record(abstract="新的摘要"))
    assert done.became is Became.CHANGED
    found = records.published(conn, "household")
    assert (found.version, found.document["abstract"]) == (2, "新的摘要")
    assert found.resource_code == code
    assert len(conn.scalars(sa.select(catalogue_changes.c.resource_id)).all()) == 2
    assert [event.action for event in records.history(conn, "household")] == ["imported"] * 2


def test_a_code_that_a_record_brings_is_kept_and_never_issued(
    conn: sa.Connection, people: People
) -> None:
    front = "30700101"
    brought = a_record(resource_code=f"{front}/000041")
    done = bring(conn, people, a_record(resource_id="without"), brought)
    assert became(done) == ["added", "added"]
    assert row_of(conn, record_table, "household")["resource_code"] == f"{front}/000041"
    assert row_of(conn, record_table, "without")["resource_code"] == f"{front}/42"
    assert issue_code(conn, front) == f"{front}/43"
    # it is the platform's from here on, and no part of the document
    assert "resource_code" not in records.published(conn, "household").document
    assert became(bring(conn, people, brought)) == ["unchanged"]
    assert became(bring(conn, people, a_record())) == ["unchanged"]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"resource_code": "307002/1"}, "record.resource_code.classification"),
        ({"resource_code": "30700101/" + "9" * 16}, "record.resource_code.serial"),
        ({"resource_code": "nonsense"}, "record.resource_code.format"),
        ({"provider_code": "11990100000000078T"}, "record.provider_code.check"),
        ({"name": " "}, "record.name.required"),
        ({"publish_date": "2020-01-01"}, "record.publish_date.given"),
        ({"colour": "red"}, "record.unknown_key"),
    ],
)
def test_a_line_that_is_wrong_is_refused_and_keeps_no_other_out(
    conn: sa.Connection, people: People, facts: dict[str, Any], rule: str
) -> None:
    done = bring(conn, people, a_record(resource_id="good"), a_record(**facts))
    assert became(done) == ["added", "refused"]
    assert rule in rules(done[1])
    assert conn.scalar(sa.select(sa.func.count()).select_from(record_table)) == 1


def test_what_the_catalogue_holds_otherwise_is_refused(conn: sa.Connection, people: People) -> None:
    bring(conn, people, a_record(resource_code="30700101/7"))
    records.add_record(conn, a_record(resource_id="mine"), people.steward, a_clock())
    others = a_record(provider_code=CIVIL_AFFAIRS, provider_name="示例市民政局")
    moved = a_record(classification={"lei": "3", "xiang": "07", "mu": "002"})
    done = bring(
        conn,
        people,
        others,
        a_record(resource_id="mine"),
        a_record(resource_id="taker", resource_code="30700101/7"),
        a_record(resource_code="30700101/8"),
        moved,
        a_record(resource_id="stray", provider_code="11990100799001011P"),
    )
    assert became(done) == ["refused"] * 6
    assert [rules(each) for each in done] == [
        {"record.resource_id.taken"},
        {"record.state"},
        {"record.resource_code.taken"},
        {"record.resource_code.frozen"},
        {"record.classification.frozen"},
        {"record.provider_code.unknown"},
    ]
    assert all(fault.zh and fault.en for each in done for fault in each.faults)


def test_a_number_that_no_json_can_hold_is_refused_as_everywhere() -> None:
    checks = Checks(load_code_lists(), None, True, "x", a_clock().now())
    text = json.dumps(a_record()).replace('"length": 200', '"length": 200, "minimum": 1e999')
    [line] = check_lines([(7, text)], checks)
    assert [(fault.rule, fault.path) for fault in line.faults][-1] == (
        "record.unwritable",
        "items/2/minimum",
    )


def test_a_draft_brings_no_code(conn: sa.Connection, people: People) -> None:
    [done] = bring(conn, people, a_record(resource_code="30700101/7"), publish=False)
    assert "record.resource_code.given" in rules(done)


def test_what_is_not_shared_is_published_with_its_basis_alone(
    conn: sa.Connection, people: People
) -> None:
    without = not_shared(resource_id="without")
    del without["non_share_basis"]
    vague = not_shared(resource_id="vague", non_share_basis={"basis": "other_law"})
    done = bring(conn, people, not_shared(), without, vague)
    assert became(done) == ["added", "refused", "refused"]
    assert rules(done[1]) == rules(done[2]) == {"record.non_share_basis.required"}
    [entry] = negative_list.list_entries(conn).rows
    assert (entry.resource_id, entry.basis) == ("household", "other_law")
    assert (entry.approved_by, entry.version) == (people.authority.name, 1)
    shared = bring(conn, people, a_record())
    assert became(shared) == ["changed"]
    assert negative_list.list_entries(conn).rows == []


def test_codes_are_issued_in_runs_as_one_by_one(conn: sa.Connection) -> None:
    assert issue_codes(conn, ["307001", "307002", "307001"]) == [
        "307001/1",
        "307002/1",
        "307001/2",
    ]
    assert issue_code(conn, "307001") == "307001/3"
    assert issue_codes(conn, ["307001"]) == ["307001/4"]
    reserve_codes(conn, ["307001/2", "307002/0090", "307003/5"])
    assert issue_codes(conn, ["307001", "307002", "307003"]) == [
        "307001/5",
        "307002/91",
        "307003/6",
    ]
    assert issue_codes(conn, []) == []


def test_a_department_of_the_import_is_found_by_its_code(
    conn: sa.Connection, people: People
) -> None:
    department = a_department(department_id="tongji", code="11990100799001011P", name="统计局")
    departments.add(conn, department, a_clock())
    [done] = bring(conn, people, a_record(provider_code="11990100799001011P"))
    assert done.became is Became.ADDED
    assert row_of(conn, record_table, "household")["department_id"] == "tongji"
    document = json.loads(row_of(conn, record_versions, "household")["document"])
    assert document["provider_code"] == "11990100799001011P"
