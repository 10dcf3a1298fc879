"""What is refused of those who harvest, and of the catalogues that are harvested."""

from __future__ import annotations

from catalog.errors import CatalogError


class NotThisFormat(CatalogError):
    """A file that is not what it was said to be; `reason` is the reader's own word."""

    format: str
    reason: str

    ZH = "文件不是可读的 {format}（{reason}）；请检查 --format 和文件内容"
    EN = "the file is no readable {format} ({reason}); check --format and what the file holds"


class RemoteContext(CatalogError):
    """A JSON-LD file whose meaning lies in another file; that one is never fetched."""

    context: str

    ZH = (
        "文件的 @context 在别处（{context}），平台不联网读取；"
        "请把 @context 写进文件，data.json 请用 --format data.json"
    )
    EN = (
        "the file's @context is elsewhere ({context}) and is not fetched; "
        "write it into the file, or import a data.json with --format data.json"
    )


class UnknownAction(CatalogError):
    """Not among the actions of CKAN that read; nothing is written through them."""

    action: str
    known: tuple[str, ...]

    ZH = "没有动作 {action}；可用的有：{known}"
    EN = "there is no action {action}; there are: {known}"


class WrongParameter(CatalogError):
    """A parameter of an action that is not what the action takes; its value is not repeated."""

    parameter: str
    expected: str

    ZH = "参数 {parameter} 有误：应为 {expected}"
    EN = "the parameter {parameter} is wrong; it should be {expected}"


class PartNotFound(CatalogError):
    """A thing that CKAN knows and the catalogue has not: a resource of a package, a help text."""

    kind: str

    ZH = "没有这个 {kind}；请核对其标识"
    EN = "there is no such {kind}; check its id"
