"""Accounts: roles that go together, and keys that are hashed, revocable and expire."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import combinations

import pytest
import sqlalchemy as sa

from catalog import accounts
from catalog.account_errors import (
    AccountNotFound,
    AccountTaken,
    ExpiredKey,
    InvalidAccount,
    RevokedKey,
    RolesApart,
    UnknownKey,
)
from catalog.errors import DepartmentNotFound
from catalog.roles import APART, Role
from catalog.tables import account_keys
from tests.catalog.makers import NOON, People, a_clock
from tests.catalog.plans import statements_of


def test_a_key_opens_its_account(conn: sa.Connection, people: People) -> None:
    assert accounts.authenticate(conn, people.application_key, NOON) == people.application


def test_a_key_holds_256_random_bits_and_is_kept_as_a_hash(
    conn: sa.Connection, people: People
) -> None:
    word, prefix, secret = people.application_key.split("_", 2)
    assert (word, len(secret)) == ("dt", 43)
    [row] = conn.execute(sa.select(account_keys).where(account_keys.c.account == "aid-system"))
    assert row.prefix == prefix
    assert row.key_sha256 == hashlib.sha256(people.application_key.encode()).hexdigest()
    assert people.application_key not in str(row)


@pytest.mark.parametrize("key", ["", "dt_", "密钥", "dt_00000000_" + "A" * 43, "x" * 10_000])
def test_an_unknown_key_opens_nothing(conn: sa.Connection, people: People, key: str) -> None:
    with pytest.raises(UnknownKey) as refused:
        accounts.authenticate(conn, key, NOON)
    assert "AAAA" not in str(refused.value)


def test_a_revoked_key_opens_nothing_and_a_new_one_does(
    conn: sa.Connection, people: People
) -> None:
    assert accounts.revoke_key(conn, "aid-system", a_clock()) == 1
    assert accounts.revoke_key(conn, "aid-system", a_clock()) == 0
    with pytest.raises(RevokedKey):
        accounts.authenticate(conn, people.application_key, NOON)
    key = accounts.issue_key(conn, "aid-system", a_clock())
    assert accounts.authenticate(conn, key, NOON) == people.application


def test_a_key_expires_at_its_instant(conn: sa.Connection, people: People) -> None:
    end = NOON + accounts.KEY_LIFETIME
    assert accounts.authenticate(conn, people.application_key, end - timedelta(microseconds=1))
    with pytest.raises(ExpiredKey):
        accounts.authenticate(conn, people.application_key, end)


def test_a_key_is_live_until_it_is_revoked_or_expires(conn: sa.Connection, people: People) -> None:
    everybody = {account.name for account in accounts.list_accounts(conn)}
    assert accounts.with_live_key(conn, NOON) == everybody
    assert accounts.with_live_key(conn, NOON + accounts.KEY_LIFETIME) == frozenset()
    accounts.revoke_key(conn, "aid-system", a_clock())
    assert accounts.with_live_key(conn, NOON) == everybody - {"aid-system"}
    accounts.issue_key(conn, "aid-system", a_clock())
    assert accounts.with_live_key(conn, NOON) == everybody


def add(
    conn: sa.Connection,
    name: str = "li",
    kind: str = "person",
    roles: tuple[str, ...] = ("clerk",),
    department: str = "gongan",
    responsible: str | None = None,
) -> tuple[accounts.Account, str | None]:
    return accounts.add_account(conn, name, department, kind, responsible, roles, a_clock())


@pytest.mark.parametrize("pair", list(combinations(sorted(APART), 2)))
def test_nobody_is_two_of_the_three_administrators(
    conn: sa.Connection, people: People, pair: tuple[Role, Role]
) -> None:
    with pytest.raises(RolesApart):
        add(conn, roles=(*pair, Role.CLERK))
    assert add(conn, roles=(pair[0], Role.CLERK))


def test_the_same_account_again_is_answered_without_a_key(
    conn: sa.Connection, people: People
) -> None:
    account, key = add(conn)
    assert key is not None
    assert add(conn) == (account, None)
    with pytest.raises(AccountTaken):
        add(conn, roles=("steward",))


def test_an_account_that_can_not_be_is_refused(conn: sa.Connection, people: People) -> None:
    for refusal, facts in (
        (InvalidAccount, {"kind": "robot"}),
        (InvalidAccount, {"roles": ()}),
        (InvalidAccount, {"roles": ("king",)}),
        (InvalidAccount, {"name": "two words"}),
        (InvalidAccount, {"kind": "application"}),
        (DepartmentNotFound, {"department": "absent"}),
    ):
        with pytest.raises(refusal):
            add(conn, **facts)
    with pytest.raises(AccountNotFound):
        accounts.revoke_key(conn, "absent", a_clock())


def test_no_identity_number_names_an_account_nor_is_it_repeated(
    conn: sa.Connection, people: People
) -> None:
    with pytest.raises(InvalidAccount) as refused:
        add(conn, name="990101199003070015")
    assert "990101199003070015" not in f"{refused.value} {refused.value.facts}"


def test_the_account_of_dropped_files_is_made_once_and_has_no_key(
    conn: sa.Connection, people: People
) -> None:
    made = accounts.incoming_account(conn, "gongan", a_clock())
    assert (made.name, made.department_id, made.roles) == (
        "gongan-incoming",
        "gongan",
        frozenset({Role.CLERK}),
    )
    assert accounts.incoming_account(conn, "gongan", a_clock()) == made
    assert accounts.revoke_key(conn, "gongan-incoming", a_clock()) == 0
    with pytest.raises(InvalidAccount, match="-incoming"):
        accounts.issue_key(conn, "gongan-incoming", a_clock())
    with pytest.raises(InvalidAccount, match="-incoming"):
        add(conn, name="minzheng-incoming")
    with pytest.raises(DepartmentNotFound):
        accounts.incoming_account(conn, "absent", a_clock())


def test_an_account_that_had_the_name_before_is_not_delivered_under(
    conn: sa.Connection, people: People
) -> None:
    add(conn, name="old")
    renamed = sa.text("UPDATE accounts SET name = 'gongan-incoming' WHERE name = 'old'")
    conn.execute(sa.text("DELETE FROM account_keys WHERE account = 'old'"))
    conn.execute(renamed)
    with pytest.raises(AccountTaken):
        accounts.incoming_account(conn, "gongan", a_clock())


def test_accounts_are_listed_by_department(conn: sa.Connection, people: People) -> None:
    assert [each.name for each in accounts.list_accounts(conn, "gongan")] == [
        "reviewer",
        "steward",
    ]
    assert len(accounts.list_accounts(conn)) == 4


def test_authentication_is_one_select_on_an_index(conn: sa.Connection, people: People) -> None:
    with statements_of(conn) as seen:
        accounts.authenticate(conn, people.application_key, NOON)
    [statement] = seen
    indexes = statement.indexes(conn)
    assert {"sqlite_autoindex_account_keys_1", "pk_account_keys"} & indexes
    assert {"sqlite_autoindex_accounts_1", "pk_accounts"} & indexes
