"""Which places a title may name: those that a department lies in, and those that lie in its own.

A place in a title says for where the data is, and nothing of what the data is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from catalog.likeness.territory import stem
from standards.code_lists import load_code_lists
from standards.department_words import read_department

# 城区 and 新区 are divisions somewhere, and words everywhere
_SHORTEST = 3
_RETIRED = "已停用"


def place_of(division: str, title: str) -> str:
    """The division that a title speaks of: one below the given one if it names it, else that."""
    below, pattern = _below(stem(division)), _pattern(stem(division))
    named = [] if pattern is None else [below[name] for name in pattern.findall(title)]
    return max(named, key=lambda code: len(stem(code)), default=division)


def without_places(title: str, division: str, department_name: str) -> str:
    """A title without the places of its department; a title of nothing else stays as it is."""
    rest = title
    for place in (*_own_places(department_name), *_above(stem(division))):
        rest = rest.replace(place, "")
    below = _pattern(stem(division))
    rest = rest if below is None else below.sub("", rest)
    return rest if rest.strip("（）()_- ") else title


@lru_cache(maxsize=1 << 14)
def _own_places(department_name: str) -> tuple[str, ...]:
    """The place as the department's own name has it: 青禾市 of 青禾市民政局."""
    places = {reading.place for reading in read_department(department_name)}
    return tuple(sorted((each for each in places if len(each) > 1), key=len, reverse=True))


@lru_cache(maxsize=4096)
def _above(own: str) -> tuple[str, ...]:
    """The names of a division and of those that contain it, the nearest first."""
    entries = load_code_lists().require("division").entries
    found = [
        (len(stem(entry.code)), entry.name)
        for entry in entries
        if len(entry.name) >= _SHORTEST and own.startswith(stem(entry.code))
    ]
    return tuple(name for _, name in sorted(found, reverse=True))


@lru_cache(maxsize=512)
def _below(own: str) -> Mapping[str, str]:
    """The divisions below one, by name; where a name has several codes the one in use holds."""
    found: dict[str, str] = {}
    # those in use last, so that they stay
    entries = sorted(
        load_code_lists().require("division").entries,
        key=lambda entry: not entry.note.startswith(_RETIRED),
    )
    for entry in entries:
        below = stem(entry.code)
        if len(entry.name) >= _SHORTEST and below != own and below.startswith(own):
            found[entry.name] = entry.code
    return found


@lru_cache(maxsize=512)
def _pattern(own: str) -> re.Pattern[str] | None:
    names = sorted(_below(own), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names))) if names else None
