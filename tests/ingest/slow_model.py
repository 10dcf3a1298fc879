"""Judge rows one by one in plain Python: what the SQL pass must agree with. Shares no code with it
but the plain identifier checks, which are themselves the slow twins of the SQL ones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from standards.code_lists import CodeLists
from standards.identifiers import check_identifier
from standards.records import Item, Record

BLANKS = " \t\u3000\u00a0"
Found = set[tuple[int, str, str]]


@dataclass(frozen=True)
class Judgement:
    """The numbers of the good rows, and (row, item, rule) for every error and warning."""

    good: set[int]
    errors: Found
    warnings: Found


def judge(record: Record, rows: Sequence[Sequence[str]], code_lists: CodeLists) -> Judgement:
    errors: Found = set()
    warnings: Found = set()
    regions = {code for code in code_lists.require("division").codes if len(code) == 6}
    values: dict[int, tuple[object, ...]] = {}
    for number, row in enumerate(rows, 1):
        told = [
            _judge_cell(item, cell, record.null_values, code_lists, regions)
            for item, cell in zip(record.items, row, strict=True)
        ]
        for item, (_, bad, odd) in zip(record.items, told, strict=True):
            errors |= {(number, item.id, rule) for rule in bad}
            warnings |= {(number, item.id, rule) for rule in odd}
        values[number] = tuple(value for value, _, _ in told)
    good = set(values) - {number for number, _, _ in errors}
    errors |= _twins(record, values, good)
    return Judgement(good - {number for number, _, _ in errors}, errors, warnings)


def _twins(record: Record, values: dict[int, tuple[object, ...]], good: set[int]) -> Found:
    places = [place for place, item in enumerate(record.items) if item.key]
    by_key: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number in sorted(good):
        by_key[tuple(values[number][place] for place in places)].append(number)
    found: Found = set()
    first = record.key_items[0].id
    for numbers in by_key.values():
        alike = len({values[number] for number in numbers}) == 1
        if len(numbers) > 1 and alike:
            found |= {(number, first, "key.repeated") for number in numbers[1:]}
        elif len(numbers) > 1:
            found |= {(number, first, "key.duplicate") for number in numbers}
    return found


def _judge_cell(
    item: Item, cell: str, nulls: Sequence[str], code_lists: CodeLists, regions: set[str]
) -> tuple[object, set[str], set[str]]:
    text = cell.strip(BLANKS)
    if text in {"", *nulls, *item.null_values}:
        missing = "key.missing" if item.key else "null.required"
        required = item.key or not item.nullable
        return None, {missing} if required else set(), set()
    warnings = {"text.trimmed"} if text != cell and _trims(item) else set()
    if item.identifiers:
        verdict = check_identifier(item.identifiers[0], text, regions)
        bad = {verdict.rule} if verdict.rule is not None else set()
        if verdict.normalised != cell:
            warnings.add("identifier.normalised")
        if any(warning.endswith(".region") for warning in verdict.warnings):
            warnings.add("identifier.region_unknown")
        return verdict.normalised, {rule for rule in bad if rule}, warnings
    if item.code_list is not None:
        return _judge_code(item, text, code_lists, warnings)
    value, bad = _JUDGES[item.data_type](item, text)
    return value, bad | _bounds(item, value) | _pattern(item, text), warnings


def _trims(item: Item) -> bool:
    return item.data_type in {"C", "M"} and not item.identifiers


def _judge_code(
    item: Item, text: str, code_lists: CodeLists, warnings: set[str]
) -> tuple[object, set[str], set[str]]:
    found = code_lists.require(str(item.code_list))
    if text in found.codes:
        return text, set(), warnings
    if text in found.aliases:
        return found.aliases[text], set(), warnings | {"code.alias"}
    return None, {"code.unknown"}, warnings


def _text(item: Item, text: str) -> tuple[object, set[str]]:
    bad = {"length.max"} if item.length is not None and len(text) > item.length else set()
    if any(0xE000 <= ord(c) <= 0xF8FF or ord(c) in {0xFFFD, 0xFEFF} for c in text):
        bad.add("text.mojibake")
    return text, bad


def _number(item: Item, text: str) -> tuple[object, set[str]]:
    scale = 2 if item.data_type == "Y" else item.scale or 0
    digits = 18 if item.data_type == "Y" else item.length or 38
    shape = re.fullmatch(r"[+-]?([0-9]+)(?:\.([0-9]+))?", text)
    if shape is None:
        return None, {"type.number"}
    whole, part = shape[1].lstrip("0"), (shape[2] or "").rstrip("0")
    if len(part) > scale or len(whole) > digits - scale:
        return None, {"type.number"}
    return float(text), set()


def _whole(_item: Item, text: str) -> tuple[object, set[str]]:
    if re.fullmatch(r"[+-]?[0-9]+", text) is None or not -(2**63) <= int(text) < 2**63:
        return None, {"type.integer"}
    return int(text), set()


def _day(_item: Item, text: str) -> tuple[object, set[str]]:
    shape = re.fullmatch(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", text)
    try:
        if shape is not None:
            return date(int(shape[1]), int(shape[3]), int(shape[4])), set()
    except ValueError:
        pass
    return None, {"type.date"}


def _moment(_item: Item, text: str) -> tuple[object, set[str]]:
    pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    try:
        if re.fullmatch(pattern, text):
            return datetime.fromisoformat(text), set()
    except ValueError:
        pass
    return None, {"type.datetime"}


def _truth(_item: Item, text: str) -> tuple[object, set[str]]:
    if text in {"1", "true", "TRUE", "True", "是", "Y", "y", "T", "t"}:
        return True, set()
    if text in {"0", "false", "FALSE", "False", "否", "N", "n", "F", "f"}:
        return False, set()
    return None, {"type.boolean"}


_JUDGES: dict[str, Callable[[Item, str], tuple[object, set[str]]]] = {
    "C": _text,
    "M": _text,
    "N": _number,
    "Y": _number,
    "I": _whole,
    "D": _day,
    "T": _moment,
    "L": _truth,
}


def _bounds(item: Item, value: object) -> set[str]:
    if value is None:
        return set()
    bounds = {"range.minimum": item.minimum, "range.maximum": item.maximum}
    found = set()
    for rule, bound in bounds.items():
        if bound is None:
            continue
        limit: object = date.fromisoformat(str(bound)) if isinstance(value, date) else bound
        below = value < limit  # type: ignore[operator]
        above = value > limit  # type: ignore[operator]
        if (rule == "range.minimum" and below) or (rule == "range.maximum" and above):
            found.add(rule)
    return found


def _pattern(item: Item, text: str) -> set[str]:
    if item.pattern is None or re.fullmatch(item.pattern, text):
        return set()
    return {"pattern"}
