"""Differences as people read them: fields by their titles, items by their names."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.record_diff import compare_documents
from catalog.record_sentences import sentence_of
from standards.code_lists import load_code_lists
from tests.catalog.makers import a_record, an_item

LISTS = load_code_lists()
BORN = {"id": "birth", "name": "出生日期", "data_type": "C", "length": 10}


def sentences(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    found = compare_documents(old, new)
    said = [sentence_of(each, old, new, LISTS) for each in found]
    return [(each.zh, each.en) for each in said]


@pytest.mark.parametrize(
    ("change", "zh", "en"),
    [
        (
            {"items": [{**BORN, "length": 20}]},
            "信息项 出生日期：长度 10 → 20",
            "item 出生日期: length 10 → 20",
        ),
        (
            {"items": [{**BORN, "nullable": False}]},
            "信息项 出生日期：新增可为空：否",
            "item 出生日期: new nullable: no",
        ),
        (
            {"items": [{**BORN, "name": "生日"}]},
            "信息项 生日：信息项名称 出生日期 → 生日",
            "item 生日: name 出生日期 → 生日",
        ),
        (
            {"items": [BORN, an_item("phone", name="电话")]},
            "新增信息项 电话",
            "new item 电话",
        ),
        ({"abstract": "新摘要"}, "信息资源摘要 旧摘要 → 新摘要", "abstract 旧摘要 → 新摘要"),
        (
            {"format": {"category": 2, "type": "xlsx"}},
            "信息资源格式·格式类型 csv → xlsx",
            "format type csv → xlsx",
        ),
        ({"keywords": ["户籍", "人口"]}, "新增关键字：户籍、人口", "new keywords: 户籍, 人口"),
    ],
)
def test_a_difference_is_a_sentence(change: dict[str, Any], zh: str, en: str) -> None:
    old = a_record(items=[BORN], abstract="旧摘要")
    assert sentences(old, {**old, **change}) == [(zh, en)]


def test_codes_are_told_by_their_names() -> None:
    old = a_record(update_cycle="monthly")
    [(zh, en)] = sentences(old, a_record(update_cycle="daily"))
    assert (zh, en) == ("更新周期 每月（monthly） → 每日（daily）", "update cycle monthly → daily")


def test_an_item_that_is_gone_or_moved_is_named() -> None:
    first, second = an_item("a", name="甲"), an_item("b", name="乙")
    gone = sentences(a_record(items=[first, second]), a_record(items=[first]))
    assert gone == [("删去信息项 乙", "dropped item 乙")]
    [moved, _] = sentences(a_record(items=[first, second]), a_record(items=[second, first]))
    assert moved == ("信息项 乙：位置 2 → 1", "item 乙: place 2 → 1")


@pytest.mark.parametrize(("before", "after", "less"), [(1, 2, True), (2, 3, True), (3, 1, False)])
def test_sharing_less_than_before_is_flagged(before: int, after: int, less: bool) -> None:
    old, new = a_record(share_type=before), a_record(share_type=after)
    [found] = [each for each in compare_documents(old, new) if each.path == "share_type"]
    said = sentence_of(found, old, new, LISTS)
    assert said.tightened is less
    assert ("收紧共享" in said.zh) is less


def test_a_long_text_is_shortened() -> None:
    [(zh, _)] = sentences(a_record(abstract="旧" * 500), a_record(abstract="新" * 500))
    assert len(zh) < 150
