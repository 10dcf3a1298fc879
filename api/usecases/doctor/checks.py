"""What one check says: how bad it is, what was seen, and the next step where something is wrong."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

Words = tuple[str, str]


class Severity(StrEnum):
    """How much a failed check matters, worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check; `severity` is how much it would matter, or matters. No next step where ok."""

    name: str
    ok: bool
    severity: Severity
    zh: str
    en: str
    next_zh: str | None = None
    next_en: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was checked; ok where no error was found, whatever warns."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        return all(check.ok or check.severity is not Severity.ERROR for check in self.checks)

    def worst_first(self) -> list[Check]:
        order = list(Severity)
        return sorted(
            self.checks,
            key=lambda check: (check.ok, 0 if check.ok else order.index(check.severity)),
        )

    def find(self, name: str) -> Check | None:
        return next((check for check in self.checks if check.name == name), None)


def fine(name: str, said: Words, severity: Severity = Severity.ERROR) -> Check:
    return Check(name=name, ok=True, severity=severity, zh=said[0], en=said[1])


def wrong(name: str, severity: Severity, said: Words, following: Words) -> Check:
    return Check(
        name=name,
        ok=False,
        severity=severity,
        zh=said[0],
        en=said[1],
        next_zh=following[0],
        next_en=following[1],
    )


def listed(things: list[str], most: int = 5) -> str:
    """The first of many things, and how many more there are.

    Some are names that others gave to files: what steers a terminal is shown as `?`.
    """
    more = f" (+{len(things) - most})" if len(things) > most else ""
    shown = ("".join(c if c.isprintable() else "?" for c in thing) for thing in things[:most])
    return ", ".join(shown) + more
