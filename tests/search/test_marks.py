"""The mark of a follower: numbers that come late are waited for, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalog.search.marks import PATIENCE, Gap, Mark, mark_of

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


def test_numbers_in_a_row_leave_no_gap() -> None:
    assert Mark().after([1, 2, 3], NOON) == Mark(3)


def test_a_number_that_is_missing_is_a_gap_until_it_comes() -> None:
    waiting = Mark(2).after([3, 5, 9], NOON)
    assert waiting == Mark(9, (Gap(4, 4, NOON), Gap(6, 8, NOON)))
    assert waiting.after([7], NOON) == Mark(9, (Gap(4, 4, NOON), Gap(6, 6, NOON), Gap(8, 8, NOON)))
    assert waiting.after([4, 6, 7, 8], NOON) == Mark(9)


def test_a_number_that_does_not_come_in_ten_minutes_was_never_used() -> None:
    waiting = Mark().after([2], NOON)
    assert waiting.after([], NOON + PATIENCE - timedelta(seconds=1)).gaps
    assert waiting.after([], NOON + PATIENCE) == Mark(2)


@given(st.lists(st.lists(st.integers(1, 60), max_size=8), max_size=8))
def test_a_mark_with_its_gaps_says_exactly_what_was_seen(parts: list[list[int]]) -> None:
    mark, seen = Mark(), set()
    for numbers in parts:
        wanted = [n for n in numbers if n > mark.sequence or _waits_for(mark, n)]
        mark = mark.after(wanted, NOON)
        seen |= set(wanted)
    expected = {n for n in range(1, mark.sequence + 1) if not _waits_for(mark, n)}
    assert expected == seen
    assert mark_of(mark.as_json()) == mark


def _waits_for(mark: Mark, number: int) -> bool:
    return any(gap.first <= number <= gap.last for gap in mark.gaps)
