"""The rules of what a record says of its kind: interface, file, and the quality it promises."""

import re
from collections.abc import Iterator, Mapping, Sequence

from standards.documents import as_mapping, as_sequence
from standards.faults import error
from standards.records import kind_of
from standards.violations import Violation

_IN_URL = re.compile(r"\{([^{}/]+)\}")


def check_parts(document: Mapping[str, object]) -> Iterator[Violation]:
    """`interface` and `file` stand only where the format speaks for that kind.

    Where the kind is written the schema says so.
    """
    if "kind" in document:
        return
    kind = kind_of(document).value
    for part in ("interface", "file"):
        if part in document and part != kind:
            zh = f"不写：该资源是 {kind}；是 {part} 请写 kind: {part}"
            en = f"nothing, as this is a {kind}; if it is a {part}, write kind: {part}"
            yield error(part, None, f"record.{part}.absent", zh, en)


def check_interface(document: Mapping[str, object]) -> Iterator[Violation]:
    """A parameter stands once, and where the address and the method have room for it."""
    interface = as_mapping(document.get("interface"))
    url = str(interface.get("url", ""))
    seen: set[tuple[object, object]] = set()
    for rank, value in enumerate(as_sequence(interface.get("parameters"))):
        parameter = as_mapping(value)
        name, place = parameter.get("name"), parameter.get("place", "query")
        if not isinstance(name, str) or not isinstance(place, str):
            continue
        path = f"interface/parameters/{rank}"
        if (name, place) in seen:
            zh, en = "每个位置不重复的参数名", "a name that stands once in its place"
            yield error(f"{path}/name", name, "record.interface.parameters.name.unique", zh, en)
        seen.add((name, place))
        if place == "path" and name not in _IN_URL.findall(url):
            zh, en = f"query 等，或在 url 中写 {{{name}}}", f"query, say, or {{{name}}} in the url"
            yield error(f"{path}/place", place, "record.interface.parameters.place.path", zh, en)
        if place == "body" and interface.get("method") == "GET":
            zh, en = "query 等：GET 没有正文", "query, say: a GET has no body"
            yield error(f"{path}/place", place, "record.interface.parameters.place.body", zh, en)


def check_expectations(document: Mapping[str, object]) -> Iterator[Violation]:
    """What is expected of the rows can be met, and is said once of an item that is there."""
    expected = as_mapping(document.get("expectations"))
    rows = as_mapping(expected.get("rows"))
    low, high = rows.get("minimum"), rows.get("maximum")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        zh, en = f"不小于最少行数 {low}", f"at least the minimum, {low}"
        rule = "record.expectations.rows.maximum.order"
        yield error("expectations/rows/maximum", high, rule, zh, en)
    items = {str(as_mapping(item).get("id")) for item in as_sequence(document.get("items"))}
    yield from _check_fill_rates(as_sequence(expected.get("fill_rates")), items)


def _check_fill_rates(rates: Sequence[object], items: set[str]) -> Iterator[Violation]:
    seen: set[str] = set()
    for rank, rate in enumerate(rates):
        item, rule = as_mapping(rate).get("item"), "record.expectations.fill_rates.item"
        if not isinstance(item, str):
            continue
        path = f"expectations/fill_rates/{rank}/item"
        if item not in items:
            zh, en = "本记录一个信息项的 id", "the id of an item of this record"
            yield error(path, item, f"{rule}.unknown", zh, en)
        if item in seen:
            zh, en = "每个信息项只写一次", "an item that stands once"
            yield error(path, item, f"{rule}.unique", zh, en)
        seen.add(item)
