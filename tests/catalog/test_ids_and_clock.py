"""Ids sort by their time, also when made at once; the clock is aware and in UTC."""

from __future__ import annotations

import threading
import time
from datetime import UTC, timedelta
from uuid import UUID

from catalog.clock import SystemClock
from catalog.ids import SystemIds
from tests.catalog.makers import NOON, a_clock


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    before = time.time_ns() // 1_000_000
    made = UUID(SystemIds().new())
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert 0 <= (made.int >> 80) - before < 10_000


def test_ids_sort_in_the_order_of_their_making() -> None:
    made = [SystemIds().new() for _each in range(20_000)]
    assert made == sorted(made)


def test_ids_of_many_threads_differ() -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.extend(SystemIds().new() for _each in range(2_000)))
        for _thread in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8_000


def test_clocks_tell_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    clock = a_clock()
    assert clock.advance(timedelta(days=1)) == clock.now() == NOON + timedelta(days=1)
