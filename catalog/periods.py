"""Calendar periods of an update cycle (更新周期): days, weeks from Monday, months and more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

# how many months a period of the cycle has
_MONTHS: Mapping[str, int] = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}
_DAYS: Mapping[str, int] = {"daily": 1, "weekly": 7}


def is_periodic(update_cycle: str) -> bool:
    """Whether the cycle promises something by a day; realtime, on_demand, irregular do not."""
    return update_cycle in _MONTHS or update_cycle in _DAYS


def period_start(update_cycle: str, day: date) -> date:
    """The first day of the period that a day lies in; ValueError for a cycle without periods."""
    if update_cycle == "daily":
        return day
    if update_cycle == "weekly":
        return day - timedelta(days=day.weekday())
    months = _months(update_cycle)
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_start(update_cycle: str, start: date, steps: int = 1) -> date:
    """The first day of the period that follows the one that begins at `start`; steps may be < 0."""
    if update_cycle in _DAYS:
        return start + timedelta(days=_DAYS[update_cycle] * steps)
    month = start.year * 12 + start.month - 1 + _months(update_cycle) * steps
    return date(month // 12, month % 12 + 1, 1)


def _months(update_cycle: str) -> int:
    if update_cycle not in _MONTHS:
        raise ValueError(f"{update_cycle} has no periods")
    return _MONTHS[update_cycle]
