"""Records of a portal become drafts: mapped by its file, normalised by tables, nothing guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.drafts import Decision, Draft, draft_id_of
from catalog.imports import questions
from catalog.imports.duplicates import Duplicate, Title, find_duplicates
from catalog.imports.values import says_something, text_of, words_of
from standards.normalised import SpellingTable, shipped_spellings
from standards.portal_mappings import SPELLED, PortalMapping, Target

LONGEST_NAME = 200
LONGEST_ABSTRACT = 4000
LONGEST_URL = 2000
LONGEST_WORD = 200
TABULAR = (2, 3)
SECTIONS = "GB/T 4754"
_ADDRESS = re.compile(r"(https?|ftp)://[^\s<>\"]+")
_KEPT_AS_FOUND = (
    Target.THEME, Target.SCENE, Target.INDUSTRY, Target.OPENNESS, Target.CREATED_AT,
    Target.PUBLISHED_AT, Target.UPDATED_AT, Target.ROWS,
)  # fmt: skip


class Lack(StrEnum):
    """Why a record is listed and makes no draft."""

    NAME = "no_title"
    DEPARTMENT = "no_department"


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that cannot be a draft."""

    source: str
    position: int
    name: str
    lack: Lack


@dataclass(frozen=True, slots=True)
class Imported:
    """What a foreign catalogue gave: drafts and listed records are all of its records together.

    `unknown` counts the spellings that no table knows, by field; `unmapped` the keys that the
    mapping does not speak of.
    """

    source: str
    records: int
    drafts: tuple[Draft, ...]
    listed: tuple[Listed, ...]
    duplicates: tuple[Duplicate, ...]
    unknown: Mapping[str, Mapping[str, int]]
    unmapped: Mapping[str, int]

    @property
    def decisions(self) -> Mapping[str, int]:
        """How many drafts leave which field to be decided."""
        counted = Counter(path for draft in self.drafts for path in _paths(draft))
        return dict(sorted(counted.items()))


def _paths(draft: Draft) -> set[str]:
    return {decision.path for decision in draft.decisions}


def read_portal(
    records: Sequence[Mapping[str, Any]], mapping: PortalMapping, source: str
) -> Imported:
    """All records of a portal's catalogue, in their order."""
    reader = _Reader(mapping)
    drafts: list[Draft] = []
    listed: list[Listed] = []
    for position, record in enumerate(records):
        made = reader.read(record, source, position)
        if isinstance(made, Draft):
            drafts.append(made)
        else:
            listed.append(made)
    return Imported(
        source=source,
        records=len(records),
        drafts=tuple(drafts),
        listed=tuple(listed),
        duplicates=find_duplicates(source, records, [reader.title(each) for each in records]),
        unknown={name: dict(counts.most_common()) for name, counts in reader.unknown.items()},
        unmapped=dict(reader.unmapped.most_common()),
    )


@dataclass(slots=True)
class _Making:
    """A draft while it is made."""

    document: dict[str, Any] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


