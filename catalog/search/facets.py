"""The six facets by which a search is narrowed, and the values that a record has in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

_NAMED = "\t"  # between a code and its name, where a value of the index carries both


class Facet(StrEnum):
    """The value is the name of the parameter that narrows by it."""

    DEPARTMENT = "department"
    CLASS = "class"
    THEME = "theme"
    SHARE_TYPE = "share_type"
    FORMAT = "format"
    UPDATE_CYCLE = "update_cycle"

    @property
    def zh(self) -> str:
        return FACET_NAMES[self]

    @property
    def field(self) -> str:
        """The field of the index that is counted."""
        return f"facet_{self.value}"

    @property
    def codes(self) -> str:
        """The field of the index that is narrowed by."""
        return f"code_{self.value}"

    def codes_of(self, value: str) -> tuple[str, ...]:
        """What a record with this value is counted under, and narrowed by."""
        code = value.partition(_NAMED)[0]
        length = _FIRST_PART.get(self)
        if length is None or len(code) <= length:
            return (code,)
        return code[:length], code

    def name_in(self, value: str) -> str | None:
        """The name that a value carries beside its code; most carry none."""
        return value.partition(_NAMED)[2] or None


FACET_NAMES: Mapping[Facet, str] = {
    Facet.DEPARTMENT: "部门",
    Facet.CLASS: "资源分类",
    Facet.THEME: "主题",
    Facet.SHARE_TYPE: "共享类型",
    Facet.FORMAT: "格式",
    Facet.UPDATE_CYCLE: "更新周期",
}
# a class and a format are found by their first part, too: 3 of 307, 2 of 2/csv
_FIRST_PART: Mapping[str, int] = {"class": 1, "format": 1}


def facet_values(
    document: Mapping[str, Any], department_id: str, department_name: str
) -> dict[Facet, tuple[str, ...]]:
    """The values of a record: of its class 类 and 项 (307), of its format category and type
    (2/csv)."""
    return {
        Facet.DEPARTMENT: (f"{department_id}{_NAMED}{department_name}",),
        Facet.CLASS: _one(_class(document.get("classification") or {})),
        Facet.THEME: tuple(dict.fromkeys(_themes(document.get("category_gb21063_4") or ()))),
        Facet.SHARE_TYPE: _one(document.get("share_type")),
        Facet.FORMAT: _one(_format(document.get("format") or {})),
        Facet.UPDATE_CYCLE: _one(document.get("update_cycle")),
    }


def _one(value: object) -> tuple[str, ...]:
    return () if value in {None, ""} else (str(value),)


def _class(written: Mapping[str, object]) -> str:
    lei, xiang = (str(written.get(part) or "") for part in ("lei", "xiang"))
    return lei + xiang if lei else ""


def _format(written: Mapping[str, object]) -> str:
    category, kind = (str(written.get(part) or "").lower() for part in ("category", "type"))
    return f"{category}/{kind}" if category and kind else category


def _themes(written: Sequence[Mapping[str, object]]) -> Iterator[str]:
    for theme in written:
        code, name = (str(theme.get(part) or "").strip() for part in ("code", "name"))
        if code:
            yield f"{code}{_NAMED}{name}" if name else code
