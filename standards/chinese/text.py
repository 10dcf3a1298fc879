"""Text as searches compare it: compatibility forms unified, lower case, simplified characters."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
# of a character class: ideographs of the basic plane and of those above it
IDEOGRAPHS = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003347f"


def plain(text: str) -> str:
    """NFKC, lower case, and every traditional character replaced by its simplified form."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return folded if folded.isascii() else folded.translate(_simplified())


@cache
def _simplified() -> Mapping[int, str]:
    rows = table("simplified.csv")
    return {ord(each): form for form, characters in rows for each in characters}


def table(name: str) -> list[tuple[str, str]]:
    """The rows of a table of this folder, without its head."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return [(first, second) for first, second in reader]
