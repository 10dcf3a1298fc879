"""What government offices are called: official names and abbreviations, with the place or without.

青禾市卫健委, 市卫健委, 卫健委 and 青禾市卫生健康委员会 name one office; the table is
department_words.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from standards.code_lists import load_code_lists
from standards.documents import as_mapping, as_sequence, load_document

_TABLE = Path(__file__).parent / "department_words.yaml"
_PLACE = "…"  # where a name has its place inside it
_LEVELS = "省市区县州盟旗"
# 柳州市人民政府国有资产监督管理委员会: the government of a place is the place
_OF_THE_GOVERNMENT = re.compile(r"(人民政府|政府|本级)$")
_ENDS_LIKE_A_PLACE = re.compile(rf"([{_LEVELS}]|地区|镇|乡|街道|新城|兵团)$")
_WHOLE_COUNTRY = frozenset({"国家", "全国", "中国"})
_SUFFIX = re.compile(r"(特别行政区|自治区|自治州|自治县|地区|[省市县盟旗区])$")
_REMARK = re.compile(r"\([^()]*\)$")
_LONGEST_BARE_PLACE = 6


@dataclass(frozen=True, slots=True)
class Office:
    """One kind of office; `official` begins with the name by which it is known here."""

    official: tuple[str, ...]
    short: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.official[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text may mean: an office, of a place.

    `place` is as written (青禾市, 市, or nothing); not `sure` where it is no place that is known.
    """

    place: str
    office: Office
    sure: bool


@lru_cache(maxsize=1)
def load_offices() -> tuple[Office, ...]:
    """The offices of the table, in its order."""
    table = load_document(_TABLE.read_text(encoding="utf-8"))
    return tuple(_office(name, as_mapping(facts)) for name, facts in table.items())


def _office(name: str, facts: Mapping[str, object]) -> Office:
    official, short = (
        tuple(folded_name(str(text)) for text in as_sequence(facts.get(key)))
        for key in ("official", "short")
    )
    return Office((name, *official), short)


def folded_name(text: str) -> str:
    """A name as names are compared: compatibility forms unified, no spaces, lower case."""
    # NFKC would make three points of the sign for the place
    parts = (unicodedata.normalize("NFKC", part) for part in text.split(_PLACE))
    return "".join(_PLACE.join(parts).lower().split())


@lru_cache(maxsize=65536)
def read_department(text: str) -> tuple[Reading, ...]:
    """The offices that a text may name, by the longest name it ends with; none where unknown."""
    name = folded_name(text)
    if not name or _PLACE in name:
        return ()
    found = _longest(name)
    if not found:
        # 金华市商务局(粮食局): what stands in brackets at the end is another name or a remark
        found = _longest(_REMARK.sub("", name))
    return tuple(Reading(place, office, _is_place(place)) for place, office in found)


def _longest(name: str) -> list[tuple[str, Office]]:
    matches: dict[int, list[tuple[str, Office]]] = {}
    for form, office in _forms_like(name):
        place = _place_in(name, form)
        if place is not None and (_is_place(place) or len(place) <= _LONGEST_BARE_PLACE):
            matches.setdefault(len(form), []).append((place, office))
    return matches[max(matches)] if matches else []


def _forms_like(name: str) -> Iterator[tuple[str, Office]]:
    """The forms that end as the name does; a form may be no more than one sign long after `…`."""
    by_end = _forms_by_end()
    for length in (1, 2):
        yield from by_end.get(name[-length:], ())


@lru_cache(maxsize=1)
def _forms_by_end() -> Mapping[str, tuple[tuple[str, Office], ...]]:
    ends: dict[str, dict[tuple[str, str], tuple[str, Office]]] = {}
    for office in load_offices():
        for form in (*office.official, *office.short):
            end = form.rpartition(_PLACE)[2][-2:]
            ends.setdefault(end, {})[form, office.name] = (form, office)
    return {end: tuple(forms.values()) for end, forms in ends.items()}


def _place_in(name: str, form: str) -> str | None:
    """What a name of this form says of the place; None where it is not of this form."""
    head, inside, tail = form.rpartition(_PLACE)
    if not (name.startswith(head) and name.endswith(tail)):
        return None
    place = name[len(head) : len(name) - len(tail)]
    if inside and (not place or len(name) <= len(head) + len(tail)):
        return None
    return _OF_THE_GOVERNMENT.sub("", place)


def _is_place(text: str) -> bool:
    known = not text or text in _WHOLE_COUNTRY or text in _bare_places()
    return known or _ENDS_LIKE_A_PLACE.search(text) is not None


@lru_cache(maxsize=1)
def _bare_places() -> frozenset[str]:
    """Names of divisions without their last word: 北京, 广东, 永康; none of one sign."""
    entries = load_code_lists().require("division").entries
    bare = {_SUFFIX.sub("", entry.name) for entry in entries}
    return frozenset(name for name in bare if len(name) > 1)


def is_level(text: str) -> bool:
    """Whether a text is the last word of a division's name: 市, 自治区."""
    return _SUFFIX.fullmatch(text) is not None


def expansions(text: str) -> tuple[str, ...]:
    """The official names that a text may stand for, with the place it names: 市卫健委 is
    市卫生健康委员会. An official name gives the other official names of the same office."""
    found = {
        _written(form, reading.place): None
        for reading in read_department(text)
        if reading.sure
        for form in reading.office.official
    }
    name = folded_name(text)
    return tuple(each for each in found if each is not None and each != name)


def abbreviations(name: str) -> tuple[str, ...]:
    """What a department is called for short: with its place, with the level of that place
    (市卫健委, 团市委), and alone."""
    found: dict[str | None, None] = {}
    for reading in read_department(name):
        if reading.sure:
            for place in dict.fromkeys((reading.place, _level_of(reading.place), "")):
                found |= {_written(form, place): None for form in reading.office.short}
    whole = folded_name(name)
    return tuple(each for each in found if each is not None and each != whole)


def _level_of(place: str) -> str:
    """The last word of a place (市); nothing for 柳州, which is written without it."""
    level = place[-1:]
    return "" if level not in _LEVELS or place in _bare_places() else level


def _written(form: str, place: str) -> str | None:
    """A form with its place; None for one that says nothing without a place."""
    if _PLACE not in form:
        return place + form
    return form.replace(_PLACE, place) if place else None
