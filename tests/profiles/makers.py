"""Published records of every kind, in numbers, for the profiles to be made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from catalog.life_cycle import State
from catalog.record_rows import insert_record, insert_version, mark_published
from standards.code_lists import load_code_lists
from tests.catalog.makers import CIVIL_AFFAIRS, POLICE, a_record

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
CYCLES = tuple(load_code_lists()["update_cycle"].codes)
PROVIDERS = {"gongan": (POLICE, "示例市公安局"), "minzheng": (CIVIL_AFFAIRS, "示例市民政局")}
WORDS = ("户籍", "人口", "低保", "企业", "a b", 'quote"d', "<b>&", "🙂", "许可/证", "婚姻")
THEMES = (("ZCC00", "矿藏"), ("ZC", "国土资源、能源"), ("18", "民政、社区"))
SHARING: tuple[Mapping[str, Any], ...] = (
    {"share_type": 1, "share_method": "platform"},
    {"share_type": 2, "share_condition": "按用途申请“授权”", "share_method": "query"},
    {
        "share_type": 3,
        "share_condition": "《户口登记条例》第二条",
        "non_share_reason_type": 1,
        "non_share_basis": {"basis": "other_law", "clause": "第二条"},
        "share_method": None,
    },
)
OPENING: tuple[Mapping[str, Any], ...] = (
    {"open": False, "open_type": "not_open"},
    {"open": True, "open_type": "unconditional"},
    {"open": True, "open_type": "conditional", "open_condition": "实名申请"},
)
KINDS: tuple[Mapping[str, Any], ...] = (
    {"kind": "table", "format": {"category": 2, "type": "csv"}},
    {"kind": "table", "format": {"category": 3, "type": "mysql"}},
    {"kind": "file", "format": {"category": 1, "type": "pdf"}, "items": None},
    {
        "kind": "interface",
        "format": {"category": 7, "type": "api"},
        "interface": {"url": "http://interfaces.invalid/查询 接口?x=1", "method": "GET"},
    },
)


def published_record(number: int, **facts: Any) -> dict[str, Any]:
    """One of many valid records; its facts follow from its number, unless they are given."""
    department = ("gongan", "minzheng")[number % 2]
    code, provider = PROVIDERS[department]
    document = {
        **a_record(),
        "resource_id": f"many-{number:05d}",
        "name": f"第 {number} 类“登记”信息",
        "abstract": f"第 {number} 类登记的内容 <描述> \\ 与说明",
        "provider_code": code,
        "provider_name": provider if number % 5 else f"{provider}办公室",
        "update_cycle": CYCLES[number % len(CYCLES)],
        "keywords": sorted({WORDS[number % 10], WORDS[(number * 3 + 1) % 10]}),
        "classification": {"lei": "3", "xiang": "07", "mu": "001", "ximu": "01"},
        **KINDS[number % len(KINDS)],
        **SHARING[number % len(SHARING)],
        **OPENING[number // 3 % len(OPENING)],
    }
    if document["share_type"] == 3:
        document |= OPENING[0]
    if number % 2:
        theme, name = THEMES[number % len(THEMES)]
        document["category_gb21063_4"] = [{"standard": "GB/T 21063.4", "name": name, "code": theme}]
    if number % 7 == 0:
        document["metadata_contact"] = {"name": "数据专员", "phone": "0999-9900101 转 2"}
    if number % 11 == 0:
        document["online_url"] = "https://data.invalid/目录一?号=1"
    document |= facts
    return {name: value for name, value in document.items() if value is not None}


def publish_directly(conn: sa.Connection, documents: Iterator[Mapping[str, Any]]) -> int:
    """Write records as published ones, past all reviews: a thousand in a second."""
    count = 0
    for number, document in enumerate(documents):
        at = FIRST_DAY + timedelta(minutes=number)
        resource_id = str(document["resource_id"])
        department = next(d for d, (c, _) in PROVIDERS.items() if c == document["provider_code"])
        insert_record(
            conn,
            {
                "resource_id": resource_id,
                "department_id": department,
                "resource_code": f"30700101/{number + 1}",
                "is_view": False,
                "state": State.PUBLISHED,
                "revision": 1,
                "last_version": 1,
                "working_version": 1,
                "published_version": 1,
                "last_published_version": 1,
                "generation": 1,
                "last_action": "agree",
                "changed_at": at,
            },
        )
        insert_version(conn, document, 1, "gongan-steward", at)
        mark_published(conn, resource_id, 1, at)
        count += 1
    return count
