"""Judges a document by its JSON Schema and says each fault in Chinese and English.

The schemas keep to a dialect on which both engines agree (`standards/schema_dialect.py`). Beside
a rule stand `x-zh` and `x-en` (what would be right), `x-width` (digits to pad a number to) and
`x-rule` (its code, where not made from path and keyword).
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

from standards.documents import as_mapping, as_sequence
from standards.schema_engines import (
    Fault,
    fast_faults,
    fast_verdict,
    is_valid,
    load_schema,
    reference_faults,
    schema_of,
)
from standards.violations import Severity, Violation

__all__ = ["check_many", "check_schema", "is_valid", "load_schema", "nearest_key", "shown_value"]

MOST_EXPLAINED = 200
_LOG = logging.getLogger(__name__)
# keys of one mapping that are told to be unknown: a document with more of them is another one
MOST_UNKNOWN = 100
_NOT_BLANK = "[^ \t\r\n\u3000]"
_SUFFIXES = {
    "required": "required",
    "minLength": "required",
    "minItems": "required",
    "minProperties": "required",
    "additionalProperties": "unknown_key",
    "propertyNames": "unknown_key",
    "enum": "value",
    "const": "value",
    "not": "absent",
    "pattern": "format",
    "maxLength": "length",
    "maxItems": "length",
    "uniqueItems": "unique",
    "minimum": "range",
    "maximum": "range",
    "type": "type",
}


def check_schema(name: str, document: Mapping[str, object]) -> tuple[Violation, ...]:
    """All violations of the schema `name`, in the order of their paths, one for a path and rule.

    The fast engine judges; where it finds fault the reference says what is wrong, and is right.
    """
    verdict = fast_verdict(name, document)
    if verdict is True:
        return ()
    found = violations_of(name, reference_faults(name, document))
    if verdict is False and not found:
        _log_difference(name, document)
    return found


def check_many(
    name: str, documents: Iterable[Mapping[str, object]], explained: int = MOST_EXPLAINED
) -> Iterator[tuple[Violation, ...]]:
    """The violations of each document in turn, for imports of many.

    The reference explains the first invalid ones, as many as a person will read; what is wrong
    with the others is said from what the fast engine found.
    """
    for document in documents:
        verdict = fast_verdict(name, document)
        if verdict is True:
            yield ()
        elif verdict is None or explained > 0:
            explained -= 1
            yield check_schema(name, document)
        else:
            yield violations_of(name, fast_faults(name, document))


def violations_of(name: str, faults: Iterable[Fault]) -> tuple[Violation, ...]:
    """What to say of the faults of one document, whichever engine found them."""
    faults = list(faults)
    listed = {fault.path for fault in faults if fault.keyword == "enum"}
    found: dict[tuple[str, str], Violation] = {}
    keys_told = set()
    for fault in faults:
        if fault.keyword == "type" and fault.path in listed:
            continue  # "1" for 1 is one fault, not two
        if fault.keyword in ("required", "additionalProperties"):
            about = (fault.path, fault.keyword, id(fault.schema))
            if about in keys_told:
                continue  # the engines say each missing key; the first time tells them all
            keys_told.add(about)
        for violation in _violations(name, fault):
            found.setdefault((violation.path, violation.rule), violation)
    return tuple(found[key] for key in sorted(found, key=_reading_order))


def _log_difference(name: str, document: Mapping[str, object]) -> None:
    """Which keywords are taken differently; no value and no key of the document is told."""
    keywords = sorted({fault.keyword for fault in fast_faults(name, document)})
    _LOG.warning(
        "schema %s: the fast engine refuses what the reference accepts, by %s",
        name,
        " ".join(keywords),
    )


def _reading_order(key: tuple[str, str]) -> tuple[list[tuple[bool, str]], str]:
    path, rule = key
    parts = path.split("/")
    return [(part.isdigit(), part.zfill(8) if part.isdigit() else part) for part in parts], rule


def _violations(name: str, fault: Fault) -> Iterator[Violation]:
    path, schema = fault.path, fault.schema
    instance = as_mapping(fault.instance)
    known = as_mapping(schema.get("properties"))
    if fault.keyword == "required":
        for key in as_sequence(schema["required"]):
            if key not in instance:
                yield _missing(name, (*path, str(key)), schema)
    elif fault.keyword == "additionalProperties" and schema["additionalProperties"] is False:
        strange = (key for key in instance if key not in known)
        for key in islice(strange, MOST_UNKNOWN):
            yield _unknown(name, (*path, key), instance[key], known)
    else:
        yield _wrong(name, fault)


def _missing(name: str, path: tuple[str | int, ...], schema: Mapping[str, object]) -> Violation:
    described = _described(name, path)
    source = schema if _property_of(schema, path[-1]) is None else described
    zh, en = str(source.get("x-zh", "")), str(source.get("x-en", ""))
    place = _place(path)
    return Violation(
        path=place,
        value=None,
        rule=_rule(name, path, "required"),
        severity=Severity.ERROR,
        expected=f"{zh} / {en}",
        zh=f"缺少{described.get('title', '')} {place}，应写：{zh}",
        en=f"{place} is missing: write {en}",
    )


def _unknown(
    name: str, path: tuple[str | int, ...], value: object, known: Mapping[str, object]
) -> Violation:
    key, place = str(path[-1]), _place(path)
    near = nearest_key(key, known)
    keys = [near] if near else sorted(known)
    return Violation(
        path=place,
        value=value,
        rule=_rule(name, path[:-1], "unknown_key"),
        severity=Severity.ERROR,
        expected=" ".join(keys),
        zh=f"不认识的键 {place}："
        + (f"是否应为 {near}？" if near else f"可用的键有 {' '.join(keys)}"),
        en=f"{place} is an unknown key: "
        + (f"did you mean {near}?" if near else f"known are {' '.join(keys)}"),
    )


def nearest_key(key: str, known: Mapping[str, object]) -> str | None:
    """The known key that was meant: by its Chinese title, or by its spelling."""
    titles = tuple((str(as_mapping(facts).get("title")), name) for name, facts in known.items())
    return _nearest_key(key, titles)


@lru_cache(maxsize=1024)
def _nearest_key(key: str, titles: tuple[tuple[str, str], ...]) -> str | None:
    by_title = dict(titles)
    if key in by_title:
        return by_title[key]
    plain = {name.replace("_", "").lower(): name for _, name in titles}
    [near] = get_close_matches(key.replace("_", "").replace("-", "").lower(), plain, n=1) or [""]
    return plain.get(near)


def _wrong(name: str, fault: Fault) -> Violation:
    described = {**_described(name, fault.path), **fault.schema}
    zh, en = str(described.get("x-zh", fault.message)), str(described.get("x-en", fault.message))
    hint_zh, hint_en = _hint(fault.instance, described)
    place = _place(fault.path)
    title = f"{described.get('title', '')} {place}".strip()
    shown = shown_value(fault.instance)
    return Violation(
        path=place,
        value=fault.instance,
        rule=str(described.get("x-rule") or _rule(name, fault.path, _suffix(fault))),
        severity=Severity.ERROR,
        expected=f"{zh}{hint_zh} / {en}{hint_en}",
        zh=f"{title} 的值 {shown} 不对，正确写法：{zh}{hint_zh}",
        en=f"{place or 'the document'} holds {shown}; right would be: {en}{hint_en}",
    )


def _hint(value: object, described: Mapping[str, object]) -> tuple[str, str]:
    """How to write a value of the wrong type that was probably meant well."""
    wanted = _types(described.get("type"))
    if isinstance(value, str):
        return _unquoted(value, wanted)
    if isinstance(value, bool) or not isinstance(value, int) or "string" not in wanted:
        return "", ""
    width = described.get("x-width")
    text = str(value).zfill(width if isinstance(width, int) else 0)
    if re.search(str(described.get("pattern", "")), text) is None:
        return "", ""
    return f'，加引号写成 "{text}"', f'; quote it: "{text}"'


def _unquoted(value: str, wanted: tuple[object, ...]) -> tuple[str, str]:
    numbers = not {"integer", "number"}.isdisjoint(wanted) and value.isascii() and value.isdigit()
    if numbers or ("boolean" in wanted and value in {"true", "false"}):
        return f"，不加引号写成 {value}", f"; write {value} without quotes"
    return "", ""


def _types(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _suffix(fault: Fault) -> str:
    if fault.keyword == "pattern" and fault.schema["pattern"] == _NOT_BLANK:
        return "required"
    return _SUFFIXES.get(fault.keyword, fault.keyword)


def _rule(name: str, path: Iterable[str | int], suffix: str) -> str:
    names = [part for part in path if isinstance(part, str)]
    return ".".join([name, *names, suffix])


def _place(path: Iterable[str | int]) -> str:
    return "/".join(str(part) for part in path)


def _described(name: str, path: Iterable[str | int]) -> Mapping[str, object]:
    """The part of the schema that describes the place, with its title and what would be right."""
    return _part_for(name, tuple(None if isinstance(part, int) else part for part in path))


@lru_cache(maxsize=1024)
def _part_for(name: str, path: tuple[str | None, ...]) -> Mapping[str, object]:
    schema = schema_of(name)
    for part in path:
        if part is None:
            schema = as_mapping(schema.get("items"))
        else:
            schema = _property_of(schema, part) or {}
    return schema


def _property_of(schema: Mapping[str, object], key: object) -> Mapping[str, object] | None:
    properties = as_mapping(schema.get("properties"))
    return as_mapping(properties[str(key)]) if str(key) in properties else None


def shown_value(value: object) -> str:
    """A value as it may stand in a sentence: JSON, not longer than a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
