"""Draws the map of the sample province: a block for each county, as a PNG, always the same."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from examples.world.places import COUNTIES

_WIDE: Final = 3  # counties side by side
_SIDE: Final = 80  # pixels of a block
_BORDER: Final = 2
_WHITE: Final = (255, 255, 255)


def draw_map() -> bytes:
    """A picture of all counties; what a department delivers to its file resource."""
    rows = -(-len(COUNTIES) // _WIDE)
    width, height = _WIDE * _SIDE, rows * _SIDE
    pixels = b"".join(b"\x00" + bytes(_row(y, width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _row(y: int, width: int) -> Iterator[int]:
    for x in range(width):
        yield from _colour(x, y)


def _colour(x: int, y: int) -> tuple[int, int, int]:
    """White between the counties, else the colour of the county: its code tells."""
    if min(x % _SIDE, y % _SIDE) < _BORDER:
        return _WHITE
    place = y // _SIDE * _WIDE + x // _SIDE
    codes = sorted(COUNTIES)
    if place >= len(codes):
        return _WHITE
    number = int(codes[place])
    return (number * 37 % 160 + 60, number * 59 % 160 + 60, number * 83 % 160 + 60)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
