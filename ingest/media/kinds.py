"""The kinds of file that can be told by content: their names, endings and media types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class MediaKind:
    """A kind of content. `endings` may stand behind the name of such a file; some of them say
    more than the content does, and have a media type of their own."""

    code: str
    zh: str
    en: str
    media_type: str
    endings: frozenset[str] = frozenset()
    by_ending: Mapping[str, str] = field(default_factory=dict)
    is_text: bool = False

    def media_type_of(self, ending: str) -> str:
        """The media type of content of this kind under a name with this ending."""
        return self.by_ending.get(ending, self.media_type)


def _kind(
    code: str,
    zh: str,
    en: str,
    media_type: str,
    endings: str,
    by_ending: Mapping[str, str] | None = None,
    *,
    is_text: bool = False,
) -> MediaKind:
    return MediaKind(code, zh, en, media_type, frozenset(endings.split()), by_ending or {}, is_text)


_COMPOUND_TYPES = {
    "doc": "application/msword",
    "wps": "application/vnd.ms-works",
    "xls": "application/vnd.ms-excel",
    "et": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "dps": "application/vnd.ms-powerpoint",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}
_TEXT_TYPES = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "md": "text/markdown",
    "json": "application/json",
    "geojson": "application/geo+json",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}

PDF = _kind("pdf", "PDF 文档", "a PDF document", "application/pdf", "pdf")
PNG = _kind("png", "PNG 图片", "a PNG image", "image/png", "png")
JPEG = _kind("jpg", "JPEG 图片", "a JPEG image", "image/jpeg", "jpg jpeg jpe jfif")
GIF = _kind("gif", "GIF 图片", "a GIF image", "image/gif", "gif")
BMP = _kind("bmp", "BMP 图片", "a BMP image", "image/bmp", "bmp dib")
TIFF = _kind("tif", "TIFF 图片", "a TIFF image", "image/tiff", "tif tiff")
WEBP = _kind("webp", "WebP 图片", "a WebP image", "image/webp", "webp")
WORD = _kind("docx", "Word 文档", "a Word document", _COMPOUND_TYPES["docx"], "docx docm dotx")
SHEET = _kind(
    "xlsx", "Excel 工作簿", "an Excel workbook", _COMPOUND_TYPES["xlsx"], "xlsx xlsm xltx"
)
SLIDES = _kind(
    "pptx", "PowerPoint 演示文稿", "a presentation", _COMPOUND_TYPES["pptx"], "pptx pptm"
)
OFD = _kind("ofd", "OFD 版式文档", "an OFD document", "application/ofd", "ofd")
OPEN_DOCUMENT = _kind(
    "odf",
    "OpenDocument 文档",
    "an OpenDocument file",
    "application/vnd.oasis.opendocument.text",
    "odt ods odp",
    {
        "ods": "application/vnd.oasis.opendocument.spreadsheet",
        "odp": "application/vnd.oasis.opendocument.presentation",
    },
)
ZIP = _kind("zip", "ZIP 压缩包", "a ZIP archive", "application/zip", "zip")
OLD_WORD = _kind(
    "doc",
    "旧版 Word 或 WPS 文字文档",
    "an old Word or WPS document",
    _COMPOUND_TYPES["doc"],
    "doc wps dot",
    {"wps": _COMPOUND_TYPES["wps"]},
)
OLD_SHEET = _kind(
    "xls",
    "旧版 Excel 或 WPS 表格工作簿",
    "an old Excel or WPS workbook",
    _COMPOUND_TYPES["xls"],
    "xls et",
)
OLD_SLIDES = _kind(
    "ppt",
    "旧版 PowerPoint 或 WPS 演示文稿",
    "an old PowerPoint or WPS presentation",
    _COMPOUND_TYPES["ppt"],
    "ppt dps",
)
ENCRYPTED = _kind(
    "encrypted",
    "加密的 Office 文档",
    "an encrypted Office document",
    "application/x-ole-storage",
    "docx xlsx pptx wps et dps",
    _COMPOUND_TYPES,
)
COMPOUND = _kind(
    "ole2",
    "旧版 Office 复合文档",
    "an old Office compound file",
    "application/x-ole-storage",
    "doc xls ppt wps et dps dot msg vsd",
    _COMPOUND_TYPES,
)
XML = _kind(
    "xml",
    "XML 文档",
    "an XML document",
    "application/xml",
    "xml xsd xsl kml gml svg html htm txt",
    {"svg": "image/svg+xml", "html": "application/xhtml+xml", "htm": "application/xhtml+xml"},
    is_text=True,
)
HTML = _kind("html", "HTML 网页", "an HTML page", "text/html", "html htm txt", is_text=True)
RTF = _kind("rtf", "RTF 文档", "an RTF document", "application/rtf", "rtf doc", is_text=True)
TEXT = _kind(
    "txt",
    "纯文本",
    "plain text",
    "text/plain",
    "txt csv tsv md log json geojson yaml yml",
    _TEXT_TYPES,
    is_text=True,
)
MPEG = _kind("mpg", "MPEG 视频", "an MPEG video", "video/mpeg", "mpg mpeg vob")
MP4 = _kind("mp4", "MP4 视频", "an MP4 video", "video/mp4", "mp4 m4v mov")
FLASH = _kind("swf", "Flash 动画", "a Flash file", "application/vnd.adobe.flash.movie", "swf")
REAL = _kind(
    "rm", "RealMedia 流媒体", "a RealMedia file", "application/vnd.rn-realmedia", "rm rmvb"
)
AVI = _kind("avi", "AVI 视频", "an AVI video", "video/x-msvideo", "avi")
SEVEN_ZIP = _kind("7z", "7z 压缩包", "a 7z archive", "application/x-7z-compressed", "7z")
RAR = _kind("rar", "RAR 压缩包", "a RAR archive", "application/vnd.rar", "rar")
GZIP = _kind("gz", "gzip 压缩文件", "a gzip file", "application/gzip", "gz tgz")
PARQUET = _kind(
    "parquet", "Parquet 文件", "a Parquet file", "application/vnd.apache.parquet", "parquet"
)
PROGRAM = _kind("exe", "可执行程序", "a program", "application/x-executable", "exe dll")
UNKNOWN = _kind(
    "binary", "未能识别的二进制内容", "bytes of an unknown kind", "application/octet-stream", ""
)

KINDS = (
    PDF, PNG, JPEG, GIF, BMP, TIFF, WEBP, WORD, SHEET, SLIDES, OFD, OPEN_DOCUMENT, ZIP, OLD_WORD,
    OLD_SHEET, OLD_SLIDES, ENCRYPTED, COMPOUND, TEXT, HTML, RTF, XML, MPEG, MP4, FLASH, REAL, AVI,
    SEVEN_ZIP, RAR, GZIP, PARQUET, PROGRAM, UNKNOWN,
)  # fmt: skip


def kinds_of(ending: str) -> frozenset[str]:
    """The codes of the kinds that an ending may stand for; none for one that says nothing."""
    return frozenset(kind.code for kind in KINDS if ending in kind.endings)


def kind_called(ending: str) -> MediaKind | None:
    """The kind that people mean by an ending: `doc` is an old Word document."""
    return next((kind for kind in KINDS if ending in kind.endings), None)
