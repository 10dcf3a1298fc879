"""What makes a record good, criterion by criterion: each with its weight and what to do next.

The way is that of data.gouv.fr's udata: few criteria, each explained to who can act on it. The
weights are this platform's own; the score is the share of the weights that apply, in per cent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.quality.punctuality import Punctuality
from standards.documents import as_mapping, as_sequence
from standards.records import ResourceKind, kind_of

LONG_ABSTRACT = 30  # characters: below that, an abstract says little more than the name
ENOUGH_KEYWORDS = 3


class Criterion(StrEnum):
    ABSTRACT = "abstract"
    KEYWORDS = "keywords"
    THEME = "theme"
    ITEMS = "items"
    ELEMENTS = "elements"
    KEY = "key"
    CONTACT = "contact"
    SOURCE_SYSTEM = "source_system"
    CYCLE = "cycle"
    EXPECTATIONS = "expectations"
    BOUND = "bound"
    UPDATES = "updates"

    @property
    def zh(self) -> str:
        return _NAMES[self][0]

    @property
    def en(self) -> str:
        return _NAMES[self][1]

    @property
    def weight(self) -> int:
        return _WEIGHTS[self]


_NAMES: Mapping[Criterion, tuple[str, str]] = {
    Criterion.ABSTRACT: ("摘要", "abstract"),
    Criterion.KEYWORDS: ("关键字", "key words"),
    Criterion.THEME: ("主题分类", "theme"),
    Criterion.ITEMS: ("信息项说明", "description of items"),
    Criterion.ELEMENTS: ("对应数据元或代码表", "elements or code lists of items"),
    Criterion.KEY: ("主键", "key"),
    Criterion.CONTACT: ("维护方", "contact"),
    Criterion.SOURCE_SYSTEM: ("来源信息系统", "source system"),
    Criterion.CYCLE: ("更新周期", "update cycle"),
    Criterion.EXPECTATIONS: ("质量期望", "quality expectations"),
    Criterion.BOUND: ("资源挂接", "data behind the record"),
    Criterion.UPDATES: ("按期更新", "updates as promised"),
}
_WEIGHTS: Mapping[Criterion, int] = {
    Criterion.ABSTRACT: 10,
    Criterion.KEYWORDS: 5,
    Criterion.THEME: 5,
    Criterion.ITEMS: 10,
    Criterion.ELEMENTS: 10,
    Criterion.KEY: 5,
    Criterion.CONTACT: 5,
    Criterion.SOURCE_SYSTEM: 5,
    Criterion.CYCLE: 5,
    Criterion.EXPECTATIONS: 5,
    Criterion.BOUND: 15,
    Criterion.UPDATES: 20,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a score depends on; `bound`: data that is not empty stands behind the record, None
    where that is the platform's own affair."""

    document: Mapping[str, Any]
    bound: bool | None
    punctuality: Punctuality


@dataclass(frozen=True, slots=True)
class Judgement:
    """How far a criterion is met, 0 to 1, and why, with the next step where it is not whole."""

    criterion: Criterion
    met: float
    zh: str
    en: str

    def as_json(self) -> dict[str, Any]:
        return {
            "criterion": self.criterion.value,
            "name_zh": self.criterion.zh,
            "name_en": self.criterion.en,
            "weight": self.criterion.weight,
            "met": round(self.met, 3),
            "zh": self.zh,
            "en": self.en,
        }


def judge(facts: Facts) -> tuple[Judgement, ...]:
    """The judgements that apply to a record of this kind, in the order of the criteria."""
    found = (_JUDGES[criterion](facts) for criterion in Criterion)
    return tuple(judgement for judgement in found if judgement is not None)


def score_of(judgements: tuple[Judgement, ...]) -> int:
    """The weighted share of what is met, 0 to 100, rounded down: 100 means all of it."""
    total = sum(each.criterion.weight for each in judgements)
    return int(100 * sum(each.criterion.weight * each.met for each in judgements) / total + 1e-9)


def _abstract(facts: Facts) -> Judgement:
    length = len(str(facts.document.get("abstract", "")).strip())
    return Judgement(
        Criterion.ABSTRACT,
        min(1.0, length / LONG_ABSTRACT),
        f"摘要 {length} 字"
        + ("" if length >= LONG_ABSTRACT else f"，请写到 {LONG_ABSTRACT} 字以上"),
        f"the abstract has {length} characters"
        + ("" if length >= LONG_ABSTRACT else f"; write at least {LONG_ABSTRACT}"),
    )


def _keywords(facts: Facts) -> Judgement:
    count = len(as_sequence(facts.document.get("keywords")))
    return Judgement(
        Criterion.KEYWORDS,
        min(1.0, count / ENOUGH_KEYWORDS),
        f"{count} 个关键字"
        + ("" if count >= ENOUGH_KEYWORDS else f"，建议不少于 {ENOUGH_KEYWORDS} 个"),
        f"{count} key words" + ("" if count >= ENOUGH_KEYWORDS else f"; give {ENOUGH_KEYWORDS}"),
    )


