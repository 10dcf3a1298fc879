"""Read the names of the streams in an OLE2 compound file: what old Office programs write."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_SECTORS_IN_HEADER, _ENTRY = 109, 128
_LAST_SECTOR = 0xFFFFFFFA  # numbers from here on are marks: end of chain, free
# A directory of more sectors is not looked at to its end: what tells the kind stands at its front.
_MOST_SECTORS = 256


def stream_names(path: Path) -> frozenset[str]:
    """The names in the directory of a compound file; as many as can be read of a damaged one."""
    with path.open("rb") as file:
        header = file.read(512)
        if len(header) < 512:
            return frozenset()
        shift = struct.unpack_from("<H", header, 30)[0]
        if shift not in {9, 12}:
            return frozenset()
        return frozenset(_names(file, header, 1 << shift))


def _names(file: BinaryIO, header: bytes, size: int) -> Iterator[str]:
    table = struct.unpack_from(f"<{_SECTORS_IN_HEADER}I", header, 76)
    sector: int = struct.unpack_from("<I", header, 48)[0]
    for _ in range(_MOST_SECTORS):
        if sector >= _LAST_SECTOR:
            return
        content = _read(file, sector, size)
        for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
            yield _name(content[at : at + _ENTRY])
        sector = _next(file, table, sector, size)


def _next(file: BinaryIO, table: tuple[int, ...], sector: int, size: int) -> int:
    """The sector that follows in a chain, by the allocation table that the header points at."""
    page, place = divmod(sector, size // 4)
    if page >= len(table) or table[page] >= _LAST_SECTOR:
        return _LAST_SECTOR
    content = _read(file, table[page], size)
    if len(content) < place * 4 + 4:
        return _LAST_SECTOR
    following: int = struct.unpack_from("<I", content, place * 4)[0]
    return following


def _read(file: BinaryIO, sector: int, size: int) -> bytes:
    file.seek((sector + 1) * size)
    return file.read(size)


def _name(entry: bytes) -> str:
    length: int = struct.unpack_from("<H", entry, 64)[0]
    if not 2 <= length <= 64:
        return ""
    return entry[: length - 2].decode("utf-16-le", errors="replace")
