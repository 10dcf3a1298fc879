"""How the territories of two records lie to each other, told by their division codes alone."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

# province, city, county, township, village: where a division code may end
_LEVELS = (2, 4, 6, 9, 12)
_LENGTHS = (6, 12)
_COUNTRY = "0"


class Territory(StrEnum):
    """What the territory of another record is to the own one."""

    SAME = "same"
    CONTAINING = "containing"
    CONTAINED = "contained"
    APART = "apart"

    @property
    def zh(self) -> str:
        return TERRITORY_NAMES[self]

    @property
    def covers(self) -> bool:
        """Whether what holds there holds for all of the own territory."""
        return self in {Territory.SAME, Territory.CONTAINING}


TERRITORY_NAMES = {
    Territory.SAME: "同一区域",
    Territory.CONTAINING: "上级区域",
    Territory.CONTAINED: "下级区域",
    Territory.APART: "其他区域",
}


def territory(own: str, other: str) -> Territory:
    """What the division `other` is to the division `own`; codes of 6 or 12 digits.

    990000 contains 990100, and that 990102; 000000 contains all. What is no division code lies
    apart from everything.
    """
    if not (is_division(own) and is_division(other)):
        return Territory.APART
    here, there = stem(own), stem(other)
    if here == there:
        return Territory.SAME
    if here.startswith(there):
        return Territory.CONTAINING
    return Territory.CONTAINED if there.startswith(here) else Territory.APART


def is_division(code: str) -> bool:
    return len(code) in _LENGTHS and code.isascii() and code.isdigit()


@lru_cache(maxsize=1 << 16)
def stem(code: str) -> str:
    """The part of a code that its subdivisions share: 99 of 990000, 9901 of 990100."""
    digits = code.rstrip("0")
    return code[: next((level for level in _LEVELS if len(digits) <= level), 12)] if digits else ""


def area(code: str) -> str:
    """A division as the index has it: its stem, after a sign that stands for the whole country."""
    return _COUNTRY + stem(code)


def covering(code: str) -> tuple[str, ...]:
    """The areas of a division and of all that contain it, itself first."""
    own = stem(code)
    around = (own[:level] for level in reversed(_LEVELS) if level <= len(own))
    return (*(_COUNTRY + each for each in around), _COUNTRY)
