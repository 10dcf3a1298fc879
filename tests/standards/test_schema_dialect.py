"""Our schemas keep to the dialect in which validators agree, and the lint sees what does not."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jsonschema_rs import Draft202012Validator as FastValidator

import standards
from standards.schema_dialect import strays_of
from standards.schema_engines import load_schema

FOLDER = Path(standards.__file__).parent / "schemas"
SCHEMAS = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_keeps_to_the_dialect(name: str) -> None:
    schema = load_schema(name)
    Draft202012Validator.check_schema(schema)
    FastValidator(schema)
    assert list(strays_of(schema)) == []


@pytest.mark.parametrize(
    "part",
    [
        *({"pattern": pattern} for pattern in (
            r"^\d+", r"\w", r"\S", r"\p{L}", r"\bx", r"a\Z", "a$", "^a$|b$(?!\n)", "(?i)a",
            "(?=a)a", "(?<!a)b", r"(a)\1", "(?P<n>a)", "a++", "(?>a)", "[a&&b]", "[a[b]]", "(",
        )),
        {"format": "date"},
        {"multipleOf": 0.1},
        {"enum": [0.1]},
        {"const": 1.5},
        {"$ref": "#"},
        {"dependentRequired": {}},
        {"unevaluatedProperties": False},
    ],
)  # fmt: skip
def test_what_is_outside_of_the_dialect_is_found_wherever_it_stands(part: object) -> None:
    for schema in (
        part,
        {"properties": {"a": {"items": part}}},
        {"allOf": [{"if": {"type": "string"}, "then": {"not": part}}]},
        {"propertyNames": part, "additionalProperties": True},
    ):
        [stray] = strays_of(schema)
        assert stray.reason
        assert stray.path.endswith(stray.keyword)


@pytest.mark.parametrize(
    "part",
    [
        {"pattern": "^[a-z]{1,3}$(?!\n)"},
        {"pattern": r"a\$b\\d"},
        {"pattern": "(?:a|b)"},
        {"multipleOf": 2},
        {"enum": [1, "a", None]},
        {"title": "t", "x-zh": "甲", "readOnly": True},
    ],
)
def test_what_both_read_alike_is_no_stray(part: object) -> None:
    assert list(strays_of(part)) == []
