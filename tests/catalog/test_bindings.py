"""Binding a record to what carries its data, and the rate of those that are bound."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from catalog import records
from catalog.errors import NotInState, NotPermitted
from catalog.life_cycle import Action, State
from catalog.publish_errors import NotBound, UnfitBinding
from catalog.publishing.bindings import BindingRate, binding_rates, list_bindings, total_of
from catalog.tables import deliveries
from tests.catalog.makers import (
    NOON,
    PUBLISHING,
    People,
    a_clock,
    a_record,
    not_shared,
    publish,
    walk,
)

REGISTER = PUBLISHING[:2]


def act(
    conn: sa.Connection, people: People, action: Action, resource: str = "household", **asked: Any
) -> records.RecordState:
    details = records.Details(**asked)
    return records.act(conn, resource, action, people.steward, None, a_clock(), details=details)


def an_interface(**facts: Any) -> dict[str, Any]:
    return a_record(
        resource_id="household-query",
        kind="interface",
        format={"category": 7, "type": "api"},
        interface={"url": "https://data.example/household", "method": "GET"},
        **facts,
    )


def load(conn: sa.Connection, resource: str, **facts: Any) -> None:
    """A delivery as the register has it once its rows are there."""
    row = {
        "delivery_id": f"of-{resource}-{facts}",
        "resource_id": resource,
        "resource_named": resource,
        "department_id": "gongan",
        "account": "steward",
        "mode": "full",
        "data_time": NOON,
        "file_name": "people.csv",
        "sha256": "0" * 64,
        "size": 1,
        "retry_key": "key",
        "state": "loaded",
        "attempt": 1,
        "accepted": 3,
        "rules": {},
        "notes": [],
        "received_at": NOON,
        **facts,
    }
    row["delivery_id"] = str(row["delivery_id"])[:36]
    conn.execute(sa.insert(deliveries).values(row))


def test_a_table_is_bound_to_the_place_where_its_files_will_come(
    conn: sa.Connection, people: People
) -> None:
    records.add_record(conn, a_record(), people.steward, a_clock())
    with pytest.raises(NotInState):
        act(conn, people, Action.BIND)
    walk(conn, people, *REGISTER)
    bound = act(conn, people, Action.BIND)
    assert bound.state is State.REGISTERED
    [binding] = list_bindings(conn, "household")
    assert (binding.kind, binding.target) == ("table", "incoming/household")
    assert (binding.bound_by, binding.bound_at, binding.ended_at) == ("steward", NOON, None)
    assert act(conn, people, Action.BIND) == bound
    assert records.history(conn, "household")[-1].action == "bind"


def test_a_table_may_be_handed_out_by_an_interface_too(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    act(conn, people, Action.BIND)
    act(conn, people, Action.BIND, kind="interface", target="https://data.example/h")
    assert [each.kind for each in list_bindings(conn, "household")] == ["table", "interface"]
    act(conn, people, Action.UNBIND, kind="table")
    ended = [each.ended_at is not None for each in list_bindings(conn, "household")]
    assert ended == [True, False]
    act(conn, people, Action.BIND)
    assert [each.number for each in list_bindings(conn, "household")] == [1, 2, 3]


def test_an_interface_is_bound_to_the_address_that_its_record_names(
    conn: sa.Connection, people: People
) -> None:
    records.add_record(conn, an_interface(), people.steward, a_clock())
    walk(conn, people, *REGISTER, resource="household-query")
    act(conn, people, Action.BIND, "household-query")
    [binding] = list_bindings(conn, "household-query")
    assert binding.target == "https://data.example/household"
    with pytest.raises(UnfitBinding):
        act(conn, people, Action.BIND, "household-query", kind="table")
    with pytest.raises(UnfitBinding) as refused:
        act(conn, people, Action.BIND, "household-query", target="ftp://data.example")
    assert "http" in refused.value.zh


def test_what_was_never_bound_can_not_be_unbound_and_twice_is_once(
    conn: sa.Connection, people: People
) -> None:
    publish(conn, people)
    with pytest.raises(NotBound):
        act(conn, people, Action.UNBIND)
    act(conn, people, Action.BIND)
    first = act(conn, people, Action.UNBIND)
    assert act(conn, people, Action.UNBIND) == first
    with pytest.raises(NotPermitted):
        records.act(conn, "household", Action.BIND, people.authority, None, a_clock())


def test_bindings_end_with_the_record(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    act(conn, people, Action.BIND)
    walk(conn, people, (Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    assert list_bindings(conn, "household")[0].ended_at is None
    walk(conn, people, (Action.DEREGISTER, "steward"))
    assert list_bindings(conn, "household")[0].ended_at == NOON


def test_the_rate_is_of_what_is_published_and_shared_and_bound_to_something(
    conn: sa.Connection, people: People
) -> None:
    def bound(resource: str) -> None:
        publish(conn, people, a_record(resource_id=resource))
        act(conn, people, Action.BIND, resource)

    assert binding_rates(conn) == []
    assert total_of([]).rate is None
    for resource in ("full", "empty", "refused", "no-rows"):
        bound(resource)
    load(conn, "full")
    load(conn, "refused", state="refused")
    load(conn, "no-rows", accepted=0)
    publish(conn, people, a_record(resource_id="unbound"))
    load(conn, "unbound")
    publish(conn, people, not_shared(resource_id="closed"))
    act(conn, people, Action.BIND, "closed")
    load(conn, "closed")
    publish(conn, people, an_interface())
    act(conn, people, Action.BIND, "household-query")
    records.add_record(conn, a_record(resource_id="draft"), people.steward, a_clock())
    bound("withdrawn")
    load(conn, "withdrawn")
    steps = ((Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
    walk(conn, people, *steps, resource="withdrawn")
    expected = BindingRate("gongan", published=6, bound=5, filled=2)
    assert binding_rates(conn) == [expected]
    assert binding_rates(conn, "minzheng") == []
    assert total_of([expected, BindingRate("minzheng", 2, 2, 2)]).rate == 0.5


def test_files_count_as_rows_do(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    act(conn, people, Action.BIND)
    load(conn, "household", accepted=0, files=1)
    assert binding_rates(conn)[0].filled == 1
