"""What a file is by its content, whatever its name says, and what its record takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.media import judge, tell
from ingest.media.kinds import KINDS, kind_called
from ingest.refusals import FileRefused
from tests.ingest.pictures import (
    a_bmp,
    a_compound_file,
    a_docx,
    a_pdf,
    a_png,
    an_archive,
    an_ofd,
)

ANYTHING: dict[str, Any] = {"format": {"category": 6, "type": "自描述"}}
MANY = ("\x05SummaryInformation", "1Table", "Data", "ObjectPool", "WordDocument")

CONTENTS: dict[str, tuple[bytes, str]] = {
    "a.pdf": (a_pdf(), "application/pdf"),
    "b.pdf": (b"\xef\xbb\xbf\r\n" + a_pdf(), "application/pdf"),
    "a.png": (a_png(), "image/png"),
    "a.JPEG": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg"),
    "a.gif": (b"GIF89a\x01\x00\x01\x00", "image/gif"),
    "a.bmp": (a_bmp(), "image/bmp"),
    "a.tif": (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
    "a.docx": (
        a_docx(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "a.xlsx": (
        an_archive("xl/workbook.xml", "[Content_Types].xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "a.ofd": (an_ofd(), "application/ofd"),
    "a.zip": (an_archive("photo.png"), "application/zip"),
    "empty.zip": (an_archive(), "application/zip"),
    "a.doc": (a_compound_file(*MANY), "application/msword"),
    "a.wps": (a_compound_file(*MANY), "application/vnd.ms-works"),
    "a.xls": (a_compound_file("Workbook"), "application/vnd.ms-excel"),
    "secret.docx": (
        a_compound_file("EncryptionInfo", "EncryptedPackage"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "a.xml": (b'<?xml version="1.0" encoding="UTF-8"?><a/>', "application/xml"),
    "b.xml": ("<数据><行/></数据>".encode(), "application/xml"),
    "utf16.xml": (
        '<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"),
        "application/xml",
    ),
    "a.html": (b"<!DOCTYPE html><title>x</title>", "text/html"),
    "a.txt": ("关于印发办法的通知".encode("gb18030"), "text/plain"),
    "a.csv": (b"a,b\n1,2\n", "text/csv"),
    "noname": ("通知".encode(), "text/plain"),
    "a.mpg": (b"\x00\x00\x01\xba\x44", "video/mpeg"),
    "layer.shp": (b"\x00\x00\x27\x0a" + bytes(20), "application/octet-stream"),
}


def kept(folder: Path, content: bytes) -> Path:
    path = folder / "delivered"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    content, media_type = CONTENTS[name]
    assert judge(kept(tmp_path, content), name, ANYTHING).media_type == media_type


@pytest.mark.parametrize(
    "claimed", ["a.pdf", "a.png", "a.docx", "a.doc", "a.ofd", "a.xml", "a.zip"]
)
def test_no_content_passes_under_the_name_of_another(tmp_path: Path, claimed: str) -> None:
    own, _ = CONTENTS[claimed]
    for name, (content, _) in CONTENTS.items():
        same = tell(kept(tmp_path, content)) == tell(kept(tmp_path, own))
        if same or name == "secret.docx":  # an encrypted one is in another wrapping
            continue
        with pytest.raises(FileRefused) as refused:
            judge(kept(tmp_path, content), claimed, ANYTHING)
        assert refused.value.refusal.code == "file.other_content"


def test_a_refusal_says_what_the_content_looks_like(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        judge(kept(tmp_path, a_docx()), "通知.pdf", ANYTHING)
    said = refused.value.refusal
    assert ".pdf" in said.zh
    assert "Word 文档" in said.zh
    assert "looks like a Word document" in said.en


RECORDS: list[tuple[dict[str, Any], str, bool]] = [
    ({"file": {"media_types": ["application/pdf"]}}, "a.pdf", True),
    ({"file": {"media_types": ["application/pdf"]}}, "a.png", False),
    ({"file": {"media_types": ["application/pdf", "image/png"]}}, "a.png", True),
    ({"file": {"media_types": ["image/jpg"]}}, "a.JPEG", True),
    ({"file": {"media_types": ["text/plain"]}}, "a.pdf", False),
    ({"file": {"media_types": ["text/plain"]}}, "a.csv", True),
    ({"file": {"media_types": ["application/octet-stream"]}}, "layer.shp", True),
    ({"file": {"media_types": ["application/pdf"]}}, "layer.shp", False),
    # what the record lists counts, not the one format that the catalogue shows
    ({"file": {"media_types": ["image/png"]}, "format": {"type": "pdf"}}, "a.png", True),
    ({"format": {"type": "PDF"}}, "a.pdf", True),
    ({"format": {"type": "pdf"}}, "a.docx", False),
    ({"format": {"type": "jpg、png"}}, "a.png", True),
    ({"format": {"type": "doc"}}, "a.wps", True),
    ({"format": {"type": "电子文件"}}, "a.png", True),
]


@pytest.mark.parametrize(("document", "name", "taken"), RECORDS)
def test_a_record_says_what_it_takes(
    tmp_path: Path, document: dict[str, Any], name: str, taken: bool
) -> None:
    path = kept(tmp_path, CONTENTS[name][0])
    if taken:
        judge(path, name, document)
        return
    with pytest.raises(FileRefused) as refused:
        judge(path, name, document)
    assert refused.value.refusal.code == "file.type_not_taken"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.pdf", b"", "file.empty"),
        ("", a_pdf(), "file.no_name"),
        ("  ", a_pdf(), "file.no_name"),
        ("长" * 252 + ".pdf", a_pdf(), "file.name_too_long"),
        ("cut.docx", a_docx()[:60], "file.other_content"),
        ("cut.doc", a_compound_file("WordDocument")[:300], ""),
    ],
)
def test_what_cannot_be_kept_is_refused(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = kept(tmp_path, content)
    if not code:  # where the content does not tell, the name is believed
        assert judge(path, name, ANYTHING).media_type == "application/msword"
        return
    with pytest.raises(FileRefused) as refused:
        judge(path, name, ANYTHING)
    assert refused.value.refusal.code == code


def test_every_ending_means_a_kind_that_may_have_it() -> None:
    for kind in KINDS:
        for ending in kind.endings:
            meant = kind_called(ending)
            assert meant is not None
            assert ending in meant.endings
    assert (kind_called("html"), kind_called("doc")) == (
        next(k for k in KINDS if k.code == "html"),
        next(k for k in KINDS if k.code == "doc"),
    )
