"""Checks of identity numbers by their standards; reads nothing and keeps nothing."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.errors import NotOneOf
from standards.identifiers import IdentifierKind, check_identifier


def kind_of(text: str) -> IdentifierKind:
    """The kind of that name, or NotOneOf."""
    if text not in set(IdentifierKind):
        raise NotOneOf("kind", tuple(IdentifierKind))
    return IdentifierKind(text)


def check_numbers(kind: IdentifierKind, numbers: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The verdicts in the order of the numbers, one by one as they are read."""
    for number in numbers:
        verdict = check_identifier(kind, number)
        yield {
            "input": verdict.input,
            "valid": verdict.valid,
            "normalised": verdict.normalised,
            "rule": verdict.rule,
            "reason": verdict.reason,
            "warnings": list(verdict.warnings),
        }
