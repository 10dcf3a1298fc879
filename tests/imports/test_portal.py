"""Records of portals become drafts: what is known, what is left to decide, what is listed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.drafts import Draft
from catalog.imports.duplicates import Likeness
from catalog.imports.portal import Imported, Lack, read_portal
from catalog.imports.values import text_of, words_of
from standards.code_lists import load_code_lists
from standards.portal_mappings import PortalMapping, load_mapping, read_mapping, shipped_mappings
from standards.record_check import check_record
from standards.violations import errors_of
from tests.conftest import require_part

CATALOGUE = Path(__file__).parents[3] / "shared" / "data" / "catalog-cn"
FIELDS = {
    "标题": "name", "单位": "department", "摘要": "abstract",
    "标签": {"to": "keywords", "split": "、"},
    "周期": "update_cycle", "开放": "openness", "格式": "formats", "行业": "industry",
    "领域": "theme", "数据量": "rows", "网址": "online_url",
}  # fmt: skip


def a_mapping(**facts: Any) -> PortalMapping:
    return read_mapping("m.yaml", {"id": "example_city", "fields": FIELDS, **facts})


def a_found(**values: Any) -> dict[str, Any]:
    record = {
        "标题": "养老机构信息",
        "单位": "示例市民政局",
        "摘要": "养老机构名称、地址、床位数",
        "标签": "养老、机构、_",
        "周期": "每年",
        "开放": "无条件开放",
        "格式": ["xls", "json"],
        "行业": "卫生和社会工作",
        "领域": "社会救助",
        "数据量": "1,299",
        "网址": "https://data.example/1",
    }
    return {**record, **values}


def read(*records: dict[str, Any], **facts: Any) -> Imported:
    return read_portal(records, a_mapping(**facts), "example_city")


def the_draft(**values: Any) -> Draft:
    [draft] = read(a_found(**values)).drafts
    return draft


def undecided(draft: Draft) -> dict[str, str | None]:
    return {decision.path: decision.value for decision in draft.decisions}


def test_what_is_known_stands_in_the_fields_of_a_record() -> None:
    draft = the_draft()
    assert draft.document == {
        "resource_id": "example-city-000000",
        "name": "养老机构信息",
        "provider_name": "示例市民政局",
        "abstract": "养老机构名称、地址、床位数",
        "keywords": ["养老", "机构"],
        "category_gb21063_4": [{"standard": "GB/T 4754", "name": "卫生和社会工作", "code": "Q"}],
        "format": {"category": 2, "type": "xls", "note": "xls、json"},
        "open": True,
        "open_type": "unconditional",
        "update_cycle": "yearly",
        "online_url": "https://data.example/1",
    }
    assert draft.found == {
        "theme": "社会救助",
        "industry": "卫生和社会工作",
        "openness": "无条件开放",
        "rows": "1,299",
    }


def test_what_is_missing_is_left_to_be_decided() -> None:
    assert undecided(the_draft()) == {
        "provider_code": "示例市民政局",
        "classification": "社会救助",
        "share_type": None,
        "items": None,
    }


@pytest.mark.parametrize(
    ("values", "path", "value"),
    [
        ({"周期": "自定义"}, "update_cycle", "自定义"),
        ({"周期": ""}, "update_cycle", None),
        ({"周期": "暂无"}, "update_cycle", "暂无"),
        ({"开放": "L1"}, "open", "L1"),
        ({"开放": None}, "open", None),
        ({"开放": "开放网站"}, "open_type", "开放网站"),
        ({"开放": "有条件开放"}, "open_condition", "有条件开放"),
        ({"格式": "excl"}, "format", "excl"),
        ({"格式": []}, "format", None),
        ({"格式": "03,0310"}, "format/type", "03,0310"),
        ({"格式": "['xls', '其他']"}, "format/note", "其他"),
        ({"行业": "势力业"}, "category_gb21063_4", "势力业"),
        ({"摘要": "无"}, "abstract", "无"),
        ({"网址": "见门户"}, "online_url", "见门户"),
    ],
)
def test_a_value_that_no_table_knows_is_a_decision_with_the_value_as_found(
    values: dict[str, Any], path: str, value: str | None
) -> None:
    draft = the_draft(**values)
    assert undecided(draft)[path] == value
    assert path.split("/")[0] == "format" or path not in draft.document


def test_who_decides_all_that_is_asked_has_a_record_without_errors() -> None:
    """The decisions name every field that the check of the unfinished record finds at fault."""
    lists = load_code_lists()
    cases = [
        {},
        {"格式": "pdf"},
        {"格式": "api"},
        {"格式": None, "周期": "?", "开放": "?", "摘要": ""},
    ]
    for values in cases:
        draft = the_draft(**values)
        asked = {path.split("/")[0] for path in undecided(draft)}
        wrong = {v.path.split("/")[0] for v in errors_of(check_record(draft.document, lists))}
        assert wrong <= asked, values
        assert {"provider_code", "classification", "share_type"} <= wrong


def test_only_a_record_without_title_or_department_is_listed() -> None:
    done = read(a_found(), a_found(标题=" "), a_found(单位=None), a_found(单位="暂无", 周期="?"))
    assert [(each.position, each.lack) for each in done.listed] == [
        (1, Lack.NAME),
        (2, Lack.DEPARTMENT),
        (3, Lack.DEPARTMENT),
    ]
    assert len(done.drafts) + len(done.listed) == done.records == 4
    assert done.unknown["update_cycle"] == {"?": 1}  # counted, whatever became of the record


def test_a_key_that_the_mapping_does_not_speak_of_is_reported() -> None:
    assert read(a_found(新列="1"), a_found()).unmapped == {"新列": 1}
    assert read(a_found(新列="1"), ignored={"新列": "序号"}).unmapped == {}


def test_a_mapping_may_say_what_its_portals_own_words_stand_for() -> None:
    own = {"update_cycle": {"自定义": {"update_cycle": "other"}}}
    done = read(a_found(周期="自定义"), spellings=own)
    assert done.drafts[0].document["update_cycle"] == "other"
    assert done.unknown["update_cycle"] == {}


def test_a_repeat_is_told_with_the_record_that_it_repeats() -> None:
    first = a_found()
    done = read(
        first,
        a_found(标题="养老 机构信息", 网址="https://data.example/2"),
        a_found(标题="养老机构信息", 单位="示例县民政局"),
        a_found(标题="养老机构信息", 数据量="7"),
        dict(first),
        a_found(标题="殡葬服务信息"),
    )
    found = {each.position: (each.repeats, each.likeness) for each in done.duplicates}
    assert found == {
        1: (0, Likeness.SAME_PROVIDER),
        2: (0, Likeness.SAME_TITLE),
        3: (0, Likeness.SAME_PROVIDER),
        4: (0, Likeness.IDENTICAL),
    }
    assert [each.position for each in done.duplicates if each.as_written] == [2, 3, 4]


@pytest.mark.parametrize(
    ("value", "split", "words"),
    [
        ("['xls', 'json']", None, ("xls", "json")),
        ('["xls"]', None, ("xls",)),
        ("[]", None, ()),
        (["xlsx", "xlsx", " "], None, ("xlsx",)),
        ("所\r\n\t交\r\n\t农、林、牧、渔业", "lines", ("所", "交", "农、林、牧、渔业")),
        ("省、信息、_、-", "、", ("省", "信息")),
        (None, "、", ()),
    ],
)
def test_lists_are_read_however_a_portal_writes_them(
    value: object, split: str | None, words: tuple[str, ...]
) -> None:
    assert words_of(value, split) == words


def test_a_line_broken_inside_a_name_is_mended() -> None:
    assert text_of("市地方金融监督管理\n局") == "市地方金融监督管理局"
    assert text_of(" Open\n Data\x00 ") == "Open Data"


@pytest.fixture(scope="module")
def portals() -> dict[str, tuple[list[dict[str, Any]], Imported]]:
    if not CATALOGUE.is_dir():
        require_part("data", "no catalog-cn")
    read_in = {}
    for name in shipped_mappings():
        records = json.loads((CATALOGUE / "portals" / f"{name}.json").read_text("utf-8"))
        read_in[name] = records, read_portal(records, load_mapping(name), name)
    return read_in


Portals = dict[str, tuple[list[dict[str, Any]], Imported]]


def test_every_real_record_is_a_draft_or_is_listed(portals: Portals) -> None:
    drafts = sum(len(done.drafts) for _, done in portals.values())
    listed = [each for _, done in portals.values() for each in done.listed]
    assert drafts + len(listed) == 16_725
    assert Counter(each.lack for each in listed) == {Lack.DEPARTMENT: 1_841}
    assert all(not done.unmapped for _, done in portals.values())


def test_the_repeats_that_were_counted_elsewhere_are_among_those_found(portals: Portals) -> None:
    stats = json.loads((CATALOGUE / "STATS_and_mapping.json").read_text("utf-8"))
    for name, (records, done) in portals.items():
        key = next(rule.key for rule in load_mapping(name).rules if rule.target.value == "name")
        seen: set[str] = set()
        repeated = set()
        for position, record in enumerate(records):
            if record[key] in seen:
                repeated.add(position)
            seen.add(record[key])
        assert len(repeated) == stats[name]["duplicate_titles"]
        assert repeated == {each.position for each in done.duplicates if each.as_written}
        identical = [each for each in done.duplicates if each.likeness is Likeness.IDENTICAL]
        assert len(identical) == stats[name]["records_identical_to_an_earlier_one"]
        for each in identical:
            assert records[each.position] == records[each.repeats]


def test_every_spelling_of_the_portals_is_normalised_or_reported(portals: Portals) -> None:
    unknown: Counter[str] = Counter()
    for _, done in portals.values():
        unknown.update(done.unknown["update_cycle"])
    assert unknown == {"自定义": 1}
    said: Counter[str] = Counter()
    for _, done in portals.values():
        for draft in done.drafts:
            said[str(draft.document.get("update_cycle"))] += 1
    assert said["yearly"] > 8_000
    opened = sum(sum(done.unknown["openness"].values()) for _, done in portals.values())
    assert 0 < opened < 100


def test_no_real_draft_fails_where_it_asks_nothing(portals: Portals) -> None:
    lists = load_code_lists()
    for _, done in portals.values():
        for draft in done.drafts[::150]:
            asked = {path.split("/")[0] for path in undecided(draft)}
            faults = errors_of(check_record(draft.document, lists))
            assert {fault.path.split("/")[0] for fault in faults} <= asked, draft
