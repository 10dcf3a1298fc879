"""Tells which code list the values of a column come from, by their content and its head.

Codes of one or two signs are in many lists. So the values alone decide only where chance is out of
the question: where texts of that shape are rarely codes of the list, and several of them all are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from standards.code_lists import CodeList, CodeLists
from standards.recognise_types import MOSTLY

CHANCE = 1e-4
SHORT = 2
MOST_DISTINCT = 4_000
_ENDINGS = ("代码", "名称", "编码", "码", "类型", "类别")


@dataclass(frozen=True, slots=True)
class CodesFound:
    """`as_names`: the values are the names of the list, which a delivery has to write as codes."""

    list_id: str
    as_names: bool
    misfits: int


def find_codes(
    head: str, counts: Mapping[str, int], code_lists: CodeLists, expected: str | None = None
) -> CodesFound | None:
    """The list of a column, or None; `expected` is that of the data element of its head."""
    if not counts or len(counts) > MOST_DISTINCT:
        return None
    if expected is not None and expected in code_lists:
        found = _fitting(code_lists[expected], counts)
        if found is not None:
            return found
    by_head = [each for each in code_lists.values() if _is_named(head, each)]
    candidates = by_head + [each for each in code_lists.values() if each not in by_head]
    fitting = [
        (chance, found)
        for each in candidates
        if (found := _fitting(each, counts)) is not None
        and ((chance := _chance(each, counts, found)) <= CHANCE or each in by_head)
    ]
    named = [found for _, found in fitting if any(found.list_id == each.id for each in by_head)]
    if named:
        return named[0]
    return min(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _fitting(codes: CodeList, counts: Mapping[str, int]) -> CodesFound | None:
    total = sum(counts.values())
    for as_names, known in ((False, _codes(codes)), (True, _names(codes))):
        misfits = sum(count for text, count in counts.items() if text not in known)
        if misfits <= total * (1 - MOSTLY):
            return CodesFound(codes.id, as_names, misfits)
    return None


def _codes(codes: CodeList) -> frozenset[str]:
    return frozenset(codes.codes) | frozenset(codes.aliases)


def _names(codes: CodeList) -> frozenset[str]:
    return frozenset(codes.codes_by_name) | frozenset(codes.aliases)


def _is_named(head: str, codes: CodeList) -> bool:
    """Whether the head is the title of the list, as far as titles go: 民族 and 民族代码."""
    title = _without_ending(codes.title.split(" / ")[0].removeprefix("人的"))
    return _without_ending(head) == title


def _without_ending(text: str) -> str:
    for ending in _ENDINGS:
        text = text.removesuffix(ending)
    return text


def _chance(codes: CodeList, counts: Mapping[str, int], found: CodesFound) -> float:
    """How likely it is that values of these shapes are all in the list by accident."""
    if found.as_names:
        # a name is a word, and no other column has the same words but for one or two
        return 1e-3 ** len(counts)
    shares = _shares((*codes.codes, *codes.aliases))
    chance = 1.0
    for text in counts:
        # what is not in the list says nothing for it
        chance *= shares.get(_shape(text), 1.0)
    return chance


@lru_cache(maxsize=256)
def _shares(texts: tuple[str, ...]) -> Mapping[str, float]:
    """For each shape of code which part of all texts of that shape are codes."""
    shapes = Counter(map(_shape, texts))
    return {
        shape: min(1.0, times / _possible(shape)) if len(shape) > SHORT else 1.0
        for shape, times in shapes.items()
    }


def _shape(text: str) -> str:
    return "".join(_sign_shapes(text))


def _sign_shapes(text: str) -> Iterator[str]:
    for sign in text:
        if sign.isascii() and sign.isdigit():
            yield "9"
        elif sign.isascii() and sign.isalpha():
            yield "A"
        else:
            yield "字"


def _possible(shape: str) -> float:
    sizes = {"9": 10, "A": 26, "字": 3000}
    possible = 1.0
    for sign in shape:
        possible *= sizes[sign]
    return possible
