"""A violation: one place in a document that breaks one rule, and what would be right there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Violation:
    """`path` is JSON-pointer-like (`items/3/length`); `rule` is a stable code; `place` is where
    the author finds it in the file (`第 12 行`, `信息项!C7`), where the file is known."""

    path: str
    value: object
    rule: str
    severity: Severity
    expected: str
    zh: str
    en: str
    place: str | None = None

    def as_json(self) -> dict[str, object]:
        facts: dict[str, object] = {
            "path": self.path,
            "value": self.value,
            "rule": self.rule,
            "severity": self.severity.value,
            "expected": self.expected,
            "zh": self.zh,
            "en": self.en,
        }
        return facts if self.place is None else {**facts, "place": self.place}


def errors_of(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Those that make a document invalid; warnings and notes do not."""
    return tuple(found for found in violations if found.severity is Severity.ERROR)


def placed(
    violations: Iterable[Violation], places: Callable[[str], str | None]
) -> tuple[Violation, ...]:
    """The violations with the place that `places` gives for their path: `Lines.place`, or the
    `get` of a mapping from paths to cells."""
    return tuple(replace(found, place=places(found.path)) for found in violations)
