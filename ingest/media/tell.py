"""Tell what a file is from its bytes; its name is not looked at."""

from __future__ import annotations

import codecs
import struct
import zipfile
from pathlib import Path

from ingest.media import kinds
from ingest.media.compound import stream_names
from ingest.media.kinds import MediaKind

HEAD = 64 * 1024
# The list of what is in an archive is read whole: one larger than this is an archive like any.
_LARGEST_DIRECTORY = 16 << 20
_END_OF_ZIP, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65_535

_SIGNATURES: tuple[tuple[bytes, MediaKind], ...] = (
    (b"\x89PNG\r\n\x1a\n", kinds.PNG),
    (b"\xff\xd8\xff", kinds.JPEG),
    (b"GIF87a", kinds.GIF),
    (b"GIF89a", kinds.GIF),
    (b"II*\x00", kinds.TIFF),
    (b"MM\x00*", kinds.TIFF),
    (b"PAR1", kinds.PARQUET),
    (b"7z\xbc\xaf\x27\x1c", kinds.SEVEN_ZIP),
    (b"Rar!\x1a\x07", kinds.RAR),
    (b"\x1f\x8b", kinds.GZIP),
    (b"\x00\x00\x01\xba", kinds.MPEG),
    (b"\x00\x00\x01\xb3", kinds.MPEG),
    (b"FWS", kinds.FLASH),
    (b"CWS", kinds.FLASH),
    (b"ZWS", kinds.FLASH),
    (b".RMF", kinds.REAL),
    (b"{\\rtf", kinds.RTF),
    (b"\x7fELF", kinds.PROGRAM),
)
_PARTS = (
    ("word/", kinds.WORD),
    ("xl/", kinds.SHEET),
    ("ppt/", kinds.SLIDES),
)
_STREAMS = (
    ("EncryptedPackage", kinds.ENCRYPTED),
    ("WordDocument", kinds.OLD_WORD),
    ("Workbook", kinds.OLD_SHEET),
    ("Book", kinds.OLD_SHEET),
    ("PowerPoint Document", kinds.OLD_SLIDES),
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Control characters that no text has, but for tab, line ends, form feed and escape.
_NO_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b\v\x08")


def tell(path: Path) -> MediaKind:
    """The kind of a file that is not empty."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith((b"PK\x03\x04", _END_OF_ZIP)):
        return _archive(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(path)
    return _by_signature(head) or _text(head, whole=len(head) < HEAD) or kinds.UNKNOWN


def _by_signature(head: bytes) -> MediaKind | None:
    # PDF readers look for it in the first kilobyte: some programs put something before it.
    if b"%PDF-" in head[:1024]:
        return kinds.PDF
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": kinds.WEBP, b"AVI ": kinds.AVI}.get(head[8:12])
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide"}:
        return kinds.MP4
    if head[:2] == b"BM" and _is_bitmap(head):
        return kinds.BMP
    return kinds.PROGRAM if head[:2] == b"MZ" and b"\x00" in head[:64] else None


def _is_bitmap(head: bytes) -> bool:
    """Two letters prove little: the size of the header behind them is one of a few."""
    return len(head) >= 18 and struct.unpack_from("<I", head, 14)[0] in {
        12,
        40,
        52,
        56,
        64,
        108,
        124,
    }


def _archive(path: Path) -> MediaKind:
    if not _has_short_directory(path):
        return kinds.ZIP
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return kinds.ZIP
    if "OFD.xml" in names:
        return kinds.OFD
    if "[Content_Types].xml" in names:
        for start, kind in _PARTS:
            if any(name.startswith(start) for name in names):
                return kind
    return kinds.OPEN_DOCUMENT if {"mimetype", "content.xml"} <= set(names) else kinds.ZIP


def _has_short_directory(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
        tail = file.read()
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or len(tail) < at + _END_SIZE:
        return False
    length: int = struct.unpack_from("<I", tail, at + 12)[0]
    return length <= _LARGEST_DIRECTORY


def _compound(path: Path) -> MediaKind:
    names = stream_names(path)
    return next((kind for name, kind in _STREAMS if name in names), kinds.COMPOUND)


def _text(head: bytes, *, whole: bool) -> MediaKind | None:
    text = _decoded(head, whole=whole)
    if text is None:
        return None
    start = text.lstrip().lower()
    if start.startswith("<?xml"):
        return kinds.XML
    if start.startswith(("<!doctype html", "<html")):
        return kinds.HTML
    return kinds.XML if _begins_with_a_tag(start) else kinds.TEXT


def _begins_with_a_tag(start: str) -> bool:
    return start[:1] == "<" and (start[1:2].isalpha() or start[1:2] in {"!", "_"}) and ">" in start


def _decoded(head: bytes, *, whole: bool) -> str | None:
    """The text of the first bytes in UTF-8, GB18030 or marked UTF-16; None for what is none."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            # what follows may end in the middle of a character, unless it is all there is
            text = codecs.getincrementaldecoder(name)("strict").decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        return None if any(ord(sign) in _NO_TEXT for sign in text) else text
    return None