def _stated(criterion: Criterion, field: str) -> Callable[[Facts], Judgement]:
    def judged(facts: Facts) -> Judgement:
        there = bool(facts.document.get(field))
        return Judgement(
            criterion,
            float(there),
            f"已写明{criterion.zh}" if there else f"未写明{criterion.zh}，请填写 {field}",
            f"the {criterion.en} is stated" if there else f"no {criterion.en}; fill in {field}",
        )

    return judged


def _items(facts: Facts) -> Judgement | None:
    items = _items_of(facts.document)
    if not items:
        return None
    described = sum(1 for item in items if _is_described(item))
    return Judgement(
        Criterion.ITEMS,
        described / len(items),
        f"{len(items)} 个信息项中 {described} 个有说明、数据元或代码表",
        f"{described} of {len(items)} items have a description, an element or a code list",
    )


def _is_described(item: Mapping[str, object]) -> bool:
    return any(item.get(name) for name in ("description", "element", "code_list", "identifier"))


def _elements(facts: Facts) -> Judgement | None:
    items = _items_of(facts.document)
    if not items:
        return None
    pointed = sum(1 for item in items if item.get("element") or item.get("code_list"))
    return Judgement(
        Criterion.ELEMENTS,
        pointed / len(items),
        f"{len(items)} 个信息项中 {pointed} 个对应数据元或代码表",
        f"{pointed} of {len(items)} items point at an element or a code list",
    )


def _key(facts: Facts) -> Judgement | None:
    if kind_of(facts.document) is not ResourceKind.TABLE:
        return None
    there = any(item.get("key") is True for item in _items_of(facts.document))
    return Judgement(
        Criterion.KEY,
        float(there),
        "已指定主键" if there else "没有主键，只能全量报送；请为唯一的信息项写 key: true",
        "there is a key" if there else "no key, so full deliveries alone; mark the unique item key",
    )


def _cycle(facts: Facts) -> Judgement:
    cycle = str(facts.document.get("update_cycle"))
    there = cycle not in {"irregular", "other"}
    return Judgement(
        Criterion.CYCLE,
        float(there),
        "更新周期明确" if there else "更新周期不明确，无法提醒到期；请写明每日、每月等",
        "the cycle is definite"
        if there
        else "no definite cycle, so nothing is ever due; state one",
    )


def _expectations(facts: Facts) -> Judgement | None:
    if kind_of(facts.document) is not ResourceKind.TABLE:
        return None
    return _stated(Criterion.EXPECTATIONS, "expectations")(facts)


def _bound(facts: Facts) -> Judgement | None:
    if facts.bound is None or facts.document.get("share_type") == 3:
        return None  # 不予共享 needs nothing behind it (domain 6.6, binding rate)
    return Judgement(
        Criterion.BOUND,
        float(facts.bound),
        "已挂接且有数据" if facts.bound else "目录下没有数据；请挂接并报送",
        "data stands behind the record" if facts.bound else "no data yet; bind and deliver",
    )


def _updates(facts: Facts) -> Judgement | None:
    punctuality = facts.punctuality
    if not punctuality.promised:
        return None
    kept, promised = punctuality.kept, punctuality.promised
    late = "" if kept == promised else f"；最近一次应在 {punctuality.last_due} 前更新"
    late_en = "" if kept == promised else f"; the last one was due on {punctuality.last_due}"
    return Judgement(
        Criterion.UPDATES,
        kept / promised,
        f"最近 {promised} 个周期承诺更新 {promised} 次，实际按期 {kept} 次{late}",
        f"of the last {promised} updates that were promised {kept} came in time{late_en}",
    )


def _items_of(document: Mapping[str, Any]) -> list[Mapping[str, object]]:
    return [as_mapping(item) for item in as_sequence(document.get("items"))]


_JUDGES: Mapping[Criterion, Callable[[Facts], Judgement | None]] = {
    Criterion.ABSTRACT: _abstract,
    Criterion.KEYWORDS: _keywords,
    Criterion.THEME: _stated(Criterion.THEME, "category_gb21063_4"),
    Criterion.ITEMS: _items,
    Criterion.ELEMENTS: _elements,
    Criterion.KEY: _key,
    Criterion.CONTACT: _stated(Criterion.CONTACT, "metadata_contact"),
    Criterion.SOURCE_SYSTEM: _stated(Criterion.SOURCE_SYSTEM, "source_system"),
    Criterion.CYCLE: _cycle,
    Criterion.EXPECTATIONS: _expectations,
    Criterion.BOUND: _bound,
    Criterion.UPDATES: _updates,
}
