"""Files of a file resource: known by name, versions counted, current by query; and their counts."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import deliveries, file_resources, grants
from catalog.deliveries import DeliveryMode, LoadResult
from catalog.file_counts import ResourceType, TypeCount, counts_of
from catalog.file_resources import count_fetch, counts
from catalog.grant_errors import InvalidGrant
from catalog.ids import SystemIds
from tests.catalog.makers import NOON, People, a_clock, a_grant, a_record, publish
from tests.catalog.test_deliveries import a_delivery

RESOURCE = "policy-files"
IDS = SystemIds()


def a_file_record(**facts: Any) -> dict[str, Any]:
    document = a_record(
        resource_id=RESOURCE,
        kind="file",
        name="政策文件",
        format={"category": 1, "type": "pdf"},
        share_method="file",
        **facts,
    )
    del document["items"]
    return document


def an_interface_record(**facts: Any) -> dict[str, Any]:
    document = a_record(
        resource_id="marriage-check",
        kind="interface",
        name="婚姻登记核验接口",
        format={"category": 7, "type": "api"},
        interface={"url": "https://minzheng.example/check", "method": "POST"},
        share_method="verify",
        **facts,
    )
    del document["items"]
    return document


@pytest.fixture(autouse=True)
def published(conn: sa.Connection, people: People) -> None:
    publish(conn, people, a_file_record())


def keep(
    conn: sa.Connection,
    name: str,
    *,
    data_time: datetime = NOON,
    mode: DeliveryMode = DeliveryMode.INCREMENTAL,
    sha256: str = "0" * 64,
    media_type: str = "application/pdf",
    size: int = 10,
    resource_id: str = RESOURCE,
) -> str:
    """Deliver a file and load it; the delivery's id."""
    delivery_id = IDS.new()
    delivery = a_delivery(
        delivery_id,
        resource_id=resource_id,
        resource_named=resource_id,
        mode=mode,
        data_time=data_time,
        sha256=sha256,
        size=size,
        retry_key=delivery_id,
        raw_bucket="dept-gongan",
        raw_key=f"raw/{delivery_id}",
    )
    deliveries.insert(conn, delivery)
    file_resources.register(conn, delivery_id, resource_id, name, IDS)
    planned = file_resources.plan_version(conn, delivery)
    file_resources.add_version(conn, delivery_id, planned, media_type)
    load(conn, delivery_id)
    return delivery_id


def load(conn: sa.Connection, delivery_id: str) -> None:
    result = LoadResult(
        loaded_at=NOON,
        rows_in=0,
        accepted=0,
        quarantined=0,
        unchanged=0,
        rules={},
        encoding=None,
        format="pdf",
        files=1,
    )
    deliveries.record_loaded(conn, delivery_id, result)


def current(conn: sa.Connection) -> dict[str, int]:
    """Name and version of what is current."""
    return {each.name: each.version for each in file_resources.list_current(conn, RESOURCE)}


def test_a_file_of_the_same_name_is_its_next_version(conn: sa.Connection) -> None:
    keep(conn, "a.pdf")
    keep(conn, "b.pdf")
    again = keep(conn, "a.pdf", sha256="1" * 64)
    assert current(conn) == {"a.pdf": 2, "b.pdf": 1}
    found = file_resources.find_current(conn, RESOURCE, "a.pdf")
    assert found is not None
    assert (found.delivery_id, found.sha256, found.size) == (again, "1" * 64, 10)
    assert file_resources.find_current(conn, RESOURCE, found.file_id) == found
    assert [each.version for each in file_resources.list_versions(conn, found.file_id)] == [1, 2]
    loaded = deliveries.require(conn, again)
    assert (loaded.files, loaded.rows_in) == (1, 0)


def test_a_name_is_its_characters_however_they_are_put_together(conn: sa.Connection) -> None:
    keep(conn, unicodedata.normalize("NFC", "Café.pdf"))
    keep(conn, unicodedata.normalize("NFD", "Café.pdf"))
    assert list(current(conn).values()) == [2]


def test_names_that_differ_in_a_number_alone_are_two_files(conn: sa.Connection) -> None:
    keep(conn, "990101199003070011.pdf")
    keep(conn, "990101199003070038.pdf")
    assert list(current(conn).values()) == [1, 1]


def test_a_full_delivery_is_the_only_current_file(conn: sa.Connection) -> None:
    keep(conn, "a.pdf")
    keep(conn, "b.pdf")
    keep(conn, "c.pdf", mode=DeliveryMode.FULL)
    assert current(conn) == {"c.pdf": 1}
    keep(conn, "a.pdf")
    assert current(conn) == {"a.pdf": 2, "c.pdf": 1}
    assert file_resources.find_current(conn, RESOURCE, "b.pdf") is None


def test_what_comes_late_with_an_earlier_data_time_covers_nothing(conn: sa.Connection) -> None:
    keep(conn, "a.pdf", data_time=NOON)
    delivery_id = IDS.new()
    late = a_delivery(
        delivery_id,
        resource_id=RESOURCE,
        data_time=NOON - timedelta(days=1),
        mode=DeliveryMode.INCREMENTAL,
        retry_key=delivery_id,
    )
    deliveries.insert(conn, late)
    file_resources.register(conn, delivery_id, RESOURCE, "a.pdf", IDS)
    planned = file_resources.plan_version(conn, late)
    assert (planned.version, planned.superseded, planned.same_as) == (2, True, 1)
    file_resources.add_version(conn, delivery_id, planned, "application/pdf")
    load(conn, delivery_id)
    assert current(conn) == {"a.pdf": 1}


