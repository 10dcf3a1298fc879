"""What is said of two records, by their descriptions alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from catalog.likeness import judgement
from catalog.likeness.description import description_of
from catalog.likeness.judgement import Verdict
from catalog.likeness.overlap import overlap
from catalog.likeness.territory import Territory
from tests.likeness.makers import (
    CITY,
    DISTRICT,
    OTHER_CITY,
    POLICE,
    PROVINCE,
    SCHOOLS,
    a_description,
    a_party,
    an_item,
    items,
    judged,
    weights_of,
)

HOUSEHOLD = a_description(
    "户籍人口基本信息",
    [
        an_item("公民身份号码", "person.id_number", key=True, identifier="citizen"),
        an_item("姓名", "person.name"),
        an_item("性别", "person.sex"),
        an_item("出生日期", "person.birth_date"),
        an_item("户籍地详址", "person.hukou_address"),
    ],
    department="青禾市公安局",
)


def a_person_table(*collected: dict[str, Any]) -> Sequence[dict[str, Any]]:
    key = an_item("公民身份号码", "person.id_number", key=True, identifier="citizen")
    return [key, *collected]


@pytest.mark.parametrize(
    ("division", "verdict"),
    [
        (CITY, Verdict.PROVIDED_ALREADY),
        (PROVINCE, Verdict.PROVIDED_ALREADY),
        (DISTRICT, Verdict.DESCRIBED_ELSEWHERE),
        (OTHER_CITY, Verdict.DESCRIBED_ELSEWHERE),
    ],
)
def test_the_same_title_is_provided_already_where_its_territory_covers_the_own(
    division: str, verdict: Verdict
) -> None:
    found = judged(a_description("养老机构名录"), a_description("养老机构名录", division=division))
    assert found is not None
    assert found.verdict is verdict
    assert found.overlap.title == 1.0


def test_the_place_of_the_own_department_makes_no_title_alike() -> None:
    own = a_description("青禾市养老机构名录")
    other = a_description("青禾市桥梁检测报告", department="青禾市公安局")
    assert overlap(own, other, weights_of(own, other)).title == 0.0
    assert judged(own, other) is None


def test_elements_are_told_though_titles_differ_and_their_source_is_named() -> None:
    own = a_description(
        "低保对象信息",
        a_person_table(
            an_item("申请人姓名", "person.name"),
            an_item("性别", "person.sex"),
            an_item("出生年月日", "person.birth_date"),
            *items("低保类别", "保障金额", "发放月份", "开户银行", "审批意见"),
        ),
    )
    found = judged(own, HOUSEHOLD)
    assert found is not None
    assert found.verdict is Verdict.PROVIDED_ALREADY
    assert found.by_elements
    assert found.of_authority == ("person.name", "person.sex", "person.birth_date")
    assert found.overlap.title < 0.1


def test_of_another_city_a_source_is_none() -> None:
    own = a_description("低保对象信息", a_person_table(an_item("性别", "person.sex")))
    far = description_of(HOUSEHOLD.as_json().replace(f'"{CITY}"', f'"{OTHER_CITY}"'))
    found = judged(own, far)
    assert found is not None
    assert (found.verdict, found.of_authority) == (Verdict.DESCRIBED_ELSEWHERE, ())


def test_who_is_the_source_is_not_told_of_those_who_copy_it() -> None:
    pupils = a_description(
        "学生花名册",
        a_person_table(an_item("性别", "person.sex"), an_item("出生日期", "person.birth_date")),
    )
    assert judged(HOUSEHOLD, pupils, POLICE, SCHOOLS) is None


def test_numbers_and_names_alone_tell_of_no_second_source() -> None:
    own = a_description("技能大赛获奖名单", a_person_table(an_item("姓名", "person.name")))
    assert judged(own, HOUSEHOLD) is None


def test_a_name_that_every_table_has_weighs_little() -> None:
    own = a_description(
        "困难职工信息",
        a_person_table(
            an_item("姓名", "person.name"),
            an_item("籍贯", "person.native_place"),
            *items("困难类别"),
        ),
    )
    other = a_description(
        "在校学生",
        a_person_table(an_item("姓名", "person.name"), an_item("籍贯", "person.native_place")),
    )
    rare = weights_of(own, other)
    everywhere = weights_of(*[other] * 800, among=1000)
    assert overlap(own, other, rare).elements > 0.6
    assert overlap(own, other, everywhere).elements < 0.1


def test_items_alone_do_not_show_a_record() -> None:
    columns = items("设备名称", "设备代码", "使用单位", "登记机关", "检验日期", "下次检验日期")
    own, other = a_description("锅炉基础信息", columns), a_description("电梯检验台账", columns)
    assert overlap(own, other, weights_of(own, other)).items == 1.0
    assert judged(own, other) is None


def test_most_of_the_items_help_a_title_that_is_half_alike() -> None:
    columns = items("场所名称", "教别", "地址", "负责人", "登记证号")
    own, other = (
        a_description("宗教活动场所", columns),
        a_description("宗教活动场所统计表", columns),
    )
    # 统计 and 计表 are rare here, so that the titles alone do not do
    used = weights_of(own, other, *[a_description("宗教活动场所")] * 20)
    assert 0.4 <= overlap(own, other, used).title < 0.7
    with_items = judged(own, other, weights=used)
    without = judged(
        a_description("宗教活动场所"), a_description("宗教活动场所统计表"), weights=used
    )
    assert with_items is not None
    assert without is None


def test_each_threshold_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = items("场所名称", "教别", "地址", "负责人", "登记证号")
    by_items = a_description("宗教活动场所", columns), a_description("宗教活动场所统计表", columns)
    used = weights_of(*by_items, *[a_description("宗教活动场所")] * 20)
    by_title = a_description("养老机构名录"), a_description("养老机构名录")
    cases = [
        ("TITLE_ALONE", 1.01, by_title, None),
        ("TITLE_WITH_ITEMS", 0.9, by_items, used),
        ("ITEMS_WITH_TITLE", 1.01, by_items, used),
        ("LEAST_ITEMS", 6, by_items, used),
        ("LEAST_OF_AUTHORITY", 1.01, (_with_sex(), HOUSEHOLD), None),
    ]
    for name, raised, (own, other), weights in cases:
        assert judged(own, other, weights=weights) is not None, name
        with monkeypatch.context() as patched:
            patched.setattr(judgement, name, raised)
            assert judged(own, other, weights=weights) is None, name


def _with_sex() -> Any:
    own = a_person_table(an_item("性别", "person.sex"), *items("低保类别", "金额", "月份"))
    return a_description("低保对象信息", own)


def test_half_of_the_elements_is_the_bound_without_an_authority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = a_description("困难职工", a_person_table(an_item("籍贯", "person.native_place")))
    other = a_description("在校学生", a_person_table(an_item("籍贯", "person.native_place")))
    found = judged(own, other, other_provider=SCHOOLS)
    assert found is not None
    assert (found.by_elements, found.of_authority) == (True, ())
    monkeypatch.setattr(judgement, "ELEMENTS_ALONE", 1.01)
    assert judged(own, other, other_provider=SCHOOLS) is None


def test_other_years_are_not_provided_already() -> None:
    own, other = a_description("用水量统计2020年"), a_description("用水量统计2019年")
    found = judged(own, other)
    assert found is not None
    assert (found.verdict, found.territory) == (Verdict.DESCRIBED_ELSEWHERE, Territory.SAME)
    same = judged(own, a_description("2020年用水量统计"))
    assert same is not None
    assert same.verdict is Verdict.PROVIDED_ALREADY


def test_two_departments_that_each_write_of_themselves_have_two_things() -> None:
    archive, union = a_party("青禾市档案馆"), a_party("青禾市残疾人联合会")
    title = "{}年度部门决算公开收支总表及说明"
    own = a_description(title.format("档案馆"), department=archive.name)
    other = a_description(title.format("残疾人联合会"), department=union.name)
    common = weights_of(own, other, *[a_description("档案馆残疾人联合会")] * 900)
    assert overlap(own, other, common).title > judgement.TITLE_ALONE
    assert judged(own, other, archive, union, common) is None
    # in another city it is the like of it all the same
    far = a_description(title.format("档案馆"), division=OTHER_CITY, department="白桥市档案馆")
    assert judged(own, far, archive, a_party("白桥市档案馆"), common) is not None


def test_a_description_comes_back_from_the_index_as_it_was() -> None:
    assert description_of(HOUSEHOLD.as_json().encode()) == HOUSEHOLD
