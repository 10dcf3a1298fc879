"""CKAN's `package_search` with the search engine behind it: texts, themes, formats and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import ckanapi
import pytest

from api.bootstrap import Services
from api.usecases import ckan_search
from tests.api.conftest import served
from tests.profiles.makers import published_record
from tests.profiles.test_harvesting import COUNT, HIDDEN, services

__all__ = ["services"]  # the same catalogue, in a home of its own

RECORDS = [published_record(number) for number in range(COUNT)]


@pytest.fixture(scope="module")
def ckan(services: Services) -> Iterator[ckanapi.RemoteCKAN]:
    """A client of a catalogue whose index is made."""
    follower = services.search_follower()
    assert follower.catch_up()
    follower.close()
    with served(services) as address, ckanapi.RemoteCKAN(address) as client:
        yield client


def ids(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["id"] for each in found["results"]]


def test_a_text_is_answered_by_relevance(ckan: ckanapi.RemoteCKAN) -> None:
    found = ckan.action.package_search(q="第 23 类")
    assert ids(found)[0] == "many-00023"
    by_pinyin = ckan.action.package_search(q="dengji", rows=1000)
    assert {f"many-{number:05d}" for number in range(COUNT)} <= set(ids(by_pinyin))
    assert HIDDEN not in ids(ckan.action.package_search(q="尚未发布", rows=1000))


def test_pages_of_a_text_follow_on_each_other(ckan: ckanapi.RemoteCKAN) -> None:
    whole = ids(ckan.action.package_search(q="登记", rows=1000))
    cut = [
        each
        for start in range(0, len(whole), 7)
        for each in ids(ckan.action.package_search(q="登记", rows=7, start=start))
    ]
    assert cut == whole
    assert len(set(whole)) == len(whole) >= COUNT


def test_formats_and_themes_narrow_and_may_be_sorted(ckan: ckanapi.RemoteCKAN) -> None:
    tables = [each["resource_id"] for each in RECORDS if each["format"]["type"] == "csv"]
    found = ckan.action.package_search(fq='res_format:"CSV"', rows=1000)
    assert (found["count"], set(ids(found))) == (len(tables), set(tables))
    newest = ckan.action.package_search(
        fq="res_format:CSV", rows=2, start=1, sort="metadata_modified desc"
    )
    assert ids(newest) == tables[::-1][1:3]
    assert newest["count"] == len(tables)
    themed = [
        each["resource_id"]
        for each in RECORDS
        if each.get("category_gb21063_4", [{"code": ""}])[0]["code"] == "ZCC00"
    ]
    assert themed
    found = ckan.action.package_search(fq="groups:ZCC00 organization:minzheng", rows=1000)
    assert set(ids(found)) == set(themed)
    assert ckan.action.package_search(fq="groups:ZCC00 name:many-00000")["count"] == 0


def test_facets_count_what_was_found(ckan: ckanapi.RemoteCKAN) -> None:
    fields = ["organization", "groups", "res_format"]
    found = ckan.action.package_search(**{"facet.field": fields, "rows": 0})
    assert found["results"] == []
    facets = found["facets"]
    assert facets["organization"]["gongan"] == facets["organization"]["minzheng"] == COUNT // 2
    types = Counter(each["format"]["type"].upper() for each in RECORDS)
    types["API"] += 2  # the base views
    assert facets["res_format"] == dict(types)
    assert sum(facets["groups"].values()) == COUNT // 2
    items = found["search_facets"]["organization"]["items"]
    assert {"name": "gongan", "display_name": "示例市公安局", "count": COUNT // 2} in items
    narrowed = ckan.action.package_search(
        **{"facet.field": '["organization", "res_format"]', "fq": "organization:gongan"}
    )["facets"]
    assert narrowed["organization"] == {"gongan": COUNT // 2}
    mine = Counter(each["format"]["type"].upper() for each in RECORDS[::2])
    assert narrowed["res_format"] == dict(mine)


def test_too_many_to_be_sorted_is_said(
    ckan: ckanapi.RemoteCKAN, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ckan_search, "MOST_SORTED", 3)
    with pytest.raises(ckanapi.ValidationError):
        ckan.action.package_search(fq="res_format:CSV", sort="id asc")


def test_without_an_index_a_text_is_looked_for_in_the_database(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from catalog.search.finding import Search
    from catalog.search.place import Place

    nowhere = Search(Place(tmp_path_factory.mktemp("no-index")))
    monkeypatch.setitem(services.__dict__, "search", nowhere)
    with served(services) as address, ckanapi.RemoteCKAN(address) as client:
        found = client.action.package_search(q="第 23 类")
        assert ids(found) == ["many-00023"]
