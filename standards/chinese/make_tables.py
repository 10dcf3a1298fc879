"""Makes the tables of this folder from OpenCC's and pypinyin's data: `python -m
standards.chinese.make_tables`.

Both are tools of the developer alone: read from a table, a title takes a tenth of the time. Only
words whose reading differs from that of their characters one by one are kept.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

FOLDER = Path(__file__).parent
SIMPLIFIED, SYLLABLES, WORDS = "simplified.csv", "syllables.csv", "words.csv"
# CJK Unified Ideographs and extension A, and the zero that is written like a circle
IDEOGRAPHS = ("\u3007", *map(chr, range(0x3400, 0x4DC0)), *map(chr, range(0x4E00, 0xA000)))
LONGEST_WORD = 4


def simplified() -> dict[str, str]:
    """Every traditional character that has a simplified form of its own, with that form."""
    converter = import_module("opencc").OpenCC("t2s")
    # twice, for 薴, whose form 苧 is itself the traditional form of another
    pairs = ((each, converter.convert(converter.convert(each))) for each in IDEOGRAPHS)
    return {each: form for each, form in pairs if form != each and len(form) == 1}


def syllables(characters: Iterable[str]) -> dict[str, str]:
    """The usual reading of each character, without tones, `v` for ü."""
    read = import_module("pypinyin").lazy_pinyin
    readings = ((each, read(each)[0]) for each in characters)
    return {each: reading for each, reading in readings if _is_syllable(reading)}


def words(usual: Mapping[str, str]) -> dict[str, str]:
    """Words that are read otherwise than their characters are by themselves."""
    phrases = import_module("pypinyin.constants").PHRASES_DICT
    plain = import_module("pypinyin.style").convert
    style = import_module("pypinyin").Style.NORMAL
    found = {}
    for word, readings in phrases.items():
        read = [str(plain(each[0], style, strict=True)).replace("ü", "v") for each in readings]
        known = all(each in usual for each in word) and all(map(_is_syllable, read))
        if known and 1 < len(word) <= LONGEST_WORD and read != [usual[each] for each in word]:
            found[word] = " ".join(read)
    return found


def _is_syllable(reading: str) -> bool:
    return reading.isascii() and reading.isalpha()


def _grouped(pairs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Value and all its keys in one text, in the order of the values."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs.items():
        groups[value].append(key)
    for value in sorted(groups):
        yield value, "".join(sorted(groups[value]))


def _write(name: str, heads: tuple[str, str], rows: Iterable[tuple[str, str]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)


def main() -> None:
    """Write the three tables anew."""
    forms = simplified()
    usual = syllables(each for each in IDEOGRAPHS if each not in forms)
    _write(SIMPLIFIED, ("simplified", "traditional"), _grouped(forms))
    _write(SYLLABLES, ("syllable", "characters"), _grouped(usual))
    _write(WORDS, ("word", "syllables"), sorted(words(usual).items()))


if __name__ == "__main__":
    main()
