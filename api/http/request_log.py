"""One line in the log for each request, written a few at a time."""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

import structlog

from catalog.clock import Clock

SECONDS = 0.25  # the longest that a line waits
MOST_CHARACTERS = 4000  # what one write puts into the file whole, beside other processes


class RequestLog:
    """Names the route's template, not the URL, so nothing a caller wrote gets into it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines: list[str] = []
        self._characters = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(
        self, request_id: str, method: str, route: str | None, status: int, seconds: float
    ) -> None:
        """Keep a line; it is written within a quarter of a second."""
        line = (
            f'{{"request_id":{quoted(request_id)},"method":{_text(method)},"route":{_text(route)},'
            f'"status":{status},"ms":{seconds * 1000:.2f},"event":"request","level":"info",'
            f'"timestamp":{quoted(f"{self._clock.now():%Y-%m-%dT%H:%M:%S.%fZ}")}}}'
        )
        self._lines.append(line)
        self._characters += len(line)
        if self._characters > MOST_CHARACTERS:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was kept."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            _sink().msg("\n".join(self._lines))
        self._lines.clear()
        self._characters = 0


@lru_cache(maxsize=200)
def _text(value: str | None) -> str:
    return json.dumps(value)


def _sink() -> Any:
    """Where the lines of every logger go, as it is configured now."""
    return structlog.get_config()["logger_factory"]()
