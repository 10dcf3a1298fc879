"""The next due day by the update cycle."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from catalog.due_dates import next_due
from standards.code_lists import load_code_lists

TODAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("cycle", "last", "due"),
    [
        ("daily", date(2026, 11, 25), date(2026, 11, 26)),
        ("weekly", date(2026, 11, 25), date(2026, 12, 6)),  # a Wednesday; the next week's Sunday
        ("weekly", date(2026, 11, 29), date(2026, 12, 6)),
        ("monthly", date(2026, 11, 1), date(2026, 12, 31)),
        ("monthly", date(2026, 12, 31), date(2027, 1, 31)),
        ("monthly", date(2028, 1, 31), date(2028, 2, 29)),
        ("quarterly", date(2026, 11, 25), date(2027, 3, 31)),
        ("semiannual", date(2026, 6, 30), date(2026, 12, 31)),
        ("yearly", date(2026, 1, 1), date(2027, 12, 31)),
        ("daily", None, date(2026, 12, 1)),
        ("weekly", None, date(2026, 12, 6)),
        ("quarterly", None, date(2026, 12, 31)),
        ("realtime", date(2026, 11, 25), None),
        ("on_demand", date(2026, 11, 25), None),
        ("irregular", None, None),
        ("other", None, None),
    ],
)
def test_what_came_in_one_period_is_followed_by_the_end_of_the_next(
    cycle: str, last: date | None, due: date | None
) -> None:
    assert next_due(cycle, last, TODAY) == due


def test_every_cycle_of_the_list_is_known_and_a_due_day_lies_behind_the_update() -> None:
    for cycle in load_code_lists().require("update_cycle").codes:
        for days in range(800):
            last = TODAY + timedelta(days=days)
            due = next_due(cycle, last, TODAY)
            assert due is None or due > last
