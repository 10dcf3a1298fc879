"""The clock as a port: every instant that Datong stores comes from here, aware and in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA_TIME = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time; the result is aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until it is moved: for replays and for tests of time limits."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def advance(self, by: timedelta) -> datetime:
        self.instant += by
        return self.instant


def shown_in_china(instant: datetime) -> str:
    """An instant as people here read it: ISO 8601 in China time, to the second."""
    return instant.astimezone(CHINA_TIME).isoformat(timespec="seconds")
