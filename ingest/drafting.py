"""Drafts a metadata record from the beginning of a file: what the file tells is written down, what
only its department knows is left open with what would be right, and no cell is ever repeated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.formats import FileFormat
from ingest.sample import read_sample
from ingest.sample_columns import Sample, SampleColumn
from standards.chinese.pinyin import syllables
from standards.chinese.text import plain
from standards.code_lists import CodeLists
from standards.documents import as_mapping, load_document
from standards.elements import DataElement
from standards.identifiers.hide import without_numbers
from standards.recognise import ENOUGH_ROWS, Column, Holding, length_of, recognise
from standards.records import DEFAULT_LEVEL
from standards.schema_check import load_schema

_PLAIN = re.compile(r"[0-9A-Za-z_\u4e00-\u9fff][0-9A-Za-z_\u4e00-\u9fff（）./-]*")
_LOOKS_OTHERWISE = re.compile(r"[-+.0-9].*|true|false|null|yes|no|on|off|~|y|n", re.IGNORECASE)
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（带 BOM）", "gb18030": "GB18030"}
_FORMATS = {
    FileFormat.CSV: (2, "csv"),
    FileFormat.XLSX: (2, "xlsx"),
    FileFormat.PARQUET: (6, "parquet"),
}
_LONGEST_ID = 60
# what a department alone can say, in the order of the record; the last of each path is its field
_OPEN = (
    "name",
    "provider_code",
    "provider_name",
    "abstract",
    "classification/lei",
    "classification/xiang",
    "classification/mu",
)
_SHARING = ("share_type", "share_method", "open", "update_cycle")


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """`text` is the record as YAML with comments, `document` what it says so far, `todo` the paths
    that are left open, `remarks` what is worth knowing, each in Chinese."""

    text: str
    document: Mapping[str, object]
    todo: tuple[str, ...]
    remarks: tuple[str, ...]


def draft_record(
    path: Path, scratch: Path, code_lists: CodeLists, elements: Mapping[str, DataElement]
) -> RecordDraft:
    """Propose the record of a file; FileRefused where it is no table to be read."""
    sample = read_sample(path, scratch)
    columns = [Column(each.head, each.cells, each.stored) for each in sample.columns]
    holdings = recognise(columns, code_lists, elements)
    items = list(_items(sample, holdings))
    resource_id = _slug(path.stem)
    todo = (*(() if resource_id else ("resource_id",)), *_OPEN, *_SHARING)
    remarks = (*_remarks(sample, holdings), *(r for each in items for r in each.remarks))
    text = "".join(f"{line}\n" for line in _lines(sample, resource_id, holdings, items))
    return RecordDraft(text, load_document(text), todo, remarks)


# --- the items


@dataclass(frozen=True, slots=True)
class _Item:
    facts: Mapping[str, object]
    remarks: tuple[str, ...]


def _items(sample: Sample, holdings: Sequence[Holding]) -> Iterator[_Item]:
    heads = {holding.head for holding in holdings}
    taken: set[str] = set()
    for column, holding in zip(sample.columns, holdings, strict=True):
        item_id = _free(_item_id(holding), taken | (heads - {holding.head}))
        taken.add(item_id)
        remarks = tuple(f"{holding.head}：{said}" for said in _item_remarks(column, holding))
        yield _Item(_facts(item_id, column, holding, sample.rows), remarks)


def _facts(item_id: str, column: SampleColumn, holding: Holding, rows: int) -> dict[str, object]:
    length, scale = length_of(holding, column.cells)
    kinds = [kind.value for kind in holding.numbers.kinds] if holding.numbers else []
    sure = holding.share_known == 1.0 and rows >= ENOUGH_ROWS and not holding.key
    level = holding.level
    facts: dict[str, object] = {
        "id": item_id,
        "name": holding.head,
        "data_type": holding.data_type,
        "length": length,
        "scale": scale,
        "key": True if holding.key else None,
        "nullable": False if sure else None,
        "code_list": holding.code_list,
        "identifier": kinds[0] if len(kinds) == 1 else kinds or None,
        "element": None if holding.element is None else holding.element.id,
        "level": level if level is not None and level > DEFAULT_LEVEL else None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _item_id(holding: Holding) -> str:
    """The name of the element, else the head in letters: its own, or its pinyin."""
    if holding.element is not None:
        return holding.element.id.rpartition(".")[2]
    parts = re.findall(r"[a-z0-9]+|[^\x00-\x7f]+", plain(holding.head))
    words = [each for part in parts for each in ([part] if part.isascii() else syllables(part))]
    name = "_".join(words)[:_LONGEST_ID].strip("_")
    return name if name[:1].isalpha() else f"item_{name}".strip("_")


def _free(name: str, taken: set[str]) -> str:
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def _item_remarks(column: SampleColumn, holding: Holding) -> Iterator[str]:
    if not any(column.cells):
        yield "样本中这一列全部为空，类型请核对 / empty in the sample; check the type"
    if holding.codes is not None and holding.codes.as_names:
        list_id = holding.codes.list_id
        yield (
            f"值是代码表 {list_id} 的名称；改报代码后可写 code_list: {list_id} "
            f"/ these are names of the list {list_id}; deliver its codes and name it"
        )
    if holding.misfits:
        yield (
            f"{holding.misfits} 个值不合，报送时会进入问题数据 "
            f"/ {holding.misfits} values do not fit and would be quarantined"
        )
    if column.lost:
        yield (
            f"{column.lost} 个号码在工作簿中是数字，末位已经丢失，须改为文本 "
            f"/ {column.lost} numbers have lost digits; keep them as text"
        )
    elif column.numbers and holding.data_type in {"C", "M"}:
        yield (
            f"{column.numbers} 个单元格是数字，报送前须设为文本格式 "
            f"/ {column.numbers} cells are numbers; format them as text"
        )


# --- the text


def _remarks(sample: Sample, holdings: Sequence[Holding]) -> Iterator[str]:
    if not sample.whole:
        yield f"只看了前 {sample.rows} 行 / only the first {sample.rows} rows were looked at"
    if sample.odd:
        yield f"跳过了 {sample.odd} 个列数不符的行 / {sample.odd} rows of another width passed over"
    if sample.sheet is not None:
        yield "只看了第一张有数据的工作表 / only the first sheet with data was looked at"
    if not any(holding.key for holding in holdings):
        yield (
            "没有找到主键：没有主键的资源只能全量报送 "
            "/ no key was found; without one only full deliveries are possible"
        )


def _lines(
    sample: Sample, resource_id: str, holdings: Sequence[Holding], items: Sequence[_Item]
) -> Iterator[str]:
    yield "# 元数据记录草稿，由样本文件拟出。TODO 处由部门填写，填好后用 datong record check 检查。"
    yield "# A draft made from a sample. Fill in what says TODO, then run datong record check."
    for remark in _remarks(sample, holdings):
        yield f"# - {remark}"
    yield (
        f"resource_id: {resource_id}  # 由文件名拟出，可改" if resource_id else _todo("resource_id")
    )
    yield "kind: table"
    yield from _open_lines(_OPEN)
    yield f"format: {_flow(_format(sample))}"
    yield from _open_lines(_SHARING)
    yield f"# share_condition:  # {_right('share_condition')}"
    yield f"# non_share_reason_type:  # {_right('non_share_reason_type')}；此时删去 share_method"
    level = max((each.level or DEFAULT_LEVEL for each in holdings), default=DEFAULT_LEVEL)
    yield f"level: {level}  # 各信息项级别的最高者，请核对"
    nulls = sorted({text for each in holdings for text in each.null_values})
    if nulls:
        yield f"null_values: [{', '.join(map(_scalar, nulls))}]"
    yield "items:"
    for item in items:
        for remark in item.remarks:
            yield f"  # {_comment(remark)}"
        yield f"  - {_flow(item.facts)}"


def _open_lines(paths: Iterable[str]) -> Iterator[str]:
    parent = ""
    for path in paths:
        above, _, _ = path.rpartition("/")
        if above and above != parent:
            yield f"{above}:"
        parent = above
        yield f"{'  ' if above else ''}{_todo(path)}"


def _todo(path: str) -> str:
    name = path.rpartition("/")[2]
    return f"{name}:  # TODO {_right(path)}"


def _right(path: str) -> str:
    """What a field is called and what would be right, by the schema."""
    facts: Mapping[str, object] = load_schema("record")
    for part in path.split("/"):
        facts = as_mapping(as_mapping(facts.get("properties")).get(part))
    return f"{facts.get('title')}：{facts.get('x-zh')}"


def _format(sample: Sample) -> dict[str, object]:
    category, kind = _FORMATS[sample.format]
    note = _ENCODINGS.get(sample.encoding or "")
    return {"category": category, "type": kind, **({"note": note} if note else {})}


def _flow(facts: Mapping[str, object]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in facts.items()) + "}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    """A text in YAML: plain where nothing else can be read in it, else quoted."""
    if _PLAIN.fullmatch(text) and not _LOOKS_OTHERWISE.fullmatch(text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _comment(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _slug(stem: str) -> str:
    """A resource id out of the name of a file without its dates; empty where it gives none.

    A name may hold what is nobody's business, so no long number gets into it.
    """
    words = re.findall(r"[a-z]+[a-z0-9]*", without_numbers(stem).lower())
    slug = "-".join(word for word in words if word != "number")[:48].strip("-")
    return slug if len(slug) >= 2 else ""
