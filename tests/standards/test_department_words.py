"""What offices are called: names, abbreviations, places; and no name that means two offices."""

from __future__ import annotations

from collections import Counter

import pytest

from standards.department_words import (
    abbreviations,
    expansions,
    folded_name,
    load_offices,
    read_department,
)

PAIRS = [
    ("卫健委", "卫生健康委员会"),
    ("发改委", "发展和改革委员会"),
    ("人社局", "人力资源和社会保障局"),
    ("市监局", "市场监督管理局"),
    ("市场监管局", "市场监督管理局"),
    ("住建局", "住房和城乡建设局"),
    ("自规局", "自然资源和规划局"),
    ("文广旅局", "文化广电和旅游局"),
    ("文旅局", "文化广电和旅游局"),
    ("工信局", "工业和信息化局"),
    ("应急局", "应急管理局"),
    ("退役军人局", "退役军人事务局"),
    ("医保局", "医疗保障局"),
    ("审批局", "行政审批局"),
    ("城管局", "城市管理局"),
    ("环保局", "生态环境局"),
    ("残联", "残疾人联合会"),
    ("妇联", "妇女联合会"),
    ("红会", "红十字会"),
    ("公积金中心", "住房公积金管理中心"),
    ("政数局", "政务服务数据管理局"),
    ("粮储局", "粮食和物资储备局"),
    ("国资委", "国有资产监督管理委员会"),
]


@pytest.mark.parametrize(("short", "official"), PAIRS)
@pytest.mark.parametrize("place", ["", "青禾市", "市", "青禾市东澜区", "广东"])
def test_an_abbreviation_and_the_name_lead_to_each_other(
    short: str, official: str, place: str
) -> None:
    assert place + official in expansions(place + short)
    assert place + short in abbreviations(place + official)
    assert short in abbreviations(place + official)


def test_a_place_may_stand_inside_a_name() -> None:
    assert "共青团青禾市委员会" in expansions("青禾市团委")
    assert "团市委" in abbreviations("共青团青禾市委员会")
    assert "国家税务总局青禾市税务局" in expansions("青禾市国税局")
    [reading] = read_department("国家税务总局青禾市税务局")
    assert (reading.place, reading.sure) == ("青禾市", True)
    # without its place such a name is no name
    assert "国家税务总局税务局" not in expansions("国税局")


def test_the_level_of_a_place_is_not_the_end_of_its_name() -> None:
    assert "市卫健委" in abbreviations("柳州市卫生健康委员会")
    assert "州卫健委" not in abbreviations("柳州卫生健康委员会")


@pytest.mark.parametrize(
    ("text", "place", "office"),
    [
        ("柳州市人民政府国有资产监督管理委员会", "柳州市", "国有资产监督管理委员会"),
        ("金华市商务局(粮食局)", "金华市", "商务局"),
        ("金华市商务局（粮食局）", "金华市", "商务局"),
        (" 市 卫 健 委 ", "市", "卫生健康委员会"),
        ("三江侗族自治县人民政府办公室", "三江侗族自治县", "人民政府办公室"),
    ],
)
def test_a_name_as_portals_write_it_is_read(text: str, place: str, office: str) -> None:
    [reading] = read_department(text)
    assert (reading.place, reading.office.name, reading.sure) == (place, office, True)


@pytest.mark.parametrize("text", ["", "…", "人口信息基础库", "柳城县", "某某集团"])
def test_what_is_no_office_is_not_read(text: str) -> None:
    assert read_department(text) == ()
    assert expansions(text) == abbreviations(text) == ()


def test_what_stands_before_an_office_and_is_no_known_place_is_not_sure() -> None:
    [reading] = read_department("环境卫生局")
    assert not reading.sure
    assert expansions("环境卫生局") == ()


def test_each_form_belongs_to_one_office_and_is_written_as_names_are_compared() -> None:
    offices = load_offices()
    forms = Counter(form for each in offices for form in (*each.official, *each.short))
    assert {form for form, count in forms.items() if count > 1} == set()
    assert all(folded_name(form) == form for form in forms)
    assert len(offices) > 100


def test_every_official_name_is_read_as_its_own_office() -> None:
    for office in load_offices():
        for form in office.official:
            name = form.replace("…", "青禾市") if "…" in form else f"青禾市{form}"
            [reading] = read_department(name)
            assert reading.office.name == office.name, name
