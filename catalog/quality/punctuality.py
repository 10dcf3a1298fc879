"""Promised against real updates: in how many of the last periods something was delivered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from catalog.periods import is_periodic, next_start, period_start

LOOKED_BACK = 12  # periods: a year of months, and not so long that old sins weigh for ever


@dataclass(frozen=True, slots=True)
class Period:
    """One promised update, from its first to its last day, and how many deliveries came in it."""

    first: date
    last: date
    deliveries: int


@dataclass(frozen=True, slots=True)
class Punctuality:
    """The whole periods since publication, the newest twelve, oldest first."""

    periods: tuple[Period, ...] = ()

    @property
    def promised(self) -> int:
        return len(self.periods)

    @property
    def kept(self) -> int:
        return sum(1 for period in self.periods if period.deliveries)

    @property
    def last_due(self) -> date | None:
        """The day by which the newest update that did not come was promised; None: all came."""
        missed = [period.last for period in self.periods if not period.deliveries]
        return missed[-1] if missed else None

    def as_json(self) -> dict[str, Any]:
        return {
            "promised": self.promised,
            "kept": self.kept,
            "periods": [
                {
                    "first": period.first.isoformat(),
                    "last": period.last.isoformat(),
                    "deliveries": period.deliveries,
                }
                for period in self.periods
            ],
        }


def punctuality(
    update_cycle: str, published: date, delivered: Iterable[date], today: date
) -> Punctuality:
    """What was promised by a cycle since publication, and what came; days are days in China.

    The period of the publication and the one that is not over yet promise nothing. A file with
    the same content on its due date is an update that was kept.
    """
    if not is_periodic(update_cycle):
        return Punctuality()
    current = period_start(update_cycle, today)
    earliest = next_start(update_cycle, period_start(update_cycle, published))
    first = max(earliest, next_start(update_cycle, current, -LOOKED_BACK))
    came: dict[date, int] = {}
    for day in delivered:
        start = period_start(update_cycle, day)
        came[start] = came.get(start, 0) + 1
    return Punctuality(tuple(_periods(update_cycle, first, current, came)))


def _periods(
    update_cycle: str, first: date, current: date, came: Mapping[date, int]
) -> Iterable[Period]:
    start = first
    while start < current:
        following = next_start(update_cycle, start)
        yield Period(start, following - timedelta(days=1), came.get(start, 0))
        start = following
