"""Resource codes: their form, and that none comes twice, however many are issued at once."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from catalog.codes import front_of, is_resource_code, issue_code
from catalog.database import Database
from tests.catalog.makers import a_record


@pytest.mark.parametrize("code", ["101001/1", "2010010001/12", "3070010101/000123"])
def test_the_sample_codes_are_codes(code: str) -> None:
    assert is_resource_code(code)


@pytest.mark.parametrize("text", ["401001/1", "10101/1", "101001-1", "101001/", "household"])
def test_other_texts_are_no_codes(text: str) -> None:
    assert not is_resource_code(text)


def test_the_front_code_is_the_classification() -> None:
    assert front_of(a_record()) == "30700101"
    base = {"lei": "1", "xiang": "01", "mu": "001", "ximu": ""}
    assert front_of(a_record(classification=base)) == "101001"


def test_serials_are_counted_within_their_front_code(conn: sa.Connection) -> None:
    issued = [issue_code(conn, front) for front in ("101001", "102001", "101001")]
    assert issued == ["101001/1", "102001/1", "101001/2"]


def test_no_code_comes_twice_when_many_are_issued_at_once(database: Database) -> None:
    issued: list[str] = []

    def issue() -> None:
        for _turn in range(25):
            with database.transaction() as conn:
                issued.append(issue_code(conn, "101001"))

    threads = [threading.Thread(target=issue) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(issued, key=lambda code: int(code.split("/")[1])) == [
        f"101001/{number}" for number in range(1, 101)
    ]
