"""Turn the bytes of a text into strict UTF-8, and say which encoding they were in."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest import refusals
from ingest.refusals import FileRefused
from ingest.text_facts import CHUNK, TextFacts

BOM = codecs.BOM_UTF8

# Five CJK characters in a row as UTF-8. By chance GB18030 text holds such a run about once in
# 10^10 bytes, so one of them in a file that is not UTF-8 means that the encodings are mixed.
_UTF8_RUN = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){5}")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text as UTF-8 at `path`; `encoding` is what it was delivered in."""

    path: Path
    encoding: str
    facts: TextFacts


def decode(path: Path, scratch: Path) -> DecodedText:
    """Decode strictly as UTF-8, else as GB18030 (GB 18030-2022), else refuse with the place."""
    facts = TextFacts()
    try:
        _walk(path, "utf-8", facts.take)
    except UnicodeDecodeError as error:
        return _decode_gb18030(path, scratch, error.start)
    _refuse_binary(facts, path)
    with path.open("rb") as file:
        encoding = "utf-8-sig" if file.read(3) == BOM else "utf-8"
    return DecodedText(path, encoding, facts)


def _decode_gb18030(path: Path, scratch: Path, utf8_broke_at: int) -> DecodedText:
    if _is_damaged_utf8(path, utf8_broke_at):
        raise FileRefused(_damage(path, utf8_broke_at))
    facts = TextFacts()
    target = scratch / "decoded.csv"
    with target.open("wb") as out:

        def keep(text: bytes) -> None:
            facts.take(text)
            out.write(text)

        try:
            _walk(path, "gb18030", keep)
        except UnicodeDecodeError as error:
            place = _place(path, error.start)
            raise FileRefused(refusals.undecodable(place, ("UTF-8", "GB18030"))) from error
    if (at := _utf8_run_at(path)) >= 0:
        raise FileRefused(refusals.mixed_encodings(_place(path, at)))
    _refuse_binary(facts, target)
    return DecodedText(target, "gb18030", facts)


def _walk(path: Path, encoding: str, take: Callable[[bytes], None]) -> None:
    """Decode chunk by chunk; an error's `start` is the offset in the file."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    for chunk, last in _chunks(path):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            start = offset - pending + error.start
            raise UnicodeDecodeError(encoding, b"", start, start, error.reason) from error
        take(text.encode() if encoding != "utf-8" or pending else _whole(chunk, decoder))
        offset += len(chunk)


def _whole(chunk: bytes, decoder: codecs.IncrementalDecoder) -> bytes:
    # Encoding back would cost as much as decoding did; the bytes are the same but for the tail
    # of a character that the chunk's end cuts.
    cut = len(decoder.getstate()[0])
    return chunk[:-cut] if cut else chunk


def _chunks(path: Path) -> Iterator[tuple[bytes, bool]]:
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        while chunk:
            following = file.read(CHUNK)
            yield chunk, not following
            chunk = following


def _is_damaged_utf8(path: Path, broke_at: int) -> bool:
    with path.open("rb") as file:
        start = file.read(broke_at)
    return start.startswith(BOM) or _UTF8_RUN.search(start) is not None


def _damage(path: Path, broke_at: int) -> refusals.Refusal:
    place = _place(path, broke_at)
    size = path.stat().st_size
    if size - broke_at < 4:
        return refusals.truncated(place)
    with path.open("rb") as file:
        file.seek(broke_at)
        rest = file.read()
    try:
        # From the row on where UTF-8 ends, is the rest GB18030?
        rest[rest.find(b"\n") + 1 :].decode("gb18030")
    except UnicodeDecodeError:
        return refusals.undecodable(place, ("UTF-8",))
    return refusals.mixed_encodings(place)


def _utf8_run_at(path: Path) -> int:
    offset = 0
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            window = tail + chunk
            if found := _UTF8_RUN.search(window):
                return offset - len(tail) + found.start()
            offset += len(chunk)
            tail = window[-14:]
    return -1


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
    return f"第 {lines + 1} 行（字节 {offset + 1}）/ line {lines + 1} (byte {offset + 1})"