class _Reader:
    """Reads records by one mapping, and counts what it does not know."""

    def __init__(self, mapping: PortalMapping) -> None:
        self._mapping = mapping
        self._rules = {rule.target: rule for rule in mapping.rules}
        self._tables = {
            name: shipped_spellings(name).with_own(mapping.spellings.get(name, {}))
            for name in SPELLED
        }
        self.unknown: dict[str, Counter[str]] = {name: Counter() for name in SPELLED}
        self.unmapped: Counter[str] = Counter()

    def title(self, record: Mapping[str, Any]) -> Title:
        """What the record is compared by, as it is written."""
        return Title(
            str(self._value(record, Target.NAME) or ""), self._said(record, Target.DEPARTMENT)
        )

    def read(self, record: Mapping[str, Any], source: str, position: int) -> Draft | Listed:
        """One record; its spellings are counted, whatever becomes of it."""
        self.unmapped.update(set(record) - self._mapping.keys)
        name, department = self._said(record, Target.NAME), self._said(record, Target.DEPARTMENT)
        making = self._made(record, draft_id_of(source, position), name, department)
        if not name or not department:
            lack = Lack.DEPARTMENT if name else Lack.NAME
            return Listed(source, position, name, lack)
        found = {target.value: self._text(record, target) for target in _KEPT_AS_FOUND}
        return Draft(
            source=source,
            position=position,
            name=name,
            department_name=department,
            document=making.document,
            decisions=tuple(making.decisions),
            found={target: text for target, text in found.items() if text},
        )

    def _made(
        self, record: Mapping[str, Any], draft_id: str, name: str, department: str
    ) -> _Making:
        making = _Making()
        making.document["resource_id"] = draft_id.replace("_", "-")
        _take_text(making, "name", name, LONGEST_NAME)
        making.document["provider_name"] = department[:LONGEST_NAME]
        making.decisions.append(questions.missing("provider_code", department))
        self._take_abstract(making, record)
        making.decisions.append(questions.missing("classification", self._theme(record)))
        self._take_industry(making, record)
        self._take_formats(making, record)
        making.decisions.append(questions.missing("share_type"))
        self._take_openness(making, record)
        self._take_cycle(making, record)
        self._take_the_rest(making, record)
        return making

    def _value(self, record: Mapping[str, Any], target: Target) -> object:
        rule = self._rules.get(target)
        return None if rule is None else record.get(rule.key)

    def _text(self, record: Mapping[str, Any], target: Target) -> str:
        return text_of(self._value(record, target))

    def _said(self, record: Mapping[str, Any], target: Target) -> str:
        text = self._text(record, target)
        return text if says_something(text) else ""

    def _theme(self, record: Mapping[str, Any]) -> str | None:
        return self._said(record, Target.THEME) or None

    def _spelled(self, name: str, text: str) -> Mapping[str, object] | None:
        """What a table says of a spelling; one that it does not know is counted."""
        table: SpellingTable = self._tables[name]
        known = table.find(text)
        if known is None:
            self.unknown[name][text] += 1
        return known

    def _take_abstract(self, making: _Making, record: Mapping[str, Any]) -> None:
        text = self._text(record, Target.ABSTRACT)
        if says_something(text):
            _take_text(making, "abstract", text, LONGEST_ABSTRACT)
        else:
            making.decisions.append(questions.missing("abstract", text or None))

    def _take_industry(self, making: _Making, record: Mapping[str, Any]) -> None:
        text = self._said(record, Target.INDUSTRY)
        if not text:
            return
        known = self._spelled("industry", text)
        if known is None:
            making.decisions.append(questions.unknown("category_gb21063_4", text))
            return
        entry = {"standard": SECTIONS, "name": text, "code": str(known["code"])}
        making.document["category_gb21063_4"] = [entry]

    def _take_formats(self, making: _Making, record: Mapping[str, Any]) -> None:
        """One format is the record's: the first of tables, else the first; the others are noted."""
        rule = self._rules.get(Target.FORMATS)
        words = words_of(self._value(record, Target.FORMATS), rule.split if rule else None)
        said = [word for word in words if says_something(word)]
        known = [(word, facts) for word in said if (facts := self._spelled("format", word))]
        strange = [word for word in said if word not in dict(known)]
        if known:
            tables = [each for each in known if each[1]["category"] in TABULAR]
            word, facts = (tables or known)[0]
            making.document["format"] = dict(facts)
            if "type" not in facts:
                making.decisions.append(questions.unclear("format/type", word))
            if len(said) > 1:
                making.document["format"]["note"] = "、".join(said)
            making.decisions += [questions.unknown("format/note", word) for word in strange]
        elif strange:
            making.decisions += [questions.unknown("format", word) for word in strange]
        else:
            making.decisions.append(questions.missing("format"))
        if not known or making.document["format"]["category"] in TABULAR:
            making.decisions.append(questions.missing("items"))

    def _take_openness(self, making: _Making, record: Mapping[str, Any]) -> None:
        text = self._text(record, Target.OPENNESS)
        if not says_something(text):
            making.decisions.append(questions.missing("open", text or None))
            return
        known = self._spelled("openness", text)
        if known is None:
            making.decisions.append(questions.unknown("open", text))
            return
        making.document.update(known)
        if "open_type" not in known:
            making.decisions.append(questions.unclear("open_type", text))
        elif known["open_type"] == "conditional" and "open_condition" not in known:
            making.decisions.append(questions.unclear("open_condition", text))

    def _take_cycle(self, making: _Making, record: Mapping[str, Any]) -> None:
        text = self._text(record, Target.UPDATE_CYCLE)
        if not says_something(text):
            making.decisions.append(questions.missing("update_cycle", text or None))
            return
        known = self._spelled("update_cycle", text)
        if known is None:
            making.decisions.append(questions.unknown("update_cycle", text))
        else:
            making.document.update(known)

    def _take_the_rest(self, making: _Making, record: Mapping[str, Any]) -> None:
        rule = self._rules.get(Target.KEYWORDS)
        words = words_of(self._value(record, Target.KEYWORDS), rule.split if rule else None)
        keywords = [word for word in words if says_something(word) and len(word) <= LONGEST_WORD]
        if keywords:
            making.document["keywords"] = keywords
        url = self._said(record, Target.ONLINE_URL)
        if url and _ADDRESS.fullmatch(url) and len(url) <= LONGEST_URL:
            making.document["online_url"] = url
        elif url:
            making.decisions.append(questions.unclear("online_url", url))
        if self._mapping.division_code is not None:
            making.document["division_code"] = self._mapping.division_code


def _take_text(making: _Making, path: str, text: str, longest: int) -> None:
    if len(text) <= longest:
        making.document[path] = text
    else:
        making.decisions.append(questions.too_long(path, text, longest))
