"""See in one pass over UTF-8 bytes how a text may be read, and count its rows apart."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHUNK = 4 << 20
_BOM = b"\xef\xbb\xbf"

# As UTF-8 bytes: U+FFFD and a byte order mark inside the text, and private use, of which
# U+E000..U+EFFF are all that begins with EE, and U+F000..U+F8FF what _PRIVATE finds.
_SPOILED = (b"\xef\xbf\xbd", _BOM)
_PRIVATE = re.compile(rb"\xef[\x80-\xa3]")

# Everything that can stand at the edge of a cell, made alike before blanks are looked for there.
_EDGES = bytes.maketrans(b';|\t\n\r"', b",,,,,,")
# Blanks that a person cannot tell from spaces: U+3000, U+00A0.
_ODD_BLANKS = (b"\xe3\x80\x80", b"\xc2\xa0")


@dataclass(slots=True)
class TextFacts:
    """What was seen in the bytes of a text: counts of bytes, and offsets where -1 means never."""

    size: int = 0
    newlines: int = 0
    returns: int = 0
    windows_ends: int = 0
    quotes: int = 0
    nul_at: int = -1
    tabs: int = 0
    commas: int = 0
    spoiled: bool = False
    blanks: bool = False
    last: bytes = b""

    def take(self, chunk: bytes) -> None:
        """Add the next bytes of the text."""
        if not chunk:
            return
        if self.nul_at < 0 and (nul := chunk.find(b"\0")) >= 0:
            self.nul_at = self.size + nul
        self.newlines += count_byte(chunk, b"\n")
        self.commas += count_byte(chunk, b",")
        self.quotes += chunk.count(b'"')
        self.returns += chunk.count(b"\r")
        if self.returns:
            joined = self.last == b"\r" and chunk.startswith(b"\n")
            self.windows_ends += chunk.count(b"\r\n") + joined
        self.tabs += chunk.count(b"\t")
        self.spoiled = self.spoiled or self._spoils(chunk)
        self.blanks = self.blanks or self._has_blanks(chunk)
        self.size += len(chunk)
        self.last = chunk[-1:]

    def _spoils(self, chunk: bytes) -> bool:
        # A mark at the very start is an encoding's signature, not a fault. A character cut by the
        # chunk's end is met by the caller, who cuts chunks at character borders.
        start = 3 if self.size == 0 and chunk.startswith(_BOM) else 0
        # To look for one byte costs a tenth of looking for several, and mostly settles it.
        if b"\xee" in chunk:
            return True
        if chunk.find(b"\xef", start) < 0:
            return False
        found = any(chunk.find(mark, start) >= 0 for mark in _SPOILED)
        return found or _PRIVATE.search(chunk, start) is not None

    def _has_blanks(self, chunk: bytes) -> bool:
        if b" " in chunk:
            # A pair that the border of two chunks parts is met as a blank at either side of it.
            if chunk.startswith(b" ") or chunk.endswith(b" "):
                return True
            edges = chunk.translate(_EDGES)
            if b", " in edges or b" ," in edges:
                return True
        return any(blank[:1] in chunk and blank in chunk for blank in _ODD_BLANKS)

    @property
    def uniform_ends(self) -> bool:
        """Whether every line ends alike: all LF, or all CR LF."""
        return self.returns == 0 or self.returns == self.windows_ends == self.newlines


@dataclass(frozen=True, slots=True)
class Structure:
    """Rows and delimiters counted outside quotes, independent of any reader.

    `lines` counts records with the header; `regular` says that every quote opens at the start of
    a cell, closes at its end, or is doubled within (RFC 4180, 2.5 to 2.7), and none stays open.
    """

    lines: int
    delimiters: int
    quoted_newlines: int
    regular: bool


def count_byte(chunk: bytes, byte: bytes) -> int:
    """Count a byte that is frequent: `bytes.count` is fast only where it is rare."""
    return int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == byte[0]))


def count_structure(path: Path, facts: TextFacts, delimiter: str) -> Structure:
    """Count records and delimiters of a delimited text (RFC 4180), minding quotes."""
    unfinished = 0 if facts.last == b"\n" else 1
    counted = {",": facts.commas, "\t": facts.tabs}
    if facts.quotes == 0 and delimiter in counted:
        return Structure(facts.newlines + unfinished, counted[delimiter], 0, regular=True)
    mark = delimiter.encode()
    quotes = _Quotes(mark)
    newlines = delimiters = 0
    with path.open("rb") as file:
        if facts.quotes:
            file.seek(len(_BOM) if file.read(len(_BOM)) == _BOM else 0)
        while chunk := file.read(CHUNK):
            if facts.quotes:
                chunk = quotes.outside(chunk)
                newlines += count_byte(chunk, b"\n")
            delimiters += count_byte(chunk, mark)
    newlines = newlines if facts.quotes else facts.newlines
    regular = quotes.regular and not quotes.inside
    return Structure(newlines + unfinished, delimiters, facts.newlines - newlines, regular)


class _Quotes:
    """Tells what lies outside quotes, chunk by chunk, and whether quotes stand where they may."""

    def __init__(self, delimiter: bytes) -> None:
        self.inside = False
        self.regular = True
        self._borders = frozenset({b"", delimiter, b"\n", b"\r"})
        self._last = b"\n"

    def outside(self, chunk: bytes) -> bytes:
        """Return the bytes of a chunk that are in no quotes."""
        # Doubled quotes inside a quoted cell leave an empty part between them: no harm is done.
        parts = chunk.split(b'"')
        first = 1 if self.inside else 0
        apart = parts[first::2]
        self._judge(parts, apart, first)
        self.inside ^= len(parts) % 2 == 0
        self._last = chunk[-1:]
        return b"".join(apart)

    def _judge(self, parts: list[bytes], apart: list[bytes], first: int) -> None:
        """Look at the bytes next to each quote on its outer side."""
        last_is_open = (len(parts) - 1) % 2 == first
        opening = apart[:-1] if last_is_open else apart
        closing = apart[1:] if first == 0 else apart
        ends = {part[-1:] for part in opening}
        starts = {part[:1] for part in closing}
        if first == 0 and opening and opening[0] == b"":
            # The chunk begins with a quote: what stood before it ended the chunk before.
            ends.add(b"" if self._last == b'"' else self._last)
        if first == 0 and self._last == b'"' and apart[0]:
            starts.add(apart[0][:1])
        self.regular &= ends | starts <= self._borders
