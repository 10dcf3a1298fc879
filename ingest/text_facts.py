"""See in one pass over UTF-8 bytes how a text may be read, and count its rows apart."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHUNK = 4 << 20

# As UTF-8 bytes: U+FFFD and a byte order mark inside the text, and private use, of which
# U+E000..U+EFFF are all that begins with EE, and U+F000..U+F8FF what _PRIVATE finds.
_SPOILED = (b"\xef\xbf\xbd", b"\xef\xbb\xbf")
_PRIVATE = re.compile(rb"\xef[\x80-\xa3]")

# Everything that can stand at the edge of a cell, made alike before blanks are looked for there.
_EDGES = bytes.maketrans(b';|\n\r"', b",,,,,")
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
        start = 3 if self.size == 0 and chunk.startswith(b"\xef\xbb\xbf") else 0
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

    `lines` counts records with the header; `closed` says that every quote was closed.
    """

    lines: int
    delimiters: int
    quoted_newlines: int
    closed: bool


def count_byte(chunk: bytes, byte: bytes) -> int:
    """Count a byte that is frequent: `bytes.count` is fast only where it is rare."""
    return int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == byte[0]))


def count_structure(path: Path, facts: TextFacts, delimiter: str) -> Structure:
    """Count records and delimiters of a delimited text (RFC 4180), minding quotes."""
    mark = delimiter.encode()
    newlines = delimiters = 0
    inside = False
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if facts.quotes:
                chunk, inside = _outside(chunk, inside)
                newlines += count_byte(chunk, b"\n")
            delimiters += count_byte(chunk, mark)
    newlines = newlines if facts.quotes else facts.newlines
    unfinished = 0 if facts.last == b"\n" else 1
    return Structure(newlines + unfinished, delimiters, facts.newlines - newlines, not inside)


def _outside(chunk: bytes, inside: bool) -> tuple[bytes, bool]:
    # Doubled quotes inside a quoted cell flip twice over nothing and so cost no accuracy.
    parts = chunk.split(b'"')
    ends_inside = inside ^ (len(parts) % 2 == 0)
    return b"".join(parts[1 if inside else 0 :: 2]), ends_inside
