"""The register of deliveries: retries, attempts, results."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import deliveries
from catalog.deliveries import Delivery, DeliveryMode, DeliveryState, LoadResult, RefusalResult
from catalog.lake_errors import AlreadyDelivered, DeliveryNotFound, DeliveryNotOpen
from tests.catalog.makers import NOON, People, publish

RESULT = LoadResult(
    loaded_at=NOON + timedelta(minutes=1),
    rows_in=10,
    accepted=8,
    quarantined=2,
    unchanged=1,
    rules={"type.date": 2},
    encoding="gb18030",
    format="csv",
    notes=("按 GB18030 读取",),
    snapshot_id=2**62,
)
REFUSAL = RefusalResult(
    reason={"code": "empty-file", "zh": "文件为空", "en": "the file is empty", "place": None}
)


@pytest.fixture(autouse=True)
def published(conn: sa.Connection, people: People) -> None:
    publish(conn, people)


def a_delivery(delivery_id: str = "d1", **facts: Any) -> Delivery:
    delivery = Delivery(
        delivery_id=delivery_id,
        resource_id="household",
        resource_named="household",
        record_version=1,
        generation=1,
        department_id="gongan",
        account="steward",
        mode=DeliveryMode.FULL,
        data_time=NOON,
        file_name="户籍.csv",
        sha256="0" * 64,
        size=2**33,
        retry_key="r1",
        received_at=NOON,
    )
    return replace(delivery, **facts)


def load(conn: sa.Connection, delivery_id: str) -> None:
    attempt = deliveries.begin_attempt(conn, delivery_id)
    deliveries.record_loaded(conn, delivery_id, RESULT, attempt=attempt)


def test_a_delivery_goes_from_received_over_loading_to_loaded(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery())
    assert deliveries.require(conn, "d1") == a_delivery()
    deliveries.raw_kept(conn, "d1", "raw/household/d1/00")
    assert deliveries.begin_attempt(conn, "d1") == 1
    assert deliveries.unfinished(conn)[0].state is DeliveryState.LOADING
    deliveries.record_loaded(conn, "d1", RESULT, attempt=1)
    loaded = deliveries.require(conn, "d1")
    assert (loaded.state, loaded.attempt, loaded.refused) == (DeliveryState.LOADED, 1, False)
    assert (loaded.raw_key, loaded.rules, loaded.notes) == (
        "raw/household/d1/00",
        RESULT.rules,
        RESULT.notes,
    )
    assert (loaded.snapshot_id, loaded.loaded_at) == (RESULT.snapshot_id, RESULT.loaded_at)
    assert deliveries.unfinished(conn) == []


def test_a_retry_is_led_to_the_live_delivery(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery())
    with pytest.raises(AlreadyDelivered) as again:
        deliveries.insert(conn, a_delivery("d2"))
    assert again.value.delivery_id == "d1"
    load(conn, "d1")
    found = deliveries.find_live(conn, "r1")
    assert found is not None
    assert found.delivery_id == "d1"
    with pytest.raises(AlreadyDelivered):
        deliveries.insert(conn, a_delivery("d2"))


def test_a_refused_delivery_is_tried_anew_as_a_new_one(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery(idempotency_key="k"))
    attempt = deliveries.begin_attempt(conn, "d1")
    deliveries.record_refused(conn, "d1", REFUSAL, attempt=attempt)
    refused = deliveries.require(conn, "d1")
    assert refused.refused
    assert refused.reason == REFUSAL.reason
    assert deliveries.find_live(conn, "r1") is None
    deliveries.insert(conn, a_delivery("d2", idempotency_key="k"))
    found = deliveries.find_by_idempotency_key(conn, "steward", "k")
    assert found is not None
    assert found.delivery_id == "d2"


def test_an_idempotency_key_belongs_to_an_account(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery(idempotency_key="k"))
    with pytest.raises(AlreadyDelivered):
        deliveries.insert(conn, a_delivery("d2", retry_key="r2", idempotency_key="k"))
    deliveries.insert(
        conn, a_delivery("d3", retry_key="r3", idempotency_key="k", account="reviewer")
    )
    deliveries.insert(conn, a_delivery("d4", retry_key="r4"))


def test_an_insert_that_fails_leaves_the_transaction_usable(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery())
    with pytest.raises(AlreadyDelivered):
        deliveries.insert(conn, a_delivery("d2"))
    with pytest.raises(sa.exc.IntegrityError):
        deliveries.insert(conn, a_delivery("d3", retry_key="r3", account="absent"))
    deliveries.insert(conn, a_delivery("d4", retry_key="r4"))
    assert [each.delivery_id for each in deliveries.unfinished(conn)] == ["d1", "d4"]


def test_a_file_without_a_known_resource_is_registered_as_refused(conn: sa.Connection) -> None:
    lost = a_delivery(
        resource_id=None,
        resource_named="absent",
        record_version=None,
        generation=None,
        state=DeliveryState.REFUSED,
        reason=REFUSAL.reason,
    )
    deliveries.insert(conn, lost)
    deliveries.insert(conn, replace(lost, delivery_id="d2"))
    assert deliveries.unfinished(conn) == []


def test_an_older_attempt_records_nothing(conn: sa.Connection) -> None:
    deliveries.insert(conn, a_delivery())
    first = deliveries.begin_attempt(conn, "d1")
    second = deliveries.begin_attempt(conn, "d1")
    with pytest.raises(DeliveryNotOpen):
        deliveries.record_loaded(conn, "d1", RESULT, attempt=first)
    deliveries.record_loaded(conn, "d1", RESULT, attempt=second)
    with pytest.raises(DeliveryNotOpen):
        deliveries.record_refused(conn, "d1", REFUSAL)
    with pytest.raises(DeliveryNotOpen):
        deliveries.begin_attempt(conn, "d1")
    with pytest.raises(DeliveryNotFound):
        deliveries.begin_attempt(conn, "absent")


def test_lists_are_narrowed_and_paged_newest_first(conn: sa.Connection) -> None:
    for number in range(1, 5):
        deliveries.insert(conn, a_delivery(f"d{number}", retry_key=f"r{number}"))
    load(conn, "d2")
    load(conn, "d1")
    assert [each.delivery_id for each in deliveries.loaded_of(conn, "household", 1)] == ["d1", "d2"]
    assert deliveries.loaded_of(conn, "household", 2) == []
    page = deliveries.list_deliveries(conn, department_id="gongan", limit=2)
    assert [each.delivery_id for each in page] == ["d4", "d3"]
    following = deliveries.list_deliveries(conn, resource_id="household", before="d3")
    assert [each.delivery_id for each in following] == ["d2", "d1"]
    assert deliveries.list_deliveries(conn, department_id="minzheng") == []


def test_a_dropped_object_is_delivered_once_even_when_it_was_refused(conn: sa.Connection) -> None:
    first = a_delivery(drop_mark="m1", manifest_mark="x1", dropped={"key": "incoming/a"})
    deliveries.insert(conn, first)
    deliveries.record_refused(conn, "d1", REFUSAL)
    again = replace(first, delivery_id="d2")
    with pytest.raises(AlreadyDelivered) as twin:
        deliveries.insert(conn, again)
    assert twin.value.delivery_id == "d1"
    deliveries.insert(conn, replace(again, drop_mark="m2"))
    found = deliveries.find_by_drop_mark(conn, "m1")
    assert found is not None
    assert (found.delivery_id, found.dropped) == ("d1", {"key": "incoming/a"})
    owner = deliveries.find_by_manifest_mark(conn, "x1")
    assert owner is not None
    assert owner.delivery_id == "d2"
    assert deliveries.find_by_drop_mark(conn, "m3") is None
