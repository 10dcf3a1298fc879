"""What no database can hold is refused by one known error, before anything is sent."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import accounts, deliveries, departments, records
from catalog.storable import UnusableValue
from catalog.tables import code_fronts
from tests.catalog.makers import People, a_clock, a_department, publish

NUL = "secret\x00text"
HALF = "secret\ud800text"


@pytest.mark.parametrize("text", [NUL, HALF])
def test_what_no_text_can_be_is_not_looked_for(conn: sa.Connection, text: str) -> None:
    for search in (accounts.find_account, departments.find, deliveries.find, records.published):
        with pytest.raises(UnusableValue) as refused:
            search(conn, text)
        assert refused.value.field in {"name", "department_id", "delivery_id", "resource_id"}
        assert "secret" not in f"{refused.value} {refused.value!r} {refused.value.__cause__}"
    with pytest.raises(UnusableValue):
        records.list_published(conn, q=text)


@pytest.mark.parametrize("text", [NUL, HALF])
def test_what_no_text_can_be_is_not_kept_among_others(conn: sa.Connection, text: str) -> None:
    rows = [{"front": front, "last_issued": 1} for front in ("101001", text, "102001")]
    with pytest.raises(UnusableValue):
        conn.execute(sa.insert(code_fronts), rows)
    # nothing was sent, so the transaction is as it was
    assert conn.execute(sa.select(code_fronts)).all() == []


def test_a_text_longer_than_its_column_is_refused_by_the_name_of_it(
    conn: sa.Connection, people: People
) -> None:
    def add(responsible: str) -> Any:
        name, roles = f"app{len(responsible)}", ["consumer"]
        return accounts.add_account(
            conn, name, "gongan", "application", responsible, roles, a_clock()
        )

    with pytest.raises(UnusableValue) as refused:
        add("王" * 101)
    assert (refused.value.field, "100" in refused.value.why_en) == ("responsible", True)
    account, _key = add("𠮷" * 100)
    assert accounts.find_account(conn, account.name) == account


def test_a_long_text_is_looked_for_and_not_found(conn: sa.Connection) -> None:
    assert departments.find(conn, "a" * 5000) is None


def test_a_number_beyond_its_column_is_refused(conn: sa.Connection, people: People) -> None:
    publish(conn, people)
    with pytest.raises(UnusableValue):
        records.document_of(conn, "household", 2**70)


def test_the_refusal_survives_another_process() -> None:
    error = UnusableValue("name", "含有空字符", "it holds a NUL")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own


def test_quotes_and_wide_characters_are_kept_as_they_are(conn: sa.Connection) -> None:
    name = "'\"%s %(x)s ?; -- \\ \t\x01 𠮷\ufffe\U0010ffff"
    added = departments.add(conn, a_department(name=name), a_clock())
    assert departments.require(conn, "gongan") == added
    assert added.name == name
