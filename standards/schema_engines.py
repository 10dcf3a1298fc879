"""The two engines that judge a document by a JSON Schema: the reference, and a fast one.

`jsonschema` is the reference, jsonschema-rs gives the same verdict a hundred times faster. Both
agree in the dialect of `standards/schema_dialect.py`, on values that JSON can hold.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standards.documents import as_mapping

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema_rs import Draft202012Validator as FastValidator

_FOLDER = Path(__file__).parent / "schemas"


@dataclass(frozen=True, slots=True)
class Fault:
    """One keyword of a schema that a value breaks; `schema` is the part that holds the keyword."""

    path: tuple[str | int, ...]
    keyword: str
    instance: object
    schema: Mapping[str, object]
    message: str


def load_schema(name: str) -> dict[str, object]:
    """The schema of a kind of document: record, department, element, manifest, view and so on."""
    text = (_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


@lru_cache(maxsize=8)
def schema_of(name: str) -> Mapping[str, object]:
    """The schema as it was read the first time; to look into, not to change."""
    return load_schema(name)


def is_valid(name: str, document: Mapping[str, object]) -> bool:
    """Whether the document breaks nothing of the schema `name`: the fast judge.

    The reference judges what the fast engine cannot read, such as half a surrogate pair.
    """
    verdict = fast_verdict(name, document)
    if verdict is None:
        return bool(_reference(name).is_valid(document))
    return verdict


def fast_verdict(name: str, document: Mapping[str, object]) -> bool | None:
    """The fast engine's verdict; None where it cannot read the document."""
    try:
        return _fast(name).is_valid(document)
    except ValueError:
        return None


def reference_faults(name: str, document: Mapping[str, object]) -> Iterator[Fault]:
    """What the document breaks, as the reference finds it."""
    return map(_of_reference, _reference(name).iter_errors(document))


def fast_faults(name: str, document: Mapping[str, object]) -> Iterator[Fault]:
    """What the document breaks, as the fast engine finds it; ValueError if it cannot read it."""
    schema = schema_of(name)
    for error in _fast(name).iter_errors(document):
        *way, keyword = error.schema_path
        yield Fault(
            path=tuple(error.instance_path),
            keyword=str(keyword),
            instance=error.instance,
            schema=_part(schema, way),
            message=error.message,
        )


def _of_reference(error: ValidationError) -> Fault:
    return Fault(
        path=tuple(error.absolute_path),
        keyword=str(error.validator),
        instance=error.instance,
        schema=as_mapping(error.schema),
        message=error.message,
    )


def _part(schema: object, way: Sequence[str | int]) -> Mapping[str, object]:
    for step in way:
        schema = schema[step]  # type: ignore[index]  # the engine has gone this way itself
    return as_mapping(schema)


@lru_cache(maxsize=8)
def _fast(name: str) -> FastValidator:
    # most commands check nothing, and should not wait for the validators to load
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(load_schema(name))


@lru_cache(maxsize=8)
def _reference(name: str) -> Any:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    make: Any = extend  # its stub has no types
    linear = make(Draft202012Validator, {"uniqueItems": _unique_items})
    return linear(schema_of(name))


def _unique_items(
    _validator: object, wanted: object, instance: object, _schema: object
) -> Iterator[ValidationError]:
    """The reference compares each with each where values cannot be sorted: hours, for a long list.

    This says the same in one pass (tests/standards/test_schema_engines.py).
    """
    from jsonschema.exceptions import ValidationError

    if not wanted or not isinstance(instance, list):
        return
    if len({_identity(value) for value in instance}) < len(instance):
        yield ValidationError(f"{len(instance)} elements are not unique")


def _identity(value: object) -> object:
    """Something to hash that is equal for values that JSON Schema takes for equal: 1 and 1.0."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, list):
        return ("array", tuple(map(_identity, value)))
    if isinstance(value, dict):
        return ("object", frozenset((key, _identity(inner)) for key, inner in value.items()))
    return value
