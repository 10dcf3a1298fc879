"""A violation: one place in a document that breaks one rule, and what would be right there."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Violation:
    """`path` is JSON-pointer-like (`items/3/length`); `rule` is a stable code."""

    path: str
    value: object
    rule: str
    severity: Severity
    expected: str
    zh: str
    en: str

    def as_json(self) -> dict[str, object]:
        return {
            "path": self.path,
            "value": self.value,
            "rule": self.rule,
            "severity": self.severity.value,
            "expected": self.expected,
            "zh": self.zh,
            "en": self.en,
        }


def errors_of(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Those that make a document invalid; warnings and notes do not."""
    return tuple(found for found in violations if found.severity is Severity.ERROR)
