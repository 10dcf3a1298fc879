"""The rules of a record's items that JSON Schema cannot say."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.elements import DataElement
from standards.faults import error, not_in_list, warning
from standards.identifiers import IdentifierKind
from standards.records import read_identifiers
from standards.violations import Violation

MOST_DIGITS = 38  # decimal128
MOST_SUGGESTIONS = 10  # each is sought among all names of a register, which may be thousands
_FAMILIES = {
    **dict.fromkeys("CM", "text"),
    **dict.fromkeys("NYIBF", "number"),
    **dict.fromkeys("DT", "time"),
    "L": "boolean",
    "G": "binary",
}
_LENGTHS = {
    IdentifierKind.CITIZEN: 18,
    IdentifierKind.USCC: 18,
    IdentifierKind.ORG_CODE: 9,
    IdentifierKind.REG_NO: 15,
}
# Engines for large data know neither lookaround nor references back into the match.
_UNSUPPORTED = re.compile(r"\(\?([=!(>]|<[=!]|P=)|\\[1-9]|[*+?}]\+")


def check_items(
    document: Mapping[str, object], code_lists: CodeLists, elements: Mapping[str, DataElement]
) -> tuple[Violation, ...]:
    """The violations of all items, rule by rule for what they share, then item by item."""
    items = [as_mapping(item) for item in as_sequence(document.get("items"))]
    found = list(_check_heads(items))
    found += _check_known(items, "code_list", code_lists, "代码表 / code list")
    found += _check_known(items, "element", elements, "数据元 / element")
    for place, item in enumerate(items):
        path = f"items/{place}"
        found += _check_digits(path, item)
        found += _check_codes_are_text(path, item)
        found += _check_identifier(path, item)
        found += _check_element(path, item, elements)
        found += _check_bounds(path, item)
        found += _check_pattern(path, item)
    found += _check_elements_unique(items)
    return tuple(found)


def _check_heads(items: list[Mapping[str, object]]) -> Iterator[Violation]:
    """Every id, name and alias may head a column, so none may mean two items."""
    owners: dict[str, int] = {}
    for place, item in enumerate(items):
        for path, rule, head in _heads(place, item):
            owner = owners.setdefault(head, place)
            if owner != place:
                zh = f"不与第 {owner + 1} 个信息项的标识、名称或别名相同"
                en = f"unlike the id, name and aliases of item {owner + 1}"
                yield error(path, head, f"record.items.{rule}.unique", zh, en)


def _heads(place: int, item: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    for key in ("id", "name"):
        value = item.get(key)
        if isinstance(value, str):
            yield f"items/{place}/{key}", key, value
    for rank, alias in enumerate(as_sequence(item.get("aliases"))):
        if isinstance(alias, str):
            yield f"items/{place}/aliases/{rank}", "aliases", alias


def _check_digits(path: str, item: Mapping[str, object]) -> Iterator[Violation]:
    length, scale = item.get("length"), item.get("scale")
    if item.get("data_type") not in ("N", "Y") or not isinstance(length, int):
        return
    if length > MOST_DIGITS:
        zh, en = f"至多 {MOST_DIGITS} 位", f"at most {MOST_DIGITS} digits"
        yield error(f"{path}/length", length, "record.items.length.digits", zh, en)
    if isinstance(scale, int) and scale > length:
        zh, en = f"不大于总位数 {length}", f"at most the length, {length}"
        yield error(f"{path}/scale", scale, "record.items.scale.length", zh, en)


def _check_known(
    items: list[Mapping[str, object]], key: str, known: Mapping[str, object], what: str
) -> Iterator[Violation]:
    """Names that no register has; the nearest ones are told for the first few."""
    strangers = [
        (place, name)
        for place, item in enumerate(items)
        if isinstance(name := item.get(key), str) and name not in known
    ]
    for rank, (place, name) in enumerate(strangers):
        nearest = known if rank < MOST_SUGGESTIONS else ()
        path, rule = f"items/{place}/{key}", f"record.items.{key}.unknown"
        yield not_in_list(path, name, rule, nearest, what)


def _check_codes_are_text(path: str, item: Mapping[str, object]) -> Iterator[Violation]:
    if isinstance(item.get("code_list"), str):
        yield from _check_is_text(path, item, "code_list", "代码", "codes")


def _check_identifier(path: str, item: Mapping[str, object]) -> Iterator[Violation]:
    kinds = _kinds(item)
    if not kinds:
        return
    yield from _check_is_text(path, item, "identifier", "号码", "identity numbers")
    needed, length = max(_LENGTHS[kind] for kind in kinds), item.get("length")
    if isinstance(length, int) and length < needed:
        zh, en = f"至少 {needed}，容得下该号码", f"at least {needed}, to hold the number"
        yield warning(f"{path}/length", length, "record.items.length.identifier", zh, en)


def _kinds(item: Mapping[str, object]) -> tuple[IdentifierKind, ...]:
    try:
        return read_identifiers(item.get("identifier"))
    except ValueError:
        return ()  # the schema has named the unknown kind


def _check_is_text(
    path: str, item: Mapping[str, object], key: str, zh: str, en: str
) -> Iterator[Violation]:
    data_type = item.get("data_type")
    if _FAMILIES.get(str(data_type), "text") != "text":
        right = f"C：{zh}是文字，即使全是数字", f"C: {en} are text, even when all digits"
        yield error(f"{path}/data_type", data_type, f"record.items.{key}.type", *right)


def _check_element(
    path: str, item: Mapping[str, object], elements: Mapping[str, DataElement]
) -> Iterator[Violation]:
    element_id = item.get("element")
    element = elements.get(element_id) if isinstance(element_id, str) else None
    if element is None:
        return
    data_type = item.get("data_type")
    if _FAMILIES.get(str(data_type)) not in (None, _FAMILIES[element.data_type]):
        zh, en = f"{element.data_type}，与数据元一致", f"{element.data_type}, as its element"
        yield warning(f"{path}/data_type", data_type, "record.items.element.type", zh, en)
    list_id = item.get("code_list")
    if list_id is not None and element.code_list not in (None, list_id):
        zh, en = f"{element.code_list}，与数据元一致", f"{element.code_list}, as its element"
        yield warning(f"{path}/code_list", list_id, "record.items.element.code_list", zh, en)
    if element.identifier is not None and item.get("identifier") is None:
        right = f"{element.identifier}，以便校验号码", f"{element.identifier}, to have it checked"
        yield warning(f"{path}/identifier", None, "record.items.element.identifier", *right)


def _check_elements_unique(items: list[Mapping[str, object]]) -> Iterator[Violation]:
    owners: dict[str, int] = {}
    for place, item in enumerate(items):
        element = item.get("element")
        if isinstance(element, str) and owners.setdefault(element, place) != place:
            zh = f"只由一个信息项对应，已由第 {owners[element] + 1} 个对应"
            en = f"an element of one item only; item {owners[element] + 1} has it"
            yield error(f"items/{place}/element", element, "record.items.element.unique", zh, en)


def _check_bounds(path: str, item: Mapping[str, object]) -> Iterator[Violation]:
    family = _FAMILIES.get(str(item.get("data_type")))
    bounds = {}
    for key in ("minimum", "maximum"):
        value = item.get(key)
        if value is None:
            continue
        bounds[key] = _measure(family, value)
        if bounds[key] is None:
            zh = "与数据类型相符：数值型写数，日期型写存在的日期，其他类型不写"
            en = "a number for numbers, an existing date for dates, nothing for other types"
            yield error(f"{path}/{key}", value, f"record.items.{key}.type", zh, en)
    low, high = bounds.get("minimum"), bounds.get("maximum")
    if low is not None and high is not None and low > high:
        zh, en = f"不小于最小值 {item['minimum']}", f"at least the minimum, {item['minimum']}"
        yield error(f"{path}/maximum", item["maximum"], "record.items.maximum.order", zh, en)


def _measure(family: str | None, value: object) -> float | None:
    """A bound as a number to compare, or None where it does not suit the type of the item."""
    if family == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if family != "time" or not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.toordinal() * 86400 + seconds


def _check_pattern(path: str, item: Mapping[str, object]) -> Iterator[Violation]:
    pattern = item.get("pattern")
    if not isinstance(pattern, str):
        return
    try:
        re.compile(pattern)
    except re.error:
        zh, en = "合法的正则表达式", "a valid regular expression"
        yield error(f"{path}/pattern", pattern, "record.items.pattern.invalid", zh, en)
        return
    if _UNSUPPORTED.search(pattern):
        zh, en = "不用环视、反向引用和占有量词", "without lookaround, backreference, possession"
        yield error(f"{path}/pattern", pattern, "record.items.pattern.unsupported", zh, en)
    yield from _check_is_text(path, item, "pattern", "有格式的值", "values with a pattern")
