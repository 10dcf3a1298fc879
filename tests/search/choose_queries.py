"""Draws the records of queries.csv: `python -m tests.search.choose_queries`, once, by a seed."""

from __future__ import annotations

import csv
import random
from pathlib import Path

from tests.search.kinds import Kind, text_of
from tests.search.portals import portal_records

FILE = Path(__file__).parent / "queries.csv"
SEED = 20261125
OF_EACH_KIND = 60


def main() -> None:
    """Sixty records of each kind, among those that make a query of it."""
    rng = random.Random(SEED)
    records = list(portal_records())
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "portal", "position"))
        for kind in Kind:
            drawn: list[tuple[str, str, int]] = []
            while len(drawn) < OF_EACH_KIND:
                record = rng.choice(records)
                row = (kind.value, record.portal, record.position)
                if text_of(kind, record) is not None and row not in drawn:
                    drawn.append(row)
            writer.writerows(sorted(drawn))


if __name__ == "__main__":
    main()
