"""What a search refuses."""

from __future__ import annotations

from catalog.errors import KnownError


class QueryTooLong(KnownError):
    """Nobody types so much; the text itself is not repeated."""

    length: int
    most: int

    ZH = "检索词有 {length} 个字符，最多 {most} 个；请只写名称中的几个词"
    EN = "the text to search for has {length} characters, at most {most}; name a few words only"


class RebuildGoingOn(KnownError):
    """Another process makes the index anew already."""

    folder: str

    ZH = "{folder} 的检索索引正由另一进程重建；请等它结束"
    EN = "another process makes the index in {folder} anew; wait for it"