def test_what_is_not_loaded_is_no_file(conn: sa.Connection) -> None:
    delivery_id = IDS.new()
    deliveries.insert(conn, a_delivery(delivery_id, resource_id=RESOURCE, retry_key=delivery_id))
    file_resources.register(conn, delivery_id, RESOURCE, "a.pdf", IDS)
    assert not file_resources.has_files(conn, RESOURCE)
    assert file_resources.find_current(conn, RESOURCE, "a.pdf") is None
    keep(conn, "a.pdf")
    assert file_resources.has_files(conn, RESOURCE)
    assert current(conn) == {"a.pdf": 1}  # the one that came to nothing took no number


@dataclass(frozen=True)
class Sent:
    name: str
    data_time: datetime
    full: bool
    number: int


def plain_current(sent: list[Sent]) -> dict[str, int]:
    """What is current by the sentences of the decision, delivery after delivery."""
    versions: dict[str, int] = {}
    numbered = []
    for each in sent:
        versions[each.name] = versions.get(each.name, 0) + 1
        numbered.append((each, versions[each.name]))
    found: dict[str, int] = {}
    for each, version in sorted(numbered, key=lambda one: (one[0].data_time, one[0].number)):
        if each.full:
            found = {}
        found[each.name] = version
    return found


def test_the_query_finds_what_the_plain_rule_says(conn: sa.Connection) -> None:
    chance = random.Random(5)
    sent: list[Sent] = []
    for number in range(60):
        one = Sent(
            f"{chance.choice('abcdef')}.pdf",
            NOON + timedelta(days=chance.randrange(8)),
            chance.random() < 0.15,
            number,
        )
        sent.append(one)
        mode = DeliveryMode.FULL if one.full else DeliveryMode.INCREMENTAL
        keep(conn, one.name, data_time=one.data_time, mode=mode)
        assert current(conn) == plain_current(sent), number


def test_a_list_is_paged_by_id(conn: sa.Connection) -> None:
    for number in range(7):
        keep(conn, f"{number}.pdf")
    pages, after = [], None
    while page := file_resources.list_current(conn, RESOURCE, limit=3, after=after):
        pages.append(len(page))
        after = page[-1].file_id
    assert pages == [3, 3, 1]


def test_the_one_current_file_is_found_behind_many_that_are_not(conn: sa.Connection) -> None:
    for number in range(130):
        keep(conn, f"{number}.pdf")
    keep(conn, "all.pdf", mode=DeliveryMode.FULL)
    assert current(conn) == {"all.pdf": 1}
    assert file_resources.has_files(conn, RESOURCE)


def test_counts_by_type_and_period(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    publish(conn, people, an_interface_record())
    keep(conn, "a.pdf")
    keep(conn, "map.png", media_type="image/png", size=1000)
    keep(conn, "map.png", media_type="image/png", size=2000)
    for document in (a_grant(), a_grant(resource=RESOURCE, items=[])):
        grants.add_grant(conn, document, people.authority, a_clock())
    tomorrow = NOON + timedelta(days=1)
    for at in (NOON, NOON, tomorrow):
        count_fetch(conn, RESOURCE, "image/png", 2000, at)
    count_fetch(conn, RESOURCE, "application/pdf", 10, tomorrow)
    assert counts(conn) == {
        ResourceType.TABLE: TypeCount(resources=1, pieces=1, grants=1, fetches=0),
        ResourceType.FILE: TypeCount(resources=1, pieces=1, grants=1, fetches=1),
        ResourceType.INTERFACE: TypeCount(resources=1, pieces=1, grants=0, fetches=0),
        ResourceType.IMAGE: TypeCount(resources=1, pieces=2, grants=1, fetches=3),
    }
    today = counts(conn, since=date(2026, 11, 25), until=date(2026, 11, 25))
    assert today[ResourceType.IMAGE] == TypeCount(resources=1, pieces=2, grants=1, fetches=2)
    later = counts(conn, since=date(2026, 11, 26))
    assert later[ResourceType.FILE] == TypeCount(resources=0, pieces=0, grants=0, fetches=1)
    own = counts_of(conn, RESOURCE)
    assert (own.files, own.versions, own.bytes) == (2, 3, 3010)
    assert (own.fetches, own.fetched_bytes) == (4, 6010)


@pytest.mark.parametrize("document", [a_file_record(), an_interface_record()])
def test_files_and_interfaces_are_granted_whole(
    conn: sa.Connection, people: People, document: dict[str, Any]
) -> None:
    resource = document["resource_id"]
    if resource != RESOURCE:
        publish(conn, people, document)
    without = {name: v for name, v in a_grant(resource=resource).items() if name != "items"}
    first = grants.add_grant(conn, without, people.authority, a_clock())
    again = grants.add_grant(conn, {**without, "items": []}, people.authority, a_clock())
    assert (first, grants.require_grant(conn, first).items) == (again, ())
    with pytest.raises(InvalidGrant):
        grants.add_grant(conn, {**without, "items": ["name"]}, people.authority, a_clock())


def test_a_table_is_still_granted_by_items(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    without = {name: v for name, v in a_grant().items() if name != "items"}
    for document in (without, {**without, "items": []}):
        with pytest.raises(InvalidGrant):
            grants.add_grant(conn, document, people.authority, a_clock())
