"""Makers of tiny real files: what people deliver to file resources, and what they misname."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence


def a_pdf(text: str = "policy") -> bytes:
    """A PDF of one page, with a right table of its objects."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size, start = len(objects) + 1, len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, start)


def a_png(grey: int = 128, side: int = 8) -> bytes:
    """A square of one shade of grey."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\x00" + bytes([grey]) * side) * side)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def a_bmp() -> bytes:
    pixels = b"\x00\x00\xff\x00" * 2
    header = struct.pack("<IiiHHIIiiII", 40, 1, 2, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def an_archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, f"<{name}/>")
    return out.getvalue()


def a_docx() -> bytes:
    return an_archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")


def an_ofd() -> bytes:
    return an_archive("OFD.xml", "Doc_0/Document.xml")


def a_compound_file(*streams: str) -> bytes:
    """An OLE2 file with these streams, so many that its directory takes several sectors."""
    sector, entries = 512, ["Root Entry", *streams]
    sectors = -(-len(entries) // 4)
    chain = [*range(2, sectors + 1), 0xFFFFFFFE]
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", header, 44, 1, 1)  # one sector of the table, the directory follows it
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack(f"<{1 + len(chain)}I", 0xFFFFFFFD, *chain).ljust(sector, b"\xff")
    return bytes(header) + table + _directory(entries).ljust(sectors * sector, b"\x00")


def _directory(names: Sequence[str]) -> bytes:
    out = b""
    for name in names:
        written = name.encode("utf-16-le") + b"\x00\x00"
        out += written.ljust(64, b"\x00") + struct.pack("<H", len(written)) + bytes(62)
    return out
