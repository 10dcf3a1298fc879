"""What is refused of demands."""

from __future__ import annotations

from catalog.errors import KnownError


class DemandError(KnownError):
    """What a demand may not be."""


class InvalidDemand(DemandError):
    """A field that is missing or too long; the text is not repeated."""

    field: str
    expected_zh: str
    expected_en: str

    ZH = "数据需求的 {field} {expected_zh}；请修改后再提交"
    EN = "{field} of the demand {expected_en}; change it and submit again"


class NumberInDemand(DemandError):
    """A text that may hold somebody's number, which everybody who reads demands would see."""

    field: str

    ZH = "数据需求的 {field} 中有像身份号码的数字，需求会被他人看到；请只写所需数据的名称，不写号码"
    EN = (
        "{field} of the demand holds what looks like somebody's number, and others read demands; "
        "name the data that is wanted, and nobody's number"
    )


class DemandNotFound(DemandError):
    """No demand of that id among those that the caller may see."""

    demand: str

    ZH = "在您可查看的数据需求中没有 {demand}；请核对需求号"
    EN = "there is no demand {demand} among those that you may see; check the id"
