"""Cut a text into parts at line ends while it streams by, to be read side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingest.text_facts import count_byte


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text: where it lies, how many lines at its start are no rows (the header), and
    how many rows of the whole stand before it."""

    path: Path
    skip: int
    rows_before: int


class PartWriter:
    """Writes what follows the first line to so many files of about equal size.

    Right only where every line end is a row's end; whoever uses the parts has made sure of that.
    """

    def __init__(self, scratch: Path, *, size: int, parts: int) -> None:
        self._scratch = scratch
        self._share = size // parts + 1
        self._in_header = True
        self._written = 0
        self._rows = 0
        self._out: BinaryIO | None = None
        self._parts: list[Part] = []

    def take(self, chunk: bytes) -> None:
        """Write the next bytes of the text."""
        if self._in_header:
            end = chunk.find(b"\n") + 1
            self._in_header = end == 0
            chunk = chunk[end:] if end else b""
        while chunk:
            chunk = self._fill(chunk)

    def _fill(self, chunk: bytes) -> bytes:
        """Write to the part at hand up to its end; return what belongs to the next."""
        out = self._out or self._open()
        end = self._line_end(chunk)
        piece, rest = (chunk, b"") if end is None else (chunk[:end], chunk[end:])
        out.write(piece)
        self._written += len(piece)
        self._rows += count_byte(piece, b"\n")
        if end is not None:
            self._close()
        return rest

    def _line_end(self, chunk: bytes) -> int | None:
        """Find where the part at hand ends: behind the first line end past its share, if here."""
        missing = self._share - self._written
        if missing > len(chunk):
            return None
        end = chunk.find(b"\n", max(missing - 1, 0)) + 1
        return end or None

    def _open(self) -> BinaryIO:
        path = self._scratch / f"part-{len(self._parts)}.csv"
        self._parts.append(Part(path, 0, self._rows))
        self._out = path.open("wb")
        self._written = 0
        return self._out

    def _close(self) -> None:
        if self._out is not None:
            self._out.close()
            self._out = None

    def finish(self) -> tuple[Part, ...]:
        """Close the last part and return all of them."""
        self._close()
        return tuple(self._parts)
