"""Judges a document by its JSON Schema and says each fault in Chinese and English.

The schemas keep to a dialect on which validators agree: no `format`, no \\d \\w \\s, ends of
patterns as `$(?!\\n)`. Beside a rule stand `x-zh` and `x-en` (what would be right), `x-width`
(digits to pad a number to) and `x-rule` (its code, where not made from path and keyword).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from standards.documents import as_mapping, as_sequence
from standards.violations import Severity, Violation

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

_FOLDER = Path(__file__).parent / "schemas"
_NOT_BLANK = "[^ \t\r\n\u3000]"
_SUFFIXES = {
    "required": "required",
    "minLength": "required",
    "minItems": "required",
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
    """All violations of the schema `name`, in the order of their paths, one for a path and rule."""
    found: dict[tuple[str, str], Violation] = {}
    errors = list(_validator(name).iter_errors(document))
    listed = {error.json_path for error in errors if error.validator == "enum"}
    for error in errors:
        if error.validator == "type" and error.json_path in listed:
            continue  # "1" for 1 is one fault, not two
        for violation in _violations(name, error):
            found.setdefault((violation.path, violation.rule), violation)
    return tuple(found[key] for key in sorted(found, key=_reading_order))


def _reading_order(key: tuple[str, str]) -> tuple[object, ...]:
    path, rule = key
    return (
        *((part.isdigit(), part.zfill(8) if part.isdigit() else part) for part in path.split("/")),
        rule,
    )


@lru_cache(maxsize=8)
def _validator(name: str) -> Draft202012Validator:
    # most commands check nothing, and should not wait for the validator to load
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema(name))


def load_schema(name: str) -> dict[str, object]:
    """The schema of a kind of document: department, record, manifest or view."""
    text = (_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


def _violations(name: str, error: ValidationError) -> Iterator[Violation]:
    path = tuple(error.absolute_path)
    instance = as_mapping(error.instance)
    schema = as_mapping(error.schema)
    known = as_mapping(schema.get("properties"))
    if error.validator == "required":
        for key in as_sequence(schema["required"]):
            if key not in instance:
                yield _missing(name, (*path, str(key)), schema)
    elif error.validator == "additionalProperties" and schema["additionalProperties"] is False:
        for key in instance:
            if key not in known:
                yield _unknown(name, (*path, key), instance[key], known)
    else:
        yield _wrong(name, path, error)


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
    titles = {str(as_mapping(facts).get("title")): name for name, facts in known.items()}
    if key in titles:
        return titles[key]
    plain = {name.replace("_", "").lower(): name for name in known}
    [near] = get_close_matches(key.replace("_", "").replace("-", "").lower(), plain, n=1) or [""]
    return plain.get(near)


def _wrong(name: str, path: tuple[str | int, ...], error: ValidationError) -> Violation:
    described = {**_described(name, path), **as_mapping(error.schema)}
    zh, en = str(described.get("x-zh", error.message)), str(described.get("x-en", error.message))
    hint_zh, hint_en = _hint(error, described)
    place = _place(path)
    title = f"{described.get('title', '')} {place}".strip()
    shown = shown_value(error.instance)
    return Violation(
        path=place,
        value=error.instance,
        rule=str(described.get("x-rule") or _rule(name, path, _suffix(error))),
        severity=Severity.ERROR,
        expected=f"{zh}{hint_zh} / {en}{hint_en}",
        zh=f"{title} 的值 {shown} 不对，正确写法：{zh}{hint_zh}",
        en=f"{place or 'the document'} holds {shown}; right would be: {en}{hint_en}",
    )


def _hint(error: ValidationError, described: Mapping[str, object]) -> tuple[str, str]:
    """How to write a value of the wrong type that was probably meant well."""
    value, wanted = error.instance, _types(described.get("type"))
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


def _suffix(error: ValidationError) -> str:
    if error.validator == "pattern" and error.validator_value == _NOT_BLANK:
        return "required"
    return _SUFFIXES.get(str(error.validator), str(error.validator))


def _rule(name: str, path: Iterable[str | int], suffix: str) -> str:
    names = [part for part in path if isinstance(part, str)]
    return ".".join([name, *names, suffix])


def _place(path: Iterable[str | int]) -> str:
    return "/".join(str(part) for part in path)


def _described(name: str, path: Iterable[str | int]) -> Mapping[str, object]:
    """The part of the schema that describes the place, with its title and what would be right."""
    schema = as_mapping(_validator(name).schema)
    for part in path:
        if isinstance(part, int):
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
