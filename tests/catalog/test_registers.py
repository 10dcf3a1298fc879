"""Leases with fencing, curated tables, view versions and definitions, facts of the platform."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog import curated, leases, platform, view_definitions, view_versions
from catalog.curated import CuratedTable
from catalog.database import Database
from catalog.lake_errors import (
    CuratedTableNotFound,
    LeaseHeld,
    LeaseLost,
    NotInstalled,
    StaleFence,
    StaleViewVersion,
    ViewDefinitionMismatch,
    ViewDefinitionNotFound,
)
from catalog.view_versions import ViewVersion
from standards.views import default_view_text
from tests.catalog.makers import NOON, PLATFORM, People, a_clock, a_department, publish

TTL = timedelta(seconds=30)


def test_one_holder_at_a_time_and_the_fence_grows(conn: sa.Connection) -> None:
    first = leases.acquire(conn, "household", "a", NOON, TTL)
    with pytest.raises(LeaseHeld):
        leases.acquire(conn, "household", "b", NOON + TTL - timedelta(seconds=1), TTL)
    second = leases.acquire(conn, "household", "b", NOON + TTL, TTL)
    assert second.fence == first.fence + 1
    with pytest.raises(LeaseLost):
        leases.renew(conn, first, NOON + TTL, TTL)
    with pytest.raises(LeaseLost):
        leases.check_fence(conn, first)
    leases.check_fence(conn, second)


def test_a_renewed_lease_lasts_longer(conn: sa.Connection) -> None:
    lease = leases.acquire(conn, "household", "a", NOON, TTL)
    longer = leases.renew(conn, lease, NOON + timedelta(seconds=20), TTL)
    with pytest.raises(LeaseHeld):
        leases.acquire(conn, "household", "b", NOON + timedelta(seconds=40), TTL)
    assert longer.fence == lease.fence


def test_a_released_lease_is_free_and_its_holder_out(conn: sa.Connection) -> None:
    lease = leases.acquire(conn, "household", "a", NOON, TTL)
    leases.release(conn, lease)
    with pytest.raises(LeaseLost):
        leases.check_fence(conn, lease)
    other = leases.acquire(conn, "household", "b", NOON, TTL)
    leases.release(conn, lease)
    leases.check_fence(conn, other)


def test_of_many_at_once_one_gets_the_lease(database: Database) -> None:
    won: list[int] = []
    lost: list[str] = []

    def attempt(number: int) -> None:
        try:
            with database.transaction() as conn:
                won.append(leases.acquire(conn, "household", f"w{number}", NOON, TTL).fence)
        except LeaseHeld as held:
            lost.append(held.holder)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]
    assert len(lost) == 7


def test_readers_see_the_recorded_snapshot(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    empty = CuratedTable("household", 1, "dept-gongan", "gongan.household_g1")
    assert curated.find_table(conn, "household", 1) is None
    assert curated.register_table(conn, empty) == empty
    curated.record_snapshot(conn, "household", 1, 2**62, "metadata/1.json", fence=3)
    recorded = replace(empty, snapshot_id=2**62, metadata_location="metadata/1.json")
    assert curated.register_table(conn, empty) == recorded
    assert curated.list_tables(conn) == [recorded]


def test_an_older_writer_records_no_snapshot(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    curated.register_table(conn, CuratedTable("household", 1, "dept-gongan", "gongan.h_g1"))
    curated.record_snapshot(conn, "household", 1, 1, "metadata/1.json", fence=5)
    curated.record_snapshot(conn, "household", 1, 2, "metadata/2.json", fence=5)
    with pytest.raises(StaleFence):
        curated.record_snapshot(conn, "household", 1, 3, "metadata/3.json", fence=4)
    assert curated.require_table(conn, "household", 1).snapshot_id == 2
    with pytest.raises(CuratedTableNotFound):
        curated.record_snapshot(conn, "household", 2, 1, "metadata/1.json", fence=5)


def a_build(version: int) -> ViewVersion:
    return ViewVersion(
        view_id="person",
        version=version,
        definition_version=1,
        rows=3,
        content_hash="0" * 64,
        built_at=NOON,
        known_at=NOON,
        snapshot_id=7,
        metadata_location="metadata/7.json",
        serving_path="serving/person/1",
        inputs={"household": {"snapshot_id": 2**62, "deliveries": ["d1"]}},
        seconds=0.5,
    )


def test_the_newest_build_of_a_view_is_current(conn: sa.Connection) -> None:
    assert view_versions.current(conn, "person") is None
    for version in (1, 2):
        assert view_versions.next_version(conn, "person") == version
        view_versions.insert(conn, a_build(version))
    assert view_versions.current(conn, "person") == a_build(2)
    with pytest.raises(StaleViewVersion):
        view_versions.insert(conn, a_build(2))


def test_a_shipped_definition_is_installed_once_and_followed_up(conn: sa.Connection) -> None:
    text = default_view_text("person")
    with pytest.raises(ViewDefinitionNotFound):
        view_definitions.current(conn, "person")
    assert view_definitions.install_default(conn, "person", text, a_clock()) == 1
    assert view_definitions.install_default(conn, "person", text, a_clock()) == 1
    version, definition, document = view_definitions.current(conn, "person")
    assert (version, definition.view_id, document["view_id"]) == (1, "person", "person")
    with pytest.raises(ViewDefinitionMismatch):
        view_definitions.install_default(conn, "legal_entity", text, a_clock())


def install(conn: sa.Connection) -> platform.Installation:
    document = a_department(department_id="shuju", code=PLATFORM, name="示例市数据局")
    return platform.install(conn, document, "admin", None, a_clock())


def test_a_platform_is_set_up_once(conn: sa.Connection) -> None:
    with pytest.raises(NotInstalled):
        platform.require_salt(conn)
    first = install(conn)
    salt = platform.require_salt(conn)
    assert first.key is not None
    assert first.department.department_id == "shuju"
    assert len(bytes.fromhex(salt)) == 32
    again = install(conn)
    assert (again.department, again.administrator, again.key) == (
        first.department,
        first.administrator,
        None,
    )
    assert platform.require_salt(conn) == salt
