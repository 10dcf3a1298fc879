"""Themes of GB/T 21063.4 (主题分类): which first-level class a category of a record belongs to."""

import re
from collections.abc import Iterator, Mapping

from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.faults import error, not_in_list, warning
from standards.violations import Violation

THEMES = "theme_gb21063_4"
_STANDARD = "GB/T 21063.4"
_OF_THE_STANDARD = re.compile(r"Z[A-Z]([A-Z]([0-9]{2})?)?")  # as ZCC00, of which ZC is the theme
_OF_THE_LIST = re.compile(r"[0-9]{2}")


def theme_of(category: Mapping[str, object], code_lists: CodeLists) -> str | None:
    """The code in the list theme_gb21063_4 of a record's category; None where it is not known.

    Told by the code, or by its first two letters where the list knows them, or by the name.
    """
    code, name = str(category.get("code", "")), str(category.get("name", ""))
    themes = code_lists.require(THEMES)
    if not _is_theme(category):
        return None
    return themes.resolve(code) or themes.resolve(code[:2]) or themes.resolve(name)


def check_themes(document: Mapping[str, object], code_lists: CodeLists) -> Iterator[Violation]:
    """The codes of the theme facet: of the standard's form, or of the list's first level."""
    for rank, value in enumerate(as_sequence(document.get("category_gb21063_4"))):
        category, path = as_mapping(value), f"category_gb21063_4/{rank}"
        code = category.get("code")
        if isinstance(code, str) and _is_theme(category):
            yield from _check_code(path, code, category.get("name"), code_lists)


def _check_code(path: str, code: str, name: object, code_lists: CodeLists) -> Iterator[Violation]:
    themes, rule = code_lists.require(THEMES), "record.category_gb21063_4.code"
    if _OF_THE_STANDARD.fullmatch(code):
        return  # its letters were not all found in public, so none of them is called unknown
    if not _OF_THE_LIST.fullmatch(code):
        zh = f"形如 ZCC00 的类目编码，或代码表 {THEMES} 的代码"
        en = f"a code such as ZCC00, or one of the list {THEMES}"
        yield error(f"{path}/code", code, f"{rule}.format", zh, en)
        return
    entry = themes.find(code)
    if entry is None:
        what = "主题分类 / theme"
        yield not_in_list(f"{path}/code", code, f"{rule}.unknown", themes.codes, what)
    elif isinstance(name, str) and name != entry.name:
        zh, en = f"{entry.name}，与编码一致", f"{entry.name}, as the code says"
        yield warning(f"{path}/name", name, "record.category_gb21063_4.name.agrees", zh, en)


def _is_theme(category: Mapping[str, object]) -> bool:
    """Whether its code is one of the standard's themes; a local code under this heading is not."""
    return str(category.get("standard", _STANDARD)).startswith(_STANDARD)
