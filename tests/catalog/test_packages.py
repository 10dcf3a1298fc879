"""Lists of published records by number and order, as CKAN's clients ask for them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from catalog.changes import note_change
from catalog.profiles.packages import (
    Order,
    TopicReader,
    Wanted,
    count_by_department,
    find_packages,
    list_ids,
    packages_of,
)
from tests.catalog.makers import NOON, People, publish
from tests.catalog.makers import a_record as a_draft
from tests.profiles.makers import FIRST_DAY, publish_directly, published_record

COUNT = 24


@pytest.fixture
def many(conn: sa.Connection, people: People) -> sa.Connection:
    """Two dozen published records, and one that is not."""
    from catalog import records
    from tests.catalog.makers import a_clock

    publish_directly(conn, map(published_record, range(COUNT)))
    records.add_record(conn, a_draft(resource_id="a-draft"), people.steward, a_clock())
    return conn


def ids(conn: sa.Connection, **wanted: object) -> list[str]:
    return [row.resource_id for row in find_packages(conn, Wanted(**wanted)).rows]  # type: ignore[arg-type]


def test_only_what_is_published_is_listed(many: sa.Connection) -> None:
    found = list_ids(many, 0, None)
    assert found == [f"many-{number:05d}" for number in range(COUNT)]
    assert list_ids(many, 3, 2) == ["many-00003", "many-00004"]
    assert find_packages(many, Wanted(rows=0)).total == COUNT


def test_a_page_is_cut_out_of_the_order_that_was_asked_for(many: sa.Connection) -> None:
    assert ids(many, rows=2) == ["many-00000", "many-00001"]
    assert ids(many, rows=2, start=22) == ["many-00022", "many-00023"]
    newest = ids(many, rows=2, order=Order.MODIFIED, descending=True)
    assert newest == ["many-00023", "many-00022"]
    assert ids(many, rows=1, order=Order.TITLE) == ["many-00000"]


def test_words_departments_ids_and_times_narrow_a_list(many: sa.Connection) -> None:
    assert find_packages(many, Wanted(words=("第", "23"))).total == 1
    assert find_packages(many, Wanted(words=("第 23 类", "没有"))).total == 0
    assert find_packages(many, Wanted(words=("100%",))).total == 0
    assert find_packages(many, Wanted(departments=("gongan",))).total == COUNT // 2
    assert ids(many, ids=("many-00005", "a-draft", "none")) == ["many-00005"]
    since, until = FIRST_DAY + timedelta(minutes=20), FIRST_DAY + timedelta(minutes=21)
    assert ids(many, since=since, until=until) == ["many-00020", "many-00021"]
    assert count_by_department(many) == {"gongan": COUNT // 2, "minzheng": COUNT // 2}


def test_records_come_in_the_order_of_their_ids_as_given(many: sa.Connection) -> None:
    found = packages_of(many, ["many-00009", "a-draft", "many-00002"])
    assert [row.resource_id for row in found] == ["many-00009", "many-00002"]


def test_topics_are_read_again_when_the_catalogue_has_changed(
    many: sa.Connection, people: People
) -> None:
    reader = TopicReader()
    before = reader.topics(many)
    assert before.keywords["户籍"] == sum(
        "户籍" in published_record(n)["keywords"] for n in range(COUNT)
    )
    assert ("ZCC00", "矿藏") in before.themes
    assert reader.topics(many) is before
    note_change(many, "many-00001", NOON)
    assert reader.topics(many) == before
    elsewhere = {"lei": "3", "xiang": "09", "mu": "001", "ximu": "01"}
    new = a_draft(resource_id="new-one", keywords=["新词"], classification=elsewhere)
    publish(many, people, new)
    assert reader.topics(many).keywords["新词"] == 1
