"""What is offered where nothing is found, and while somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.search.facets import Facet
from catalog.search.finding import Search
from catalog.search.nearby import Nearby, Why, nearby, suggest
from catalog.search.place import Place
from tests.search.makers import a_found, an_index, found


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return an_index(
        tmp_path_factory.mktemp("search"),
        [
            a_found("companies", "企业登记信息", names=("青禾市市场监督管理局", "市监局")),
            a_found("again", "企业登记信息", names=("青禾市市场监督管理局", "市监局")),
            a_found("people", "户籍人口统计", department_id="police", names=("青禾市公安局",)),
        ],
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("企叶登记", Nearby("企业登记", Why.SAME_SOUND, 2)),
        ("企业 气象", Nearby("企业", Why.FEWER_WORDS, 2)),
        ("户籍人口调查", Nearby("户籍人口", Why.FEWER_WORDS, 1)),
        ("人口统计气象", Nearby("户籍人口统计", Why.NEAR_TITLE, 1)),
        ("qiyeq", Nearby("qiye", Why.FEWER_WORDS, 2)),
    ],
)
def test_something_that_is_found_is_offered_instead(
    search: Search, typed: str, offered: Nearby
) -> None:
    assert found(search, typed).total == 0
    assert offered in nearby(search, typed, {})


def test_everything_that_is_offered_is_found(search: Search) -> None:
    for typed in ("企叶登记", "企业 气象", "户籍人口调查", "人口统计气象"):
        for each in nearby(search, typed, {}):
            assert found(search, each.text).total == each.total > 0


def test_without_the_filters_is_offered_first(search: Search) -> None:
    filters = {Facet.DEPARTMENT: ["police"]}
    assert nearby(search, "企业", filters)[0] == Nearby("企业", Why.FEWER_FILTERS, 2)


@pytest.mark.parametrize("typed", ["990101199003071234", "企业 990101 19900307 1234"])
def test_a_number_that_may_be_somebodys_is_not_repeated(search: Search, typed: str) -> None:
    assert nearby(search, typed, {}) == ()


@pytest.mark.parametrize("typed", ["企", "企业", "qiye", "qy", "企業登"])
def test_a_title_is_suggested_once_while_it_is_typed(search: Search, typed: str) -> None:
    assert suggest(search, typed).titles == ("企业登记信息",)


@pytest.mark.parametrize("typed", ["公安", "gonga", "qhs"])
def test_a_department_is_suggested_by_any_of_its_names(search: Search, typed: str) -> None:
    assert "police" in {each.value for each in suggest(search, typed).departments}


def test_nothing_is_suggested_for_nothing(search: Search, tmp_path: Path) -> None:
    assert suggest(search, "，").titles == ()
    assert suggest(Search(Place(tmp_path)), "企").titles == ()
    assert nearby(Search(Place(tmp_path)), "企", {}) == ()
