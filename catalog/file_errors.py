"""What is refused about file resources."""

from __future__ import annotations

from catalog.errors import CatalogError


class NotAFileResource(CatalogError):
    """Files are asked of a resource that has none: a table, an interface."""

    resource: str
    kind: str

    ZH = "资源 {resource} 的类型为 {kind}，没有可列出或下载的文件；请改用文件类（file）资源"
    EN = "resource {resource} is of kind {kind} and has no files; ask for a resource of kind file"


class FileNotFound(CatalogError):
    """No file of that name or id is current there; `file` repeats no number."""

    resource: str
    file: str

    ZH = "资源 {resource} 当前没有文件 {file}；请用 datong file list 查看现有文件"
    EN = "resource {resource} has no current file {file}; see datong file list"
