"""A draft as the YAML that a steward completes: what is known, and decisions as comments."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.draft_rows import KeptDraft

# the order of the 1272 guide; whatever else a document holds follows
_ORDER = (
    "resource_id", "name", "provider_code", "provider_name", "abstract", "keywords",
    "classification", "category_gb21063_4", "format", "items", "share_type", "share_condition",
    "share_method", "open", "open_type", "open_condition", "update_cycle", "online_url",
    "division_code",
)  # fmt: skip
# how to write what is not known yet
_SKELETONS: Mapping[str, tuple[str, ...]] = {
    "provider_code": ('provider_code: ""',),
    "abstract": ('abstract: ""',),
    "classification": ('classification: {lei: "3", xiang: "07", mu: "001", ximu: ""}',),
    "format": ("format: {category: 2, type: xlsx}",),
    "items": ("items:", "  - {id: name, name: 名称, data_type: C, length: 100}"),
    "share_type": ("share_type: 1", "share_method: platform"),
    "open": ("open: false",),
    "open_type": ("open_type: unconditional",),
    "open_condition": ('open_condition: ""',),
    "update_cycle": ("update_cycle: yearly",),
}
_HEAD = (
    "# 待补草稿 {id}：补全标有“待定”的各项后运行 datong draft claim {id} 本文件",
    "# Draft {id}: decide what is marked, then run datong draft claim {id} THIS_FILE",
)


def template_of(draft: KeptDraft) -> str:
    """The text of the file; a field that is not decided stands in it as a comment."""
    lines = [line.format(id=draft.draft_id) for line in _HEAD]
    lines += [f"# 原目录 as found · {name}: {_plain(value)}" for name, value in draft.found.items()]
    if draft.duplicate_of is not None:
        lines.append(f"# 与 {draft.duplicate_of} 同名，请确认是否重复 · same title: a duplicate?")
    asked: dict[str, list[Mapping[str, Any]]] = {}
    for decision in draft.decisions:
        asked.setdefault(str(decision["path"]).split("/")[0], []).append(decision)
    names = dict.fromkeys([*_ORDER, *draft.document, *asked])
    for name in names:
        lines += _field(name, draft.document, asked.get(name, []))
    return "\n".join(lines) + "\n"


def _field(name: str, document: Mapping[str, Any], asked: list[Mapping[str, Any]]) -> Iterator[str]:
    for decision in asked:
        yield f"# 待定 decide · {_plain(decision['zh'])}"
        yield f"#   {_plain(decision['en'])}"
    if name in document:
        yield f"{name}: {json.dumps(document[name], ensure_ascii=False)}"
    elif asked:
        yield from (f"# {line}" for line in _SKELETONS.get(name, (f"{name}:",)))


def _plain(text: object) -> str:
    """On one line, so that a comment stays one."""
    return " ".join(str(text).split())
