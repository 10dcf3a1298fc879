"""Find lines of UTF-8 in a file that as a whole is none: the trace of two encodings in one file.

Text in GB18030 is seldom valid as UTF-8. For a whole line to be so, with at least one CJK character
of three bytes in it, its double bytes must by chance fall into threes of the right shape; and the
characters so read must be more everyday ones than those of the other reading. Of 267,398 company
names in GB18030 none is taken for UTF-8 so. Decoded as GB18030 a line of UTF-8 would be plausible
nonsense.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.text_facts import CHUNK

# Share of lines that chance may account for; more than these are a second encoding.
CHANCE = 1e-3
# Bytes of three CJK characters: a line with so many is no chance at any share.
LONG = 9


@dataclass(frozen=True, slots=True)
class Utf8Lines:
    """How many lines are whole UTF-8 with CJK text, the offset of the first (-1 where none), how
    many other lines hold bytes beyond ASCII, and whether a line is too long for chance."""

    lines: int
    first: int
    others: int
    long: bool

    @property
    def are_no_chance(self) -> bool:
        """Whether they show that part of the file is UTF-8."""
        return self.long or self.lines > CHANCE * (self.lines + self.others)


def find_utf8_lines(path: Path) -> Utf8Lines:
    """Look at every line that holds bytes beyond ASCII."""
    lines = others = 0
    first = -1
    long = False
    for offset, block in _blocks(path):
        found, beyond = _in_block(block)
        lines += len(found)
        others += beyond - len(found)
        if found and first < 0:
            first = offset + found[0][0]
        long = long or any(size >= LONG for _, size in found)
    return Utf8Lines(lines, first, others, long)


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) in pieces that end with a line."""
    offset, rest = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            text = rest + chunk
            cut = text.rfind(b"\n") + 1
            if cut:
                yield offset, text[:cut]
                offset += cut
            rest = text[cut:]
    if rest:
        yield offset, rest


def _in_block(block: bytes) -> tuple[list[tuple[int, int]], int]:
    """Return (start, bytes beyond ASCII) of each UTF-8 line, and how many lines have such bytes."""
    data = np.frombuffer(block, np.uint8)
    ends = np.append(np.flatnonzero(data == 10), len(data))
    beyond = np.unique(np.searchsorted(ends, np.flatnonzero(data >= 0x80)))
    follows = (data & 0xC0) == 0x80
    threes = (data[:-2] >= 0xE4) & (data[:-2] <= 0xE9) & follows[1:-1] & follows[2:]
    # Only lines with such a character are decoded: a few in a hundred of GB18030 text.
    candidates = np.unique(np.searchsorted(ends, np.flatnonzero(threes)))
    found = []
    for line in candidates:
        start = int(ends[line - 1]) + 1 if line else 0
        text = block[start : int(ends[line])]
        if _is_utf8(text):
            found.append((start, sum(byte >= 0x80 for byte in text)))
    return found, len(beyond)


def _is_utf8(line: bytes) -> bool:
    """Whether a line is valid as UTF-8, and reads better so than as GB18030."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _common_share(text) > max(0.5, _common_share(line.decode("gb18030", "replace")))


def _common_share(text: str) -> float:
    """Return the share of everyday characters (GB 2312 level 1) among those beyond ASCII."""
    beyond = [character for character in text if ord(character) >= 0x80]
    everyday = sum(_is_everyday(character) for character in beyond)
    return everyday / len(beyond) if beyond else 0.0


def _is_everyday(character: str) -> bool:
    code = character.encode("gb2312", "ignore")
    # Level 1 has rows 16 to 55, rows 1 to 9 are punctuation and letters.
    return len(code) == 2 and (0xB0 <= code[0] <= 0xD7 or code[0] <= 0xA9)
