"""What finds what, in which order, and how it is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.search.errors import QueryTooLong
from catalog.search.facets import Facet
from catalog.search.finding import MOST_CHARACTERS, Query, Search
from catalog.search.place import Place
from catalog.search.tokens import runs, words_apart
from tests.search.makers import a_found, an_index, found, found_by

RECORDS = (
    a_found(
        "clinics",
        "疫苗接种门诊信息",
        provider_name="青禾市卫生健康委员会",
        names=("青禾市卫生健康委员会", "卫健委"),
        items=[{"id": "a", "name": "机构名称"}, {"id": "b", "name": "床位数"}],
        abstract="全市预防接种单位的名单",
        keywords=["免疫规划"],
    ),
    a_found("output", "年度GDP统计（2021年）", provider_name="青禾市统计局"),
    a_found("banks", "银行网点-分布情况", provider_name="青禾市金融办"),
    a_found("one", "市"),
)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return an_index(tmp_path_factory.mktemp("search"), RECORDS)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("疫", "clinics"),  # one character
        ("门诊", "clinics"),  # two
        ("疫苗接", "clinics"),  # while it is typed
        ("疫苗 信息", "clinics"),
        ("yimiao", "clinics"),
        ("yimiaojiezh", "clinics"),
        ("ymjz", "clinics"),
        ("疫苗jiezhong", "clinics"),
        ("疫苗接種門診", "clinics"),
        ("卫健委", "clinics"),
        ("卫健委 接种", "clinics"),
        ("weijianwei", "clinics"),
        ("wjw", "clinics"),
        ("床位", "clinics"),
        ("免疫规划", "clinics"),
        ("预防接种单位", "clinics"),
        ("gdp", "output"),
        ("ＧＤＰ", "output"),
        ("gd", "output"),
        ("2021", "output"),
        ("202", "output"),
        ("2021年 统计", "output"),
        ("年度gdp统计", "output"),
        ("银行网点分布", "banks"),  # what stands between the words is not typed
        ("yinhang", "banks"),
        ("fbqk", "banks"),
    ],
)
def test_a_record_is_found_as_people_type(search: Search, typed: str, expected: str) -> None:
    assert found_by(search, typed)[0] == expected


@pytest.mark.parametrize("typed", ["疫苗 统计", "行银", "门诊统计", "xinhang", "2022", "qqqq"])
def test_what_is_not_there_in_these_words_is_not_found(search: Search, typed: str) -> None:
    assert found_by(search, typed) == []


def test_words_that_stand_apart_are_found_where_none_holds_them_in_one(search: Search) -> None:
    apart = search.find(Query("疫苗门诊"))
    assert [hit.resource_id for hit in apart.hits] == ["clinics"]
    assert apart.apart
    assert not search.find(Query("疫苗接种")).apart
    assert search.find(Query("银行分布")).hits[0].resource_id == "banks"


def test_a_long_word_is_cut_into_words_of_two_the_last_of_two_or_three() -> None:
    cut = {
        "出生证": ["出生证"],
        "出生证明": ["出生", "证明"],
        "人口信息表": ["人口", "信息表"],
        "企业登记gdp": ["企业", "登记", "gdp"],
    }
    assert {text: [run.text for run in words_apart(list(runs(text)))] for text in cut} == cut


def test_a_title_of_one_character_is_found(search: Search) -> None:
    assert "one" in found_by(search, "市")


def test_titles_come_before_departments_then_items_then_abstracts(tmp_path: Path) -> None:
    word = "气象"
    filler = [a_found(f"filler-{n:02d}", "各类登记信息汇总表") for n in range(30)]
    search = an_index(
        tmp_path,
        [
            # that the abstract says it again and again helps it as little as that it is short
            a_found("abstract", "甲表", abstract=f"{word}，{word}，{word}"),
            a_found("items", "乙表", items=[{"id": "a", "name": word}, {"id": "b", "name": word}]),
            a_found("keyword", "丙表", keywords=[word]),
            a_found("department", "丁表", provider_name=f"{word}局"),
            a_found("title", f"一个很长很长的资源名称其中只提到一次{word}两个字而已的说明"),
            *filler,
        ],
    )
    ranked = found_by(search, word)
    assert ranked[:2] == ["title", "department"]
    assert set(ranked[2:4]) == {"items", "keyword"}
    assert ranked[4:] == ["abstract"]


def test_a_title_that_begins_with_it_comes_first_then_the_shorter_one(tmp_path: Path) -> None:
    search = an_index(
        tmp_path,
        [
            a_found("inside", "小微企业"),
            a_found("long", "企业登记信息及其变更情况"),
            a_found("short", "企业登记"),
        ],
    )
    assert found_by(search, "企业") == ["short", "long", "inside"]


def test_what_is_equally_good_is_in_the_order_of_its_ids(tmp_path: Path) -> None:
    ids = [f"r-{n:02d}" for n in range(12)]
    mixed = [a_found(each, "同名资源") for each in reversed(ids)]
    search = an_index(tmp_path, mixed[:5], mixed[5:9], mixed[9:])
    assert found_by(search, "同名资源") == ids
    assert found_by(search, "") == ids
    paged = [
        hit.resource_id
        for offset in range(0, 12, 5)
        for hit in search.find(Query("同名", limit=5, offset=offset)).hits
    ]
    assert paged == ids


FACETED = [
    a_found(
        f"r-{n}",
        "企业名录" if n % 2 else "企业信息",
        department_id=("gongan", "minzheng")[n % 2],
        names=(("示例市公安局", "示例市民政局")[n % 2],),
        classification={"lei": "3", "xiang": f"0{n % 3 + 6}", "mu": "001", "ximu": "01"},
        category_gb21063_4=[{"name": f"主题{n % 2}", "code": f"0{n % 2 + 1}"}],
        share_type=n % 3 + 1,
        format={"category": n % 2 + 2, "type": ("csv", "MySQL")[n % 2]},
        update_cycle=("daily", "yearly", "monthly", "daily")[n % 4],
    )
    for n in range(24)
]


@pytest.fixture(scope="module")
def faceted(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return an_index(tmp_path_factory.mktemp("faceted"), FACETED[:10], FACETED[10:])


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"share_type": "2"},
        {"share_type": "2", "format": "3"},
        {"class": "307", "department": "gongan"},
        {"format": "2/csv", "update_cycle": "daily", "theme": "01"},
        {"department": "none"},
    ],
)
def test_facets_are_counted_by_what_the_other_facets_leave(
    faceted: Search, chosen: dict[str, str]
) -> None:
    answer = found(faceted, "企业", **chosen)
    filters = {Facet(name): value for name, value in chosen.items()}

    def codes(record: int, facet: Facet) -> set[str]:
        return {code for v in FACETED[record].facets[facet] for code in facet.codes_of(v)}

    def passes(record: int, but: Facet | None) -> bool:
        return all(v in codes(record, f) for f, v in filters.items() if f is not but)

    assert {hit.resource_id for hit in answer.hits} == {
        FACETED[n].resource_id for n in range(24) if passes(n, None)
    }
    assert answer.total == len(answer.hits)
    for facet in Facet:
        expected = Counter(c for n in range(24) if passes(n, facet) for c in codes(n, facet))
        assert {each.value: each.count for each in answer.facets[facet]} == expected, facet


def test_values_of_one_facet_are_alternatives(faceted: Search) -> None:
    both = faceted.find(Query("", {Facet.SHARE_TYPE: ["1", "3"]}, limit=50))
    assert both.total == 16
    assert {hit.summary["share_type"] for hit in both.hits} == {1, 3}


def test_departments_and_themes_carry_their_names(faceted: Search) -> None:
    facets = found(faceted, "").facets
    assert {each.name for each in facets[Facet.DEPARTMENT]} == {"示例市公安局", "示例市民政局"}
    assert {each.name for each in facets[Facet.THEME]} == {"主题0", "主题1"}


def test_browsing_needs_no_text(faceted: Search) -> None:
    answer = found(faceted, "", department="minzheng")
    assert answer.total == 12
    assert {hit.department_id for hit in answer.hits} == {"minzheng"}


HOSTILE = [
    "",
    " ",
    "。，！",
    "-+~^*?:\\/()[]{}\"'",
    '"企业',
    "title:企业 AND NOT 信息",
    "企业* OR 1=1; --",
    "😀",
    "企业😀",
    "a" * MOST_CHARACTERS,
    "xian" * 25,
    "1a" * 50,
    "\x00",
    "١٢٣",
    "\u202e企业",
    "ᠮᠣᠩᠭᠣᠯ བོད་ཡིག ئۇيغۇر",
    "𠮷" * 50,
    "ﬁ①㍿",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_nothing_that_is_typed_breaks_the_search(faceted: Search, typed: str) -> None:
    answer = found(faceted, typed)
    assert answer.total <= 24
    assert len(answer.hits) == answer.total


@given(st.text(max_size=MOST_CHARACTERS))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_text_breaks_the_search(faceted: Search, typed: str) -> None:
    assert faceted.find(Query(typed)).total <= 24


def test_signs_alone_find_nothing_and_a_blank_finds_all(faceted: Search) -> None:
    assert found(faceted, "。，！").total == 0
    assert found(faceted, "  ").total == 24


def test_a_text_of_ten_thousand_characters_is_refused_without_being_repeated(
    faceted: Search,
) -> None:
    with pytest.raises(QueryTooLong) as refused:
        faceted.find(Query("企业" * 5000))
    assert "10000" in str(refused.value)
    assert "企业企业" not in str(refused.value)


def test_where_there_is_no_index_yet_nothing_is_found_and_it_says_so(tmp_path: Path) -> None:
    answer = Search(Place(tmp_path / "none")).find(Query("企业"))
    assert (answer.total, answer.complete) == (0, False)
    assert set(answer.facets) == set(Facet)
