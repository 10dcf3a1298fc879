"""How text becomes the words of the index: pairs of ideographs, syllables, initials.

A run of Chinese becomes its overlapping pairs, so that a word of two characters is one word of the
index and a longer one a phrase, also while it is being typed. Pinyin becomes pairs of syllables
and every three initials in a row, for the same reasons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from standards.chinese.pinyin import syllables
from standards.chinese.text import IDEOGRAPHS

VERSION = 1
"""Raise it when the same text becomes other words: indexes made before are then made anew."""

BEGIN = "^"  # stands in every title, and before the first character of it
INITIALS = 3
_LEAST_TO_CUT = 4  # characters of a run that may be two words
_RUN = re.compile(rf"([{IDEOGRAPHS}]+)|([a-z]+)|([0-9]+)|([^\W\d_a-z{IDEOGRAPHS}]+)")
_BETWEEN = re.compile(r"[\W_]+")


class Script(StrEnum):
    CHINESE = "chinese"
    LETTERS = "letters"
    DIGITS = "digits"
    OTHER = "other"


_SCRIPTS = (Script.CHINESE, Script.LETTERS, Script.DIGITS, Script.OTHER)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one script side by side, in a plain text."""

    text: str
    script: Script


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a text is typed: its syllables in pairs, its initials in threes."""

    pinyin: str
    initials: str


def runs(text: str) -> Iterator[Run]:
    """The runs of a plain text; what is neither letter nor digit lies between them."""
    for match in _RUN.finditer(text):
        yield Run(match.group(), _SCRIPTS[(match.lastindex or 1) - 1])


def pairs(run: str) -> list[str]:
    """The overlapping pairs of a run; a single character is itself."""
    return [run[place : place + 2] for place in range(len(run) - 1)] or [run]


def words_apart(typed: Sequence[Run]) -> list[Run]:
    """The runs with long Chinese ones cut into words of two characters, the last of two or three.

    Most words have two: 出生证明 becomes 出生 and 证明, 人口信息表 becomes 人口 and 信息表.
    """
    apart: list[Run] = []
    for run in typed:
        length = len(run.text)
        if run.script is not Script.CHINESE or length < _LEAST_TO_CUT:
            apart.append(run)
            continue
        cuts = [*range(0, length - 1 - length % 2, 2), length]
        apart += [Run(run.text[at:end], run.script) for at, end in pairwise(cuts)]
    return list(dict.fromkeys(apart))


def words(text: str) -> str:
    """The words of a plain text, with a space between them."""
    found: list[str] = []
    for chinese, *others in _RUN.findall(text):
        if len(chinese) > 1:
            found += [chinese[place : place + 2] for place in range(len(chinese) - 1)]
        else:
            found.append(chinese or "".join(others))
    return " ".join(found)


def closed_up(text: str) -> str:
    """A title without what stands between its words: 城市管理-勤务动态 is typed in one."""
    return _BETWEEN.sub("", text)


def title_words(title: str) -> str:
    """The words of a title that is closed up, after the mark of its beginning."""
    first = next(runs(title), None)
    return BEGIN if first is None else f"{BEGIN} {beginning(first)} {words(title)}"


def beginning(run: Run) -> str:
    """The mark of a title that begins with this run."""
    return BEGIN + (run.text[0] if run.script is Script.CHINESE else run.text)


def spelling(text: str) -> Spelling:
    """The syllables and initials of a plain text; letters and digits stand for themselves."""
    spoken: list[str] = []
    letters = ""
    for chinese, *others in _RUN.findall(text):
        if chinese:
            read = syllables(chinese)
            spoken += read
            letters += "".join([each[0] for each in read])
        else:
            other = "".join(others)
            spoken.append(other)
            letters += other
    return Spelling(" ".join(syllable_pairs(spoken)), " ".join(_in_threes(letters)))


def syllable_pairs(spoken: list[str]) -> list[str]:
    """Each syllable with the next one: `qi.ye ye.xin xin.xi xi.`"""
    return [f"{one}.{other}" for one, other in zip(spoken, [*spoken[1:], ""], strict=True)]


def _in_threes(letters: str) -> list[str]:
    return [letters[place : place + INITIALS] for place in range(len(letters))]
