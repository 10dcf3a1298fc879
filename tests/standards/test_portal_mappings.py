"""Mapping files and tables of spellings: what they say, and that none is silently incomplete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from standards.code_lists import load_code_lists
from standards.documents import load_document
from standards.normalised import shipped_spellings
from standards.portal_mappings import (
    SPELLED,
    MappingError,
    Target,
    UnknownMapping,
    load_mapping,
    read_mapping,
    shipped_mappings,
)
from tests.conftest import require_part

PORTALS = Path(__file__).parents[3] / "shared" / "data" / "catalog-cn" / "portals"


def portal(name: str) -> list[dict[str, Any]]:
    path = PORTALS / f"{name}.json"
    if not path.is_file():
        require_part("data", f"no {path.name}")
    records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return records


def a_mapping(**facts: Any) -> dict[str, Any]:
    return {"id": "example_city", "fields": {"标题": "name", "单位": "department"}, **facts}


def test_there_is_a_mapping_for_every_portal_of_the_data_and_no_other() -> None:
    if not PORTALS.is_dir():
        require_part("data", "no catalog-cn")
    assert set(shipped_mappings()) == {path.stem for path in PORTALS.glob("*.json")}


@pytest.mark.parametrize("name", shipped_mappings())
def test_every_key_of_a_portal_is_mapped_or_ignored_by_name(name: str) -> None:
    records = portal(name)
    mapping = load_mapping(name)
    assert {key for record in records for key in record} == mapping.keys
    assert all(mapping.ignored.values())  # each with its reason


@pytest.mark.parametrize("name", shipped_mappings())
def test_a_shipped_mapping_knows_name_and_division(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.id == name
    assert Target.NAME in {rule.target for rule in mapping.rules}
    assert load_code_lists().require("division").find(mapping.division_code or "") is not None


def test_what_a_key_was_ignored_for_is_true_of_the_data() -> None:
    for name, key in (
        ("zhejiang_wenzhou", "行业分类"),
        ("zhejiang_jinhua", "行业分类"),
        ("jiangsu_yancheng", "开放类型"),
    ):
        assert len({record[key] for record in portal(name)}) == 1


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (a_mapping(id="X"), "小写字母"),
        (a_mapping(fields={"单位": "department"}), "name"),
        (a_mapping(fields={"标题": "title"}), "title"),
        (a_mapping(fields={"标题": "name", "名称": "name"}), "两个来源"),
        (a_mapping(ignored={"标题": "不要"}), "既映射又忽略"),
        (a_mapping(division_code=330200), "6 位"),
        (a_mapping(spellings={"colour": {}}), "colour"),
        (a_mapping(more=1), "more"),
    ],
)
def test_a_wrong_mapping_says_what_would_be_right(document: dict[str, Any], says: str) -> None:
    with pytest.raises(MappingError, match=says) as raised:
        read_mapping("m.yaml", document)
    assert "m.yaml" in raised.value.en


def test_a_mapping_of_ones_own_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("id: own_city\nfields: {标题: name}\nignored: {序号: 无意义}\n", "utf-8")
    assert load_mapping(str(file)).keys == {"标题", "序号"}
    file.write_text("id: own_city\nfields: {标题: name\n", "utf-8")
    with pytest.raises(MappingError, match=r"own\.yaml"):
        load_mapping(str(file))
    with pytest.raises(UnknownMapping, match="zhejiang_ningbo"):
        load_mapping("nowhere")


def test_spellings_are_compared_without_width_case_and_outer_blanks() -> None:
    cycles = shipped_spellings("update_cycle")
    assert cycles.find(" 每天 ") == cycles.find("每日") == {"update_cycle": "daily"}
    assert shipped_spellings("format").find("ＸＬＳ") == {"category": 2, "type": "xls"}
    assert cycles.find("自定义") is None


def test_every_value_of_a_table_is_one_that_a_record_may_hold() -> None:
    lists = load_code_lists()
    for facts in shipped_spellings("update_cycle").values.values():
        assert facts["update_cycle"] in lists["update_cycle"].by_code
    for facts in shipped_spellings("openness").values.values():
        assert set(facts) <= {"open", "open_type", "open_condition"}
        assert facts.get("open_type", "not_open") in lists["open_type"].by_code
    for facts in shipped_spellings("format").values.values():
        assert str(facts["category"]) in lists["format_category"].by_code
    industries = shipped_spellings("industry")
    for code, entry in lists["industry"].by_code.items():
        if len(code) == 1:
            assert industries.find(entry.name) == {"code": code}


def test_the_tables_are_in_files_that_say_where_their_words_come_from() -> None:
    files = sorted((Path(__file__).parents[2] / "standards" / "normalised").glob("*.yaml"))
    assert {path.stem for path in files} >= {*SPELLED, "nothing"}
    for path in files:
        document = load_document(path.read_text(encoding="utf-8"))
        assert document["id"] == path.stem
        assert document["title"]
        assert document["source"]
