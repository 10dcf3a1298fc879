"""The syllables of Chinese text, and how typed letters fall into syllables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from standards.chinese.text import table

LONGEST_WORD = 4
LONGEST_SYLLABLE = 6  # zhuang
MOST_READINGS = 4
# what is typed where a keyboard has no ü, beside the v that the table has
_SPELLINGS = {"lue": "lve", "nue": "nve"}
_VOWELS = frozenset("aeiouv")


def syllables(text: str) -> list[str]:
    """The syllable of each ideograph of a plain text; one without a reading is left out."""
    usual, words, pairs = _usual(), _words(), _pairs()
    found: list[str] = []
    done, end = 0, len(text)
    for place in range(end - 1):
        if place < done or text[place : place + 2] not in pairs:
            continue
        for length in range(min(LONGEST_WORD, end - place), 1, -1):
            reading = words.get(text[place : place + length])
            if reading is not None:
                found += [usual[each] for each in text[done:place] if each in usual]
                found += reading
                done = place + length
                break
    found += [usual[each] for each in text[done:] if each in usual]
    return found


@lru_cache(maxsize=4096)
def readings(letters: str) -> tuple[tuple[str, ...], ...]:
    """How letters fall into syllables, fewest first; the last one may be only begun.

    `xian` is `xian` or `xi an`; empty where they are no syllables.
    """
    return tuple(sorted(_readings(letters), key=len)[:MOST_READINGS])


@lru_cache(maxsize=4096)
def _readings(letters: str) -> tuple[tuple[str, ...], ...]:
    known, begun = _known()
    found: list[tuple[str, ...]] = []
    found += [(_SPELLINGS.get(letters, letters),)] if letters in begun else []
    for length in range(min(LONGEST_SYLLABLE, len(letters) - 1), 0, -1):
        head = letters[:length]
        head = _SPELLINGS.get(head, head)
        if head in known:
            found += [(head, *rest) for rest in _readings(letters[length:])]
    return tuple(sorted(found, key=len)[: MOST_READINGS * 2])


@cache
def _usual() -> Mapping[str, str]:
    rows = table("syllables.csv")
    return {each: syllable for syllable, characters in rows for each in characters}


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    return {word: tuple(reading.split()) for word, reading in table("words.csv")}


@cache
def _pairs() -> frozenset[str]:
    """What the words begin with: most pairs of characters are in none, and are passed over."""
    return frozenset(word[:2] for word in _words())


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """Syllables that can be spelled out, and everything that one of them begins with."""
    known = {syllable for syllable, _ in table("syllables.csv") if _VOWELS & set(syllable)}
    known |= {"lve", "nve"}
    begun = {each[:length] for each in known for length in range(1, len(each) + 1)}
    return frozenset(known), frozenset(begun | set(_SPELLINGS))
