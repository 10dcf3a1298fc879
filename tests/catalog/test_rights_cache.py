"""Remembered rights: out of memory while nothing has changed, never of two states at once."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from catalog import accounts, grants
from catalog.accounts import key_hash
from catalog.database import Database
from catalog.rights_cache import RightsAsOf, RightsCache, Wanted
from tests.catalog.makers import NOON, a_clock, a_grant, publish, settle

NOBODYS: Wanted = ("0" * 64, "household")
CHANGES = [
    "UPDATE account_keys SET revoked_at = expires_at",
    "UPDATE grants SET valid_until = valid_from",
    "DELETE FROM grants",
    "UPDATE accounts SET roles = 'clerk' WHERE name = 'aid-system'",
    "DELETE FROM account_keys",
]


@pytest.fixture
def key(database: Database) -> Wanted:
    """The key of an application that holds a grant."""
    with database.transaction() as conn:
        people = settle(conn)
        publish(conn, people)
        grants.add_grant(conn, a_grant(), people.authority, a_clock())
        hashed = key_hash(people.application_key)
    assert hashed is not None
    return hashed, "household"


@pytest.fixture
def cache(database: Database) -> RightsCache:
    return RightsCache(database)


def change(database: Database, statement: str) -> None:
    with database.transaction() as conn:
        conn.exec_driver_sql(statement)


def from_memory(cache: RightsCache, wanted: Collection[Wanted]) -> RightsAsOf:
    remembered = cache.remembered(wanted)
    assert remembered is not None
    return remembered


def test_what_was_read_is_remembered_as_it_was_read(cache: RightsCache, key: Wanted) -> None:
    assert cache.remembered([key]) is None
    read = cache.read([key])
    assert from_memory(cache, [key]) == read
    held = read.held[key]
    assert held.key.account_at(NOON).name == "aid-system"
    assert [grant.items for grant in held.grants] == [("name", "address")]
    assert from_memory(cache, []).held == {}


def test_a_key_that_nobody_has_is_never_remembered(cache: RightsCache, key: Wanted) -> None:
    assert cache.read([NOBODYS, key]).held.keys() == {key}
    assert cache.remembered([NOBODYS, key]) is None
    assert cache.remembered([key]) is not None


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_by_whomever_gives_the_rights_a_new_number(
    cache: RightsCache, key: Wanted, database: Database, statement: str
) -> None:
    before = cache.read([key])
    change(database, statement)
    # only a guess, which the number gives away
    assert from_memory(cache, [key]) == before
    after = cache.read([key])
    assert after.revision > before.revision
    assert after.held.get(key) != before.held[key]


def test_a_newer_state_leaves_nothing_of_the_older_one(
    cache: RightsCache, key: Wanted, database: Database
) -> None:
    other = key[0], "another-resource"
    cache.read([key, other])
    change(database, CHANGES[0])
    cache.read([other])
    assert cache.remembered([key]) is None
    assert cache.remembered([other]) is not None


def test_only_so_many_are_remembered_and_the_least_asked_for_goes_first(
    database: Database, key: Wanted
) -> None:
    cache = RightsCache(database, most=2)
    first, second, third = ((key[0], resource) for resource in ("a", "b", "c"))
    cache.read([first])
    cache.read([second])
    assert cache.remembered([first]) is not None
    cache.read([third])
    assert cache.remembered([second]) is None
    assert from_memory(cache, [first, third]).held.keys() == {first, third}


def test_who_would_have_to_wait_for_the_memory_gets_none(cache: RightsCache, key: Wanted) -> None:
    cache.read([key])
    with cache._lock:
        assert cache.remembered([key]) is None
    assert cache.remembered([key]) is not None


def test_many_keys_are_read_with_three_statements(
    cache: RightsCache, key: Wanted, database: Database
) -> None:
    hashes = [key[0]]
    with database.transaction() as conn:
        for _ in range(20):
            hashed = key_hash(accounts.issue_key(conn, "aid-system", a_clock()))
            assert hashed is not None
            hashes.append(hashed)
    wanted = [(hashed, "household") for hashed in hashes]
    statements: list[str] = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *sent: statements.append(sent[2])
    )
    held = cache.read(wanted).held
    assert held.keys() == set(wanted)
    assert len([sent for sent in statements if sent.startswith("SELECT")]) == 3


def test_threads_never_see_the_rights_of_one_state_under_the_number_of_another(
    cache: RightsCache, key: Wanted, database: Database
) -> None:
    """The account says in each state which number that state has."""
    statement = sa.text(
        "UPDATE accounts SET responsible = "
        "(SELECT CAST(revision + 1 AS TEXT) FROM rights_revision) WHERE name = 'aid-system'"
    )

    def alter(times: int) -> None:
        for _ in range(times):
            with database.transaction() as conn:
                conn.execute(statement)

    def look(_: int) -> RightsAsOf:
        return cache.remembered([key]) or cache.read([key])

    alter(1)
    with ThreadPoolExecutor(5) as pool:
        altering = pool.submit(alter, 60)
        read = list(pool.map(lambda _: cache.read([key]), range(60)))
        seen = list(pool.map(look, range(400)))
        altering.result()
    assert len({found.revision for found in read}) > 1
    for found in [*seen, *read]:
        assert found.held[key].key.account.responsible == str(found.revision)
