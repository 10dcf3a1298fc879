"""What is kept of a record: its history, its differences; and the records of views."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.errors import RecordNotFound, ResourceTaken
from catalog.life_cycle import State
from catalog.record_diff import Change, Difference
from tests.catalog.makers import NOON, PLATFORM, People, a_clock, a_record, an_item, publish


def test_the_history_says_who_did_what_when_and_why(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    events = records.history(conn, "household")
    assert [(event.action, event.account, event.to_state) for event in events] == [
        ("write", "steward", "draft"),
        ("submit_register", "steward", "register_review"),
        ("agree", "reviewer", "registered"),
        ("submit_publish", "steward", "publish_review"),
        ("sign_secrecy", "reviewer", "publish_review"),
        ("agree", "authority", "published"),
    ]
    assert events[5].opinion == "同意办理"
    assert all(event.at == NOON for event in events)
    with pytest.raises(RecordNotFound):
        records.history(conn, "absent")


def test_a_difference_matches_items_by_their_ids(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    key, name, address = a_record()["items"]
    wider = {**address, "length": 300}
    records.add_record(
        conn,
        a_record(items=[key, wider, name, an_item("phone")], abstract="新摘要"),
        people.steward,
        a_clock(),
    )
    assert records.diff(conn, "household", 1, 2) == (
        Difference("abstract", Change.CHANGED, a_record()["abstract"], "新摘要"),
        Difference("items/address/length", Change.CHANGED, 200, 300),
        Difference("items/phone", Change.ADDED, None, an_item("phone")),
        Difference("items/address", Change.MOVED, 2, 1),
        Difference("items/name", Change.MOVED, 1, 2),
    )


def test_the_record_of_a_view_is_published_at_once_and_installed_once(
    conn: sa.Connection, people: People
) -> None:
    document = a_record(
        resource_id="person",
        provider_code=PLATFORM,
        provider_name="示例市数据局",
        classification={"lei": "1", "xiang": "01", "mu": "001", "ximu": ""},
    )
    state = records.install_view_record(conn, document, a_clock())
    assert (state.resource_code, state.state) == ("101001/1", State.PUBLISHED)
    assert records.install_view_record(conn, document, a_clock()) == state
    seen = records.published(conn, "person")
    assert (seen.department_id, seen.generation, seen.is_view) == ("shuju", 1, True)
    assert [event.action for event in records.history(conn, "person")] == ["installed"]
    assert records.places_to_deliver(conn) == []
    assert records.delivered_tables(conn) == []


def test_the_record_of_a_view_follows_its_definition(conn: sa.Connection, people: People) -> None:
    document = a_record(
        resource_id="person",
        provider_code=PLATFORM,
        classification={"lei": "1", "xiang": "01", "mu": "001", "ximu": ""},
    )
    state = records.install_view_record(conn, document, a_clock())
    wider = {**document, "abstract": "多一个属性的视图"}
    followed = records.install_view_record(conn, wider, a_clock())
    assert (followed.version, followed.state) == (state.version + 1, state.state)
    assert followed.resource_code == state.resource_code
    assert records.published(conn, followed.resource_id).document["abstract"] == wider["abstract"]


def test_a_view_takes_no_resource_id_of_a_department(conn: sa.Connection, people: People) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    with pytest.raises(ResourceTaken):
        records.install_view_record(conn, a_record(), a_clock())
