"""What `package_search` understands of its parameters, and what it says of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.profiles.ckan_query import MOST_ROWS, Asked, search_of
from catalog.profiles.errors import WrongParameter
from catalog.profiles.packages import Order


def search(**parameters: Any) -> Any:
    return search_of(Asked({name.replace("__", "."): v for name, v in parameters.items()}))


@pytest.mark.parametrize("everything", ["", "*", "*:*"])
def test_nothing_asked_for_is_everything(everything: str) -> None:
    found = search(q=everything)
    assert (found.text, found.wanted.words, found.wanted.rows) == ("", (), 10)
    assert found.by_relevance


def test_rows_come_as_numbers_or_as_texts_and_never_too_many() -> None:
    assert search(rows="25", start=50).wanted.rows == 25
    assert search(rows=10**6).wanted.rows == MOST_ROWS
    assert search(rows="").wanted.rows == 10


@pytest.mark.parametrize(
    ("fq", "departments", "groups", "formats"),
    [
        ("organization:gongan", ("gongan",), (), ()),
        ('+owner_org:"gongan"', ("gongan",), (), ()),
        ("organization:(gongan OR minzheng)", ("gongan", "minzheng"), (), ()),
        ('organization:gongan res_format:"CSV" groups:ZC', ("gongan",), ("ZC",), ("csv",)),
        ("state:active private:false dataset_type:dataset", (), (), ()),
        ("organization:gongan AND groups:ZC", ("gongan",), ("ZC",), ()),
    ],
)
def test_filters_narrow_by_their_fields(
    fq: str, departments: tuple[str, ...], groups: tuple[str, ...], formats: tuple[str, ...]
) -> None:
    found = search(fq=fq)
    assert (found.wanted.departments, found.groups, found.formats) == (departments, groups, formats)


def test_a_query_may_name_a_field_and_filters_may_come_as_a_list() -> None:
    assert search(q="organization:gongan").wanted.departments == ("gongan",)
    found = search(q="户籍 人口", fq_list=["organization:gongan", "name:household"])
    assert found.text == "户籍 人口"
    assert found.wanted.ids == ("household",)
    assert search(q="时间：下午").text == "时间：下午"


def test_what_changed_since_can_be_asked_for() -> None:
    found = search(fq="metadata_modified:[2026-11-02T00:00:00Z TO *]")
    assert found.wanted.since == datetime(2026, 11, 2, tzinfo=UTC)
    assert found.wanted.until is None
    assert search(fq="metadata_modified:[* TO 2026-11-02]").wanted.until is not None


@pytest.mark.parametrize(
    ("sort", "order", "descending"),
    [
        ("metadata_modified desc", Order.MODIFIED, True),
        ("id asc", Order.ID, False),
        ("name", Order.ID, False),
        ("title_string asc, id asc", Order.TITLE, False),
    ],
)
def test_an_order_is_taken_from_its_first_part(sort: str, order: Order, descending: bool) -> None:
    found = search(sort=sort)
    assert (found.wanted.order, found.wanted.descending) == (order, descending)
    assert not found.by_relevance


def test_facets_come_as_a_list_or_as_the_text_of_one() -> None:
    assert search(facet__field='["organization", "tags"]').facets == ("organization",)
    assert search(facet__field=["groups"]).facets == ("groups",)


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"rows": "many"}, "rows"),
        ({"rows": -1}, "rows"),
        ({"rows": True}, "rows"),
        ({"start": 1.5}, "start"),
        ({"sort": "views_recent desc"}, "sort"),
        ({"sort": "name upwards"}, "sort"),
        ({"fq": "tags:户籍"}, "fq"),
        ({"fq": "-organization:gongan"}, "fq"),
        ({"fq": "gongan"}, "fq"),
        ({"fq": "private:true"}, "fq"),
        ({"fq": "metadata_modified:[yesterday TO *]"}, "fq"),
        ({"fq": "metadata_modified:2026"}, "fq"),
        ({"fq": 5}, "fq"),
        ({"q": "长" * 101}, "q"),
        ({"q": ["a"]}, "q"),
        ({"facet__field": "[1"}, "facet.field"),
        ({"facet__field": [1]}, "facet.field"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(
    parameters: dict[str, Any], named: str
) -> None:
    with pytest.raises(WrongParameter) as refused:
        search(**parameters)
    assert refused.value.parameter == named
