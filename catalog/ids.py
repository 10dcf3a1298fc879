"""New ids as a port: UUIDs of version 7 as text, which sort by the time of their making."""

from __future__ import annotations

import secrets
import threading
import time
from typing import ClassVar, Protocol
from uuid import UUID

_COUNTER_BITS = 12
_RANDOM_BITS = 62


class Ids(Protocol):
    """Gives a new id at each call."""

    def new(self) -> str: ...


class SystemIds:
    """UUIDv7 (RFC 9562, 5.7): milliseconds, a 12-bit fraction as counter, 62 random bits.

    Ids of one process never go backwards, even when the machine's clock does.
    """

    _lock: ClassVar[threading.Lock] = threading.Lock()
    _last: ClassVar[int] = 0

    def new(self) -> str:
        with SystemIds._lock:
            ticks = max(_ticks(), SystemIds._last + 1)
            SystemIds._last = ticks
        milliseconds, counter = divmod(ticks, 1 << _COUNTER_BITS)
        number = milliseconds << 80 | 0x7 << 76 | counter << 64
        number |= 0b10 << 62 | secrets.randbits(_RANDOM_BITS)
        return str(UUID(int=number))


def _ticks() -> int:
    """The time in 1/4096 milliseconds since 1970."""
    return (time.time_ns() << _COUNTER_BITS) // 1_000_000
