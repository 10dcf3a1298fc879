"""Writes the workbook in which a clerk fills in a delivery: the columns of the record's items, with
formats, drop-downs and notes such that what is typed there passes the checks of a delivery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.workbooks.writing import (
    DATE_FORMAT,
    MOMENT_FORMAT,
    TEXT_FORMAT,
    WordLists,
    new_book,
    validation,
    within,
)
from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.identifiers import IdentifierKind
from standards.records import Item, Record

DATA, RULES = "数据", "填报说明"
ROWS = 10_000
# What a spreadsheet keeps of a number; an item that may have more digits is typed as text.
MOST_DIGITS = 15
# A spreadsheet has no day before this one.
_FIRST_DAY, _LAST_DAY = "1900-01-01", "9999-12-31"
_FORMATS: Mapping[str, str] = {"D": DATE_FORMAT, "T": MOMENT_FORMAT}
_NUMBERS = frozenset("NYIBF")
_WORDS: Mapping[IdentifierKind, str] = {
    IdentifierKind.CITIZEN: "公民身份号码",
    IdentifierKind.USCC: "统一社会信用代码",
    IdentifierKind.ORG_CODE: "组织机构代码",
    IdentifierKind.REG_NO: "工商注册号",
}
_TYPES: Mapping[str, str] = {
    "C": "文字",
    "M": "文字",
    "N": "数",
    "Y": "金额",
    "I": "整数",
    "B": "数",
    "F": "数",
    "D": "日期，如 2026-01-31",
    "T": "日期时间，如 2026-01-31 08:30:00",
    "L": "是 或 否",
    "G": "Base64 文字",
}


def write_delivery_template(path: Path, record: Record, code_lists: CodeLists) -> None:
    """Write the workbook for deliveries of a published record; UnknownCodeList."""
    with new_book(path) as book:
        words = WordLists(book)
        _write_data(book, record, code_lists, words)
        _write_rules(book, record, code_lists)
        words.write(visible=True)


def _write_data(book: Any, record: Record, code_lists: CodeLists, words: WordLists) -> None:
    sheet = book.add_worksheet(DATA)
    sheet.freeze_panes(1, 0)
    head = {"bold": True, "border": 1, "num_format": TEXT_FORMAT}
    plain = book.add_format({**head, "bg_color": "#E7EEF7"})
    needed = book.add_format({**head, "bg_color": "#FCE4D6"})
    formats = {name: book.add_format({"num_format": name}) for name in _FORMATS.values()}
    formats[TEXT_FORMAT] = book.add_format({"num_format": TEXT_FORMAT})
    for place, item in enumerate(record.items):
        sheet.write_string(0, place, item.name, plain if item.nullable else needed)
        note = "\n".join(_note(record, item, code_lists))
        sheet.write_comment(0, place, note, {"author": "大同 Datong", "x_scale": 2})
        width = max(10, min(40, len(item.name) * 2 + 4))
        sheet.set_column(place, place, width, formats.get(_format(item) or ""))
        rule = _rule(item, code_lists, words)
        sheet.data_validation(1, place, ROWS, place, validation(rule, item.name, note))


def _format(item: Item) -> str | None:
    """The number format of a column; None where a number is typed as one."""
    if item.code_list is not None or item.identifiers or item.data_type in {"C", "M", "G", "L"}:
        return TEXT_FORMAT
    if item.data_type in _NUMBERS:
        return TEXT_FORMAT if _is_long(item) else None
    return _FORMATS[item.data_type]


def _is_long(item: Item) -> bool:
    return item.data_type in {"N", "Y"} and (item.length or 38) > MOST_DIGITS


def _rule(item: Item, code_lists: CodeLists, words: WordLists) -> dict[str, Any]:
    """What the spreadsheet itself can check while a clerk types."""
    if item.code_list is not None:
        found = code_lists.require(item.code_list)
        title = found.title.split(" / ")[0]
        names = [entry.name for entry in found.entries]
        source = words.add(found.id, title, found.codes, names)
        return {"validate": "list", "source": source, **_refusal("请选择代码，名称见《代码表》")}
    if item.data_type == "L":
        source = words.add("truth", "逻辑值", ("是", "否"))
        return {"validate": "list", "source": source, **_refusal("请选择 是 或 否")}
    if item.data_type in {"C", "M"} and item.length is not None:
        rule = {"validate": "length", "criteria": "<=", "value": item.length}
        return {**rule, **_refusal(f"至多 {item.length} 个字")}
    return _number_rule(item) or _date_rule(item) or {"validate": "any"}


def _number_rule(item: Item) -> dict[str, Any] | None:
    if item.data_type not in _NUMBERS or _is_long(item):
        return None
    most = 10**MOST_DIGITS - 1
    low = item.minimum if isinstance(item.minimum, int | float) else -most
    high = item.maximum if isinstance(item.maximum, int | float) else most
    kind = "integer" if item.data_type == "I" else "decimal"
    rule = {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    return {**rule, **_refusal(f"请填{'整数' if kind == 'integer' else '数'}")}


def _date_rule(item: Item) -> dict[str, Any] | None:
    if item.data_type not in _FORMATS:
        return None
    rule = {"validate": "date", "criteria": "between", **_days(item)}
    # days before 1900 are typed as text, so this one asks back instead of refusing
    return {**rule, **_refusal(f"请填{_TYPES[item.data_type]}"), "error_type": "warning"}


def _days(item: Item) -> dict[str, Any]:
    from datetime import datetime

    low = max(str(item.minimum or _FIRST_DAY)[:10], _FIRST_DAY)
    high = str(item.maximum or _LAST_DAY)[:10]
    # the whole of the last day is within
    ends = {"minimum": f"{low}T00:00:00", "maximum": f"{high}T23:59:59"}
    return {name: datetime.fromisoformat(text) for name, text in ends.items()}


def _refusal(text: str) -> dict[str, Any]:
    return {"error_title": within("填写有误", 32), "error_message": within(text, 255)}


def _note(record: Record, item: Item, code_lists: CodeLists) -> Iterator[str]:
    """What a column takes, in lines; the first ones are what a drop-down has room to show."""
    facts = next(
        as_mapping(each)
        for each in as_sequence(record.document.get("items"))
        if as_mapping(each).get("id") == item.id
    )
    kind = "代码" if item.code_list is not None else _TYPES[item.data_type]
    yield f"{'必填，' if not item.nullable else ''}{kind}{_size(item)}"
    if item.identifiers:
        yield f"须通过校验：{'、'.join(_WORDS[each] for each in item.identifiers)}"
    if item.code_list is not None:
        found = code_lists.require(item.code_list)
        yield "；".join(f"{entry.code} {entry.name}" for entry in found.entries[:30])
        if len(found.entries) > 30:
            yield f"共 {len(found.entries)} 个，见《代码表》"
    if item.minimum is not None or item.maximum is not None:
        yield f"范围：{_shown(item.minimum)} 至 {_shown(item.maximum)}"
    if item.pattern is not None:
        yield f"格式：{item.pattern}"
    nulls = (*record.null_values, *item.null_values)
    if item.nullable:
        yield f"没有值时留空{''.join(f' 或写 {text}' for text in nulls)}"
    if facts.get("description"):
        yield str(facts["description"])
    yield f"（{item.id}）"


def _size(item: Item) -> str:
    if item.data_type in {"N", "Y"} and item.length is not None:
        return f"，共 {item.length} 位，小数 {item.scale or 0} 位"
    if item.length is not None and item.data_type in {"C", "M"}:
        return f"，至多 {item.length} 个字"
    return ""


def _shown(bound: object) -> str:
    return "不限" if bound is None else str(bound)


def _write_rules(book: Any, record: Record, code_lists: CodeLists) -> None:
    sheet = book.add_worksheet(RULES)
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24, wrapped)
    sheet.set_column(1, 1, 90, wrapped)
    lines = (
        f"{record.name}（{record.resource_id}）报送模板",
        f"数据填在《{DATA}》，一行一条；请勿改动表头，也不要增加列。有颜色较深表头的列必填。",
        "代码列从下拉框选择代码，名称对照见《代码表》。号码和代码列是文本格式，请勿改为数字格式。",
        "从别处复制时请“选择性粘贴—数值”，否则格式和下拉框会被覆盖。",
        f"填好后：datong deliver 文件.xlsx --resource {record.resource_id} --mode full "
        "--data-time 数据时间",
        f"Fill in the sheet {DATA}, one row each; leave the header as it is. Choose codes from the "
        "drop-downs; numbers of people and organisations are text.",
    )
    for line, text in enumerate(lines):
        sheet.write_string(line, 0, text, bold if line == 0 else None)
    start = len(lines) + 1
    sheet.write_row(start, 0, ("列", "填写要求"), bold)
    for line, item in enumerate(record.items, start=start + 1):
        sheet.write_string(line, 0, item.name, wrapped)
        sheet.write_string(line, 1, "\n".join(_note(record, item, code_lists)), wrapped)
