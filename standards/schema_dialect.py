"""Says what of a JSON Schema lies outside the dialect in which validators agree.

They differ in what `\\d`, `\\w`, `\\s` and `\\b` take of Unicode, in whether `$` stands before a
last newline, in whether `format` is checked, and in fractions; a keyword of which it is not shown
that they agree is not used (tests/standards/test_mutants.py shows it).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "title", "description", "readOnly"})
_LIMITS = frozenset(
    {
        "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    }
)  # fmt: skip
_PLAIN = frozenset({"type", "enum", "const", "required", "uniqueItems"})
_ONE_SCHEMA = frozenset(
    {"items", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
)
_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf"})
_REASONS = {
    "format": "checked by some only: write a pattern",
    "$ref": "our sentences do not follow it: write the part out",
}
# what stands before decides whether a backslash or a dollar sign is meant as itself
_PATTERN_FAULTS = (
    (re.compile(r"\\[dDwWsSbBpPXhHvV]"), "differs in Unicode: write the characters out"),
    (re.compile(r"\\[AzZG]"), "an anchor not all know: write ^ and $(?!\\n)"),
    (re.compile(r"\\[1-9]|\\k"), "a reference back to a group"),
    (re.compile(r"\(\?(?!:|!\n\))"), "a group with ?, save for (?: and the end $(?!\\n)"),
    (re.compile(r"\$(?!\(\?!\n\))"), "an end without $(?!\\n), which some take before a newline"),
    (re.compile(r"[*+?}]\+"), "possession, which not all know"),
    (re.compile(r"\[[^\]]*(\[|&&|--|~~)"), "a set within a set, which not all read alike"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stray:
    """One place of a schema that is outside of the dialect, and why."""

    path: str
    keyword: str
    reason: str


def strays_of(schema: object, path: str = "") -> Iterator[Stray]:
    """Everything in a schema that validators may take differently."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield Stray(path, "", "no schema")
        return
    for keyword, value in schema.items():
        place = f"{path}/{keyword}"
        if keyword == "properties":
            for name, inner in value.items():
                yield from strays_of(inner, f"{place}/{name}")
        elif keyword in _ONE_SCHEMA:
            yield from strays_of(value, place)
        elif keyword in _SCHEMAS:
            for rank, inner in enumerate(value):
                yield from strays_of(inner, f"{place}/{rank}")
        else:
            yield from _of_keyword(place, keyword, value)


def _of_keyword(path: str, keyword: str, value: object) -> Iterator[Stray]:
    if keyword == "pattern":
        yield from _of_pattern(path, str(value))
    elif keyword in ("enum", "const"):
        listed = value if keyword == "enum" and isinstance(value, list) else [value]
        if any(isinstance(each, float) for each in listed):
            yield Stray(path, keyword, "a fraction, which is not compared alike by all")
    elif keyword == "multipleOf":
        if not isinstance(value, int) or value < 1:
            yield Stray(path, keyword, "a fraction, which is not divided alike by all")
    elif keyword not in _ANNOTATIONS | _LIMITS | _PLAIN and not keyword.startswith("x-"):
        yield Stray(path, keyword, _REASONS.get(keyword, "a keyword of which no proof is held"))


def _of_pattern(path: str, pattern: str) -> Iterator[Stray]:
    meant = re.sub(r"\\\\|\\\$", "", pattern)  # a backslash and a dollar sign as themselves
    reasons = [reason for fault, reason in _PATTERN_FAULTS if fault.search(meant)]
    yield from (Stray(path, "pattern", reason) for reason in reasons)
    if reasons:
        return
    try:
        re.compile(pattern)
    except re.error:
        yield Stray(path, "pattern", "no regular expression")
