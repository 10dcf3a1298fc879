"""What two do at the same moment ends as if one had come after the other, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import (
    accounts,
    curated,
    deliveries,
    departments,
    grants,
    jobs,
    leases,
    platform,
    records,
    view_versions,
)
from catalog.account_errors import AccountTaken
from catalog.codes import issue_code
from catalog.curated import CuratedTable
from catalog.database import Database
from catalog.deliveries import RefusalResult
from catalog.errors import DepartmentTaken, RecordNotPublished, StaleRevision
from catalog.jobs import Job, JobKind, JobState
from catalog.lake_errors import AlreadyDelivered, LeaseHeld, StaleFence, StaleViewVersion
from catalog.life_cycle import Action, State
from catalog.tables import grants as grants_table
from tests.catalog.makers import (
    NOON,
    PLATFORM,
    PUBLISHING,
    People,
    a_clock,
    a_department,
    a_grant,
    a_record,
    publish,
    settle,
    walk,
)
from tests.catalog.meanwhile import meanwhile
from tests.catalog.test_deliveries import a_delivery
from tests.catalog.test_registers import a_build
from tests.servers.databases import only_on

TTL = timedelta(seconds=30)
REQUEST = (Action.REQUEST_WITHDRAW, "steward")
AGREE = (Action.AGREE, "authority")


@pytest.fixture
def people(database: Database) -> People:
    with database.transaction() as conn:
        return settle(conn)


@pytest.fixture
def published(database: Database, people: People) -> People:
    with database.transaction() as conn:
        publish(conn, people)
    return people


def give(conn: sa.Connection, people: People) -> str:
    return grants.add_grant(conn, a_grant(), people.authority, a_clock())


def live_grants(database: Database) -> int:
    table = grants_table
    query = sa.select(sa.func.count()).where(table.c.revoked_at.is_(None))
    with database.reading() as conn:
        return int(conn.execute(query).scalar_one())


def test_no_grant_comes_in_beside_a_withdrawal(database: Database, published: People) -> None:
    with database.transaction() as conn:
        walk(conn, published, REQUEST)
    _state, granted = meanwhile(
        database, lambda c: walk(c, published, AGREE), lambda c: give(c, published)
    )
    assert isinstance(granted.exception(), RecordNotPublished)
    assert live_grants(database) == 0


def test_a_withdrawal_ends_the_grant_that_is_being_given(
    database: Database, published: People
) -> None:
    with database.transaction() as conn:
        walk(conn, published, REQUEST)
    _grant, withdrawn = meanwhile(
        database, lambda c: give(c, published), lambda c: walk(c, published, AGREE)
    )
    assert withdrawn.result().state is State.WITHDRAWN
    assert live_grants(database) == 0


def test_the_same_grant_twice_is_one_grant(database: Database, published: People) -> None:
    first, second = meanwhile(database, lambda c: give(c, published), lambda c: give(c, published))
    assert second.result() == first
    assert live_grants(database) == 1


def test_a_revocation_is_recorded_once(database: Database, published: People) -> None:
    with database.transaction() as conn:
        grant_id = give(conn, published)

    def revoke(conn: sa.Connection) -> grants.Grant:
        return grants.revoke_grant(conn, grant_id, published.authority, a_clock())

    first, second = meanwhile(database, revoke, revoke)
    assert second.result() == first


def test_an_action_is_done_once_and_its_code_issued_once(
    database: Database, people: People
) -> None:
    with database.transaction() as conn:
        records.add_record(conn, a_record(), people.steward, a_clock())
        walk(conn, people, PUBLISHING[0])

    def agree(conn: sa.Connection) -> records.RecordState:
        return walk(conn, people, PUBLISHING[1])

    first, second = meanwhile(database, agree, agree)
    assert second.result() == first
    with database.transaction() as conn:
        assert issue_code(conn, "30700101") == "30700101/2"
        assert len(records.history(conn, "household")) == 3


def test_who_acts_on_what_he_read_is_told_of_the_change_beside_him(
    database: Database, people: People
) -> None:
    with database.transaction() as conn:
        records.add_record(conn, a_record(), people.steward, a_clock())

    def write(conn: sa.Connection) -> records.RecordState:
        changed = a_record(abstract="他人的改动")
        return records.add_record(conn, changed, people.steward, a_clock())

    def submit(conn: sa.Connection) -> records.RecordState:
        action = Action.SUBMIT_REGISTER
        return records.act(
            conn, "household", action, people.steward, None, a_clock(), expected_revision=1
        )

    _written, refused = meanwhile(database, write, submit)
    error = refused.exception()
    assert isinstance(error, StaleRevision)
    assert (error.expected, error.found) == (1, 2)


def test_two_new_versions_get_two_numbers(database: Database, people: People) -> None:
    with database.transaction() as conn:
        records.add_record(conn, a_record(), people.steward, a_clock())

    def write(abstract: str) -> Any:
        document = a_record(abstract=abstract)
        return lambda conn: records.add_record(conn, document, people.steward, a_clock())

    first, second = meanwhile(database, write("甲"), write("乙"))
    assert (first.version, second.result().version) == (2, 3)


def test_a_record_is_made_once(database: Database, people: People) -> None:
    def write(conn: sa.Connection) -> records.RecordState:
        return records.add_record(conn, a_record(), people.steward, a_clock())

    first, second = meanwhile(database, write, write)
    assert second.result() == first


def test_a_retry_is_led_to_the_delivery_that_is_being_registered(
    database: Database, published: People
) -> None:
    for number, same in enumerate(({"retry_key": "r"}, {"idempotency_key": "k"})):
        one, two = (
            a_delivery(f"d{number}{which}", **{"retry_key": f"r{number}{which}", **same})
            for which in "ab"
        )
        _none, refused = meanwhile(
            database,
            lambda c, one=one: deliveries.insert(c, one),
            lambda c, two=two: deliveries.insert(c, two),
        )
        error = refused.exception()
        assert isinstance(error, AlreadyDelivered)
        assert error.delivery_id == one.delivery_id


def test_attempts_at_one_delivery_are_counted(database: Database, published: People) -> None:
    with database.transaction() as conn:
        deliveries.insert(conn, a_delivery())
    first, second = meanwhile(
        database,
        lambda c: deliveries.begin_attempt(c, "d1"),
        lambda c: deliveries.begin_attempt(c, "d1"),
    )
    assert (first, second.result()) == (1, 2)


@only_on("postgresql")
def test_what_was_a_retry_is_new_when_its_twin_is_refused_meanwhile(
    database: Database, published: People
) -> None:
    with database.transaction() as conn:
        deliveries.insert(conn, a_delivery())
    refusal = RefusalResult(reason={"code": "file.empty", "zh": "空", "en": "e", "place": None})

    def refuse_the_twin(_conn: sa.Connection, _name: str, _context: object) -> None:
        with database.transaction() as other:
            deliveries.record_refused(other, "d1", refusal)

    with database.transaction() as conn:
        # the first try has failed, and who is in the way was not looked for yet
        sa.event.listen(conn, "rollback_savepoint", refuse_the_twin, once=True)
        deliveries.insert(conn, a_delivery("d2"))
    with database.reading() as conn:
        assert deliveries.require(conn, "d2").state == "received"


@only_on("postgresql")
def test_a_job_is_queued_though_its_twin_came_and_ended_meanwhile(
    database: Database, published: People
) -> None:
    def enqueue(conn: sa.Connection, job_id: str) -> Job:
        return jobs.enqueue(
            conn,
            job_id=job_id,
            kind=JobKind.DELIVERY,
            subject="d1",
            lane="table:household",
            department_id="gongan",
            account="steward",
            now=NOON,
        )

    def twin_comes(_conn: sa.Connection, _name: str) -> None:
        with database.transaction() as other:
            enqueue(other, "twin")

    def twin_ends(_conn: sa.Connection, _name: str, _context: object) -> None:
        with database.transaction() as other:
            held = jobs.claim(other, "one", NOON, TTL, gone=lambda _: False)
            assert held is not None
            jobs.finish(other, held, NOON)

    with database.transaction() as conn:
        sa.event.listen(conn, "savepoint", twin_comes, once=True)
        sa.event.listen(conn, "rollback_savepoint", twin_ends, once=True)
        assert enqueue(conn, "late").job_id == "late"
    with database.reading() as conn:
        assert jobs.require(conn, "late").state is JobState.QUEUED
        assert jobs.require(conn, "twin").state is JobState.DONE


def test_a_table_is_registered_once_and_an_older_writer_records_nothing(
    database: Database, published: People
) -> None:
    table = CuratedTable("household", 1, "dept-gongan", "gongan.household_g1")
    first, second = meanwhile(
        database,
        lambda c: curated.register_table(c, table),
        lambda c: curated.register_table(c, replace(table, bucket="another")),
    )
    assert second.result() == first

    def record(fence: int) -> Any:
        return lambda conn: curated.record_snapshot(conn, "household", 1, fence, "m.json", fence)

    _none, refused = meanwhile(database, record(5), record(4))
    assert isinstance(refused.exception(), StaleFence)


def test_a_version_of_a_view_is_recorded_once(database: Database) -> None:
    _none, refused = meanwhile(
        database,
        lambda c: view_versions.insert(c, a_build(1)),
        lambda c: view_versions.insert(c, a_build(1)),
    )
    error = refused.exception()
    assert isinstance(error, StaleViewVersion)
    assert error.next_version == 2


def test_a_look_at_a_lease_is_not_disturbed_by_its_renewal(database: Database) -> None:
    """A renewal that is not committed yet would undo a reading look that asks for the lock."""
    with database.transaction() as conn:
        lease = leases.acquire(conn, "household", "a", NOON, TTL)
    with database.reading() as looking:
        looking.execute(sa.select(1))
        with database.transaction() as conn:
            leases.renew(conn, lease, NOON, TTL)
            if conn.dialect.name == "postgresql":
                assert leases.is_newest(looking, lease)
        assert leases.is_newest(looking, lease)
    with database.transaction() as conn:
        leases.evict(conn, "household", "a")
        leases.acquire(conn, "household", "b", NOON, TTL)
        assert not leases.is_newest(conn, lease)


def test_a_lease_goes_to_one(database: Database) -> None:
    _lease, refused = meanwhile(
        database,
        lambda c: leases.acquire(c, "household", "a", NOON, TTL),
        lambda c: leases.acquire(c, "household", "b", NOON, TTL),
    )
    assert isinstance(refused.exception(), LeaseHeld)


def test_an_account_is_added_once(database: Database, people: People) -> None:
    def add(*roles: str) -> Any:
        return lambda conn: accounts.add_account(
            conn, "li", "gongan", "person", None, roles, a_clock()
        )

    (account, key), second = meanwhile(database, add("clerk"), add("clerk"))
    assert key is not None
    assert second.result() == (account, None)
    with database.transaction() as conn:
        assert accounts.revoke_key(conn, "li", a_clock()) == 1


def test_a_name_is_given_to_one_account(database: Database, people: People) -> None:
    def add(*roles: str) -> Any:
        return lambda conn: accounts.add_account(
            conn, "li", "gongan", "person", None, roles, a_clock()
        )

    _first, second = meanwhile(database, add("clerk"), add("steward"))
    assert isinstance(second.exception(), AccountTaken)


def test_a_department_is_added_once_and_its_code_to_no_other(database: Database) -> None:
    def add(**facts: str) -> Any:
        return lambda conn: departments.add(conn, a_department(**facts), a_clock())

    first, second = meanwhile(database, add(), add())
    assert second.result() == first
    new = {"code": PLATFORM, "name": "示例市数据局"}
    _one, other = meanwhile(
        database, add(department_id="shuju", **new), add(department_id="dashuju", **new)
    )
    assert isinstance(other.exception(), DepartmentTaken)


def test_a_platform_is_set_up_once(database: Database) -> None:
    document = a_department(department_id="shuju", code=PLATFORM, name="示例市数据局")

    def install(conn: sa.Connection) -> platform.Installation:
        return platform.install(conn, document, "admin", None, a_clock())

    first, second = meanwhile(database, install, install)
    assert first.key is not None
    assert second.result() == replace(first, key=None)


def test_a_job_that_is_withdrawn_is_claimed_by_nobody(database: Database, people: People) -> None:
    with database.transaction() as conn:
        jobs.enqueue(
            conn,
            job_id="job-1",
            kind=JobKind.DELIVERY,
            subject="one",
            lane="table:one",
            department_id="gongan",
            account=people.steward.name,
            now=NOON,
        )
        jobs.cancel(conn, "job-1")
    withdrawn, claimed = meanwhile(
        database,
        lambda conn: jobs.withdraw(conn, "job-1", NOON),
        lambda conn: jobs.claim(conn, "one", NOON, TTL, gone=lambda _: False),
    )
    assert withdrawn
    assert claimed.result() is None
    with database.reading() as conn:
        assert jobs.require(conn, "job-1").state is JobState.CANCELLED
