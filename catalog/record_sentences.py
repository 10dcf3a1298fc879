"""What differs between two versions of a record, in sentences that name fields and items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from catalog.record_diff import Change, Difference
from standards.code_lists import CodeLists
from standards.documents import as_mapping, as_sequence
from standards.schema_check import load_schema, shown_value

# fields whose values are codes of a list that is not named in the record itself
_LISTS: Mapping[str, str] = {
    "share_type": "share_type",
    "share_method": "share_method",
    "update_cycle": "update_cycle",
    "sync_frequency": "update_cycle",
    "open_type": "open_type",
    "non_share_reason_type": "non_share_reason",
    "uses": "purpose",
    "basis": "legal_basis",
    "data_type": "data_type",
    "category": "format_category",
}
_YES_NO = {True: ("是", "yes"), False: ("否", "no")}
_NOTHING = ("（无）", "(none)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One difference as people read it; `tightened`: it shares less than before."""

    zh: str
    en: str
    tightened: bool


@dataclass(frozen=True, slots=True)
class _Place:
    zh: str
    en: str
    field: str  # the last name of the path; that of a list where an item of it is meant


def sentence_of(
    difference: Difference,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    code_lists: CodeLists,
) -> Sentence:
    """A difference of these two documents as a sentence."""
    parts = difference.path.split("/")
    item = _item_name(parts, before, after) if parts[0] == "items" and len(parts) > 1 else None
    if item is not None and len(parts) == 2:
        return _of_a_whole_item(difference, item)
    place = _place(parts[2:], _items_schema()) if item is not None else _place(parts, _schema())
    old = _shown(difference.before, place.field, code_lists)
    new = _shown(difference.after, place.field, code_lists)
    tightened = _is_tightened(difference, place.field)
    zh, en = _change_of(difference.change, place, old, new)
    if item is not None:
        zh, en = f"信息项 {item}：{zh}", f"item {item}: {en}"
    if tightened:
        zh, en = f"{zh}（收紧共享）", f"{en} (shares less)"
    return Sentence(zh, en, tightened)


def _of_a_whole_item(difference: Difference, item: str) -> Sentence:
    if difference.change is Change.MOVED:
        old, new = difference.before + 1, difference.after + 1
        return Sentence(
            f"信息项 {item}：位置 {old} → {new}", f"item {item}: place {old} → {new}", False
        )
    words = {Change.ADDED: ("新增", "new"), Change.REMOVED: ("删去", "dropped")}
    zh, en = words[difference.change]
    return Sentence(f"{zh}信息项 {item}", f"{en} item {item}", False)


def _change_of(
    change: Change, place: _Place, old: tuple[str, str], new: tuple[str, str]
) -> tuple[str, str]:
    if change is Change.ADDED:
        return f"新增{place.zh}：{new[0]}", f"new {place.en}: {new[1]}"
    if change is Change.REMOVED:
        return f"删去{place.zh}（原为 {old[0]}）", f"dropped {place.en} (it was {old[1]})"
    return f"{place.zh} {old[0]} → {new[0]}", f"{place.en} {old[1]} → {new[1]}"


def _is_tightened(difference: Difference, field: str) -> bool:
    old, new = difference.before, difference.after
    return field == "share_type" and isinstance(new, int) and new > (old or 1)


def _item_name(
    parts: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> str | None:
    """The name of the item of a path, as it is now, else as it was; None for no item's path."""
    for document in (after, before):
        for item in as_sequence(document.get("items")):
            if as_mapping(item).get("id") == parts[1]:
                return str(as_mapping(item).get("name") or parts[1])
    return None


def _place(parts: Sequence[str], schema: Mapping[str, Any]) -> _Place:
    """The titles along a path, and its last name."""
    titles = []
    for part in parts:
        schema = as_mapping(as_mapping(schema.get("properties")).get(part))
        titles.append(str(schema.get("title") or part))
    return _Place("·".join(titles), " ".join(parts).replace("_", " "), parts[-1])


@cache
def _schema() -> Mapping[str, Any]:
    return load_schema("record")


def _items_schema() -> Mapping[str, Any]:
    items = as_mapping(as_mapping(_schema()["properties"])["items"])
    return as_mapping(items["items"])


def _shown(value: Any, field: str, code_lists: CodeLists) -> tuple[str, str]:
    """A value in both languages: a code with its name, a truth value as a word, texts as texts."""
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, list) and value and not any(isinstance(v, dict | list) for v in value):
        each = [_shown(v, field, code_lists) for v in value]
        return _short("、".join(zh for zh, _ in each)), _short(", ".join(en for _, en in each))
    if isinstance(value, str | int | float):
        name = _name_of(str(value), field, code_lists)
        return (f"{name}（{value}）", str(value)) if name else (_short(str(value)),) * 2
    return (shown_value(value),) * 2


def _name_of(code: str, field: str, code_lists: CodeLists) -> str | None:
    """The name of a code in the list of its field, where there is such a list and such a code."""
    known = code_lists.require(_LISTS[field]) if field in _LISTS else None
    entry = None if known is None else known.find(code)
    return None if entry is None else entry.name


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
