"""Turn the bytes of a text into strict UTF-8, and say which encoding they were in."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest import refusals
from ingest.refusals import FileRefused
from ingest.text_facts import CHUNK, TextFacts
from ingest.text_parts import Part, PartWriter
from ingest.utf8_lines import Utf8Lines, find_utf8_lines

BOM = codecs.BOM_UTF8


# Numbering rows binds their reading to one thread: larger files are cut and read side by side.
PARTED_FROM = 16_000_000


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text as UTF-8 at `path`; `encoding` is what it was delivered in.

    `parts` hold the lines of a large text behind its first one; none for a small text.
    """

    path: Path
    encoding: str
    facts: TextFacts
    parts: tuple[Part, ...] = ()


def decode(path: Path, scratch: Path, *, parts: int = 1) -> DecodedText:
    """Decode strictly as UTF-8, else as GB18030 (GB 18030-2022), else refuse with the place."""
    facts, cutter = TextFacts(), _cutter(path, scratch, parts)
    try:
        _walk_utf8(path, _to_all(facts.take, cutter))
    except UnicodeDecodeError as error:
        return _decode_gb18030(path, scratch, error.start, parts)
    _refuse_binary(facts, path)
    with path.open("rb") as file:
        encoding = "utf-8-sig" if file.read(3) == BOM else "utf-8"
    return DecodedText(path, encoding, facts, () if cutter is None else cutter.finish())


def _decode_gb18030(path: Path, scratch: Path, utf8_broke_at: int, parts: int) -> DecodedText:
    with path.open("rb") as file:
        marked = file.read(3) == BOM
    stray = find_utf8_lines(path)
    if marked or stray.are_no_chance:
        raise FileRefused(_damage(path, utf8_broke_at, stray))
    facts, cutter = TextFacts(), _cutter(path, scratch, parts)
    target = scratch / "decoded.csv"
    with target.open("wb") as out:
        try:
            _walk_gb18030(path, _to_all(facts.take, cutter, out.write))
        except UnicodeDecodeError as error:
            place = _place(path, error.start)
            raise FileRefused(refusals.undecodable(place, ("UTF-8", "GB18030"))) from error
    _refuse_binary(facts, target)
    return DecodedText(target, "gb18030", facts, () if cutter is None else cutter.finish())


def _cutter(path: Path, scratch: Path, parts: int) -> PartWriter | None:
    size = path.stat().st_size
    if parts == 1 or size < PARTED_FROM:
        return None
    return PartWriter(scratch, size=size, parts=parts)


def _to_all(
    first: Callable[[bytes], None],
    cutter: PartWriter | None,
    *others: Callable[[bytes], object],
) -> Callable[[bytes], None]:
    takers = (first, *others) if cutter is None else (first, cutter.take, *others)

    def take(text: bytes) -> None:
        for each in takers:
            each(text)

    return take


def _walk_utf8(path: Path, take: Callable[[bytes], None]) -> None:
    """Validate chunk by chunk, cut at borders of characters; an error's `start` is the offset."""
    offset = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            # A few bytes more end the last character: cheaper than to carry its beginning over.
            missing = missing_bytes(chunk)
            text = chunk + file.read(missing) if missing else chunk
            if not _is_utf8(text):
                raise _found_at("utf-8", text, offset)
            take(text)
            offset += len(text)


def _walk_gb18030(path: Path, take: Callable[[bytes], None]) -> None:
    """Decode chunk by chunk and hand on UTF-8; an error's `start` is the offset in the file."""
    decoder = codecs.getincrementaldecoder("gb18030")("strict")
    offset = 0
    for chunk, last in _chunks(path):
        pending = decoder.getstate()[0]
        try:
            text = decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            raise _found_at("gb18030", pending + chunk, offset - len(pending)) from error
        take(text.encode())
        offset += len(chunk)


def _is_utf8(part: bytes) -> bool:
    """Validate by Arrow's own reader: four times as fast as making a Python text of it."""
    offsets = pa.py_buffer(np.array([0, len(part)], np.int64))
    text = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(part)])
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def missing_bytes(text: bytes) -> int:
    """Return how many bytes the last character of a cut UTF-8 text lacks."""
    for back in range(1, min(4, len(text)) + 1):
        byte = text[-back]
        if byte >= 0xC0:
            return max(2 + (byte >= 0xE0) + (byte >= 0xF0) - back, 0)
        if byte < 0x80:
            break
    return 0


def _found_at(encoding: str, part: bytes, offset: int) -> UnicodeDecodeError:
    try:
        part.decode(encoding)
    except UnicodeDecodeError as error:
        start = offset + error.start
        return UnicodeDecodeError(encoding, b"", start, start, error.reason)
    # Valid here, yet not for the stricter reader: name the beginning of the part.
    return UnicodeDecodeError(encoding, b"", offset, offset, "invalid text")


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            yield chunk, not following
            chunk = following


def _damage(path: Path, broke_at: int, stray: Utf8Lines) -> refusals.Refusal:
    """Say what is wrong with a file that is partly UTF-8: cut off, damaged, or of two encodings."""
    if path.stat().st_size - broke_at < 4:
        return refusals.truncated(_place(path, broke_at))
    if stray.others < 2 and stray.lines > stray.others:
        return refusals.undecodable(_place(path, broke_at), ("UTF-8",))
    # The second encoding begins where the first ends, whichever of the two came first.
    return refusals.mixed_encodings(_place(path, max(broke_at, stray.first)))


def _refuse_binary(facts: TextFacts, path: Path) -> None:
    if facts.nul_at >= 0:
        raise FileRefused(refusals.not_text(_place(path, facts.nul_at)))


def _place(path: Path, offset: int) -> str:
    """Say an offset as a person would look for it: line, and byte from 1."""
    lines = 0
    left = offset
    with path.open("rb") as file:
        while left and (chunk := file.read(min(CHUNK, left))):
            lines += chunk.count(b"\n")
            left -= len(chunk)
    return f"第 {lines + 1} 行（字节 {offset + 1}） / line {lines + 1} (byte {offset + 1})"
