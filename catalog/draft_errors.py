"""What is refused of drafts and of the files that they come from."""

from __future__ import annotations

from catalog.errors import CatalogError


class DraftNotFound(CatalogError):
    draft: str

    ZH = "没有待补草稿 {draft}；请用 datong draft list 查看"
    EN = "there is no draft {draft}; see datong draft list"


class DraftNotOpen(CatalogError):
    """It was claimed or dropped before."""

    draft: str
    state: str

    ZH = "待补草稿 {draft} 已{state}，不能再办；请改办其他草稿"
    EN = "the draft {draft} is in state {state} and settled; choose another one"


class InvalidSource(CatalogError):
    """The name of a source is part of ids, so it has to be short and plain."""

    source: str

    ZH = "来源名“{source}”应以小写字母开头，由小写字母、数字、_ 和 - 组成，2 至 31 位"
    EN = "the source {source} should be 2 to 31 small letters, digits, _ and -, a letter first"


class NotACatalogue(CatalogError):
    """A file that is no list of records."""

    file: str
    why_zh: str
    why_en: str

    ZH = "{file} 不是目录文件：{why_zh}；应为一个 JSON 列表，每条记录一个对象"
    EN = "{file} is no catalogue: {why_en}; it should be one JSON list with an object a record"


class BadMapping(CatalogError):
    """A mapping that is not there or cannot be used."""

    why_zh: str
    why_en: str

    ZH = "{why_zh}；写法见 docs/catalogue-import.md"
    EN = "{why_en}; docs/catalogue-import.md says how to write one"
