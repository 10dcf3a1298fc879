"""The catalogue in numbers: by facet now, and by month what happened."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog import records, statistics
from catalog.life_cycle import Action
from catalog.statistics import Facet, Happening
from tests.catalog.makers import NOON, People, a_clock, a_record, publish, walk


@pytest.fixture
def some(conn: sa.Connection, people: People) -> None:
    publish(conn, people, a_record(resource_id="births", name="出生登记"))
    publish(conn, people, a_record(resource_id="deaths", name="死亡登记"))
    interface = a_record(
        resource_id="check",
        kind="interface",
        format={"category": 7, "type": "api"},
        interface={"url": "https://api.example.cn/check", "method": "POST"},
        share_type=2,
        share_condition="按用途申请",
    )
    publish(conn, people, interface)
    records.add_record(conn, a_record(resource_id="moves"), people.steward, a_clock())


def counted(conn: sa.Connection, facet: Facet) -> dict[str, int]:
    return {each.value: each.records for each in statistics.count_by(conn, facet)}


@pytest.mark.usefixtures("some")
def test_what_is_published_is_counted_by_facet_and_every_state(conn: sa.Connection) -> None:
    assert counted(conn, Facet.KIND) == {"table": 2, "interface": 1}
    assert counted(conn, Facet.SHARE_TYPE) == {"1": 2, "2": 1}
    assert counted(conn, Facet.DEPARTMENT) == {"gongan": 3}
    assert counted(conn, Facet.STATE) == {"published": 3, "draft": 1}


@pytest.mark.usefixtures("some")
def test_what_happened_is_counted_once_by_month_and_kind(
    conn: sa.Connection, people: People
) -> None:
    walk(
        conn,
        people,
        (Action.REQUEST_WITHDRAW, "steward"),
        (Action.REJECT, "authority"),
        (Action.REQUEST_WITHDRAW, "steward"),
        (Action.AGREE, "authority"),
        resource="births",
    )
    found = Counter[tuple[str, Happening, str]]()
    for each in statistics.count_months(conn):
        found[each.month, each.happening, each.kind] += each.records
    month = "2026-11"
    assert found == {
        (month, Happening.REGISTERED, "table"): 2,
        (month, Happening.REGISTERED, "interface"): 1,
        (month, Happening.PUBLISHED, "table"): 2,
        (month, Happening.PUBLISHED, "interface"): 1,
        (month, Happening.WITHDRAWN, "table"): 1,
    }
    assert statistics.count_months(conn, since="2026-12") == []
    assert statistics.count_months(conn, department="minzheng") == []


def test_a_month_is_one_of_china(conn: sa.Connection, people: People) -> None:
    clock = a_clock()
    # half past eleven in the evening of 30 November in Greenwich is December in China
    clock.advance(timedelta(days=5, hours=19, minutes=30))
    assert clock.now() > NOON
    written = records.add_record(conn, a_record(), people.steward, clock)
    records.act(conn, written.resource_id, Action.SUBMIT_REGISTER, people.steward, None, clock)
    records.act(conn, written.resource_id, Action.AGREE, people.reviewer, "同意", clock)
    [registered] = statistics.count_months(conn)
    assert registered.month == "2026-12"
