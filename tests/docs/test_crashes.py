"""The page of crash points names every step of the code, in its order, and what follows a kill."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.steps import Step
from lake.views.steps import ViewStep

PAGE = Path(__file__).parents[2] / "docs" / "crashes.md"
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def test_every_step_has_its_row_in_the_order_of_the_code() -> None:
    named = [name for name, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert named == [*Step, *ViewStep]
    assert len(named) >= 15


def test_every_row_says_what_is_durable_what_is_left_and_who_ends_it() -> None:
    for name, told in ROW.findall(PAGE.read_text(encoding="utf-8")):
        cells = told.split(" | ")
        assert len(cells) == 3, name
        assert all("·" in cell for cell in cells if cell != "—"), f"{name}: in both languages"
