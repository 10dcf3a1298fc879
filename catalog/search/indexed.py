"""What the index holds of a published record, from its document and its department's names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from catalog.likeness.description import Description, describe
from catalog.likeness.territory import area
from catalog.search.facets import Facet, facet_values
from catalog.search.tokens import Spelling, closed_up, spelling, title_words, words
from standards.chinese.text import plain
from standards.documents import as_mapping, as_sequence
from standards.records import kind_of

ABSTRACT_SHOWN = 200
_FACET_FIELDS = {facet: (facet.field, facet.codes) for facet in Facet}
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """A record as it is found: texts to look through, facets to count, a summary to show.

    `departments` holds the name of the department, then its other names.
    """

    resource_id: str
    title: str
    departments: tuple[str, ...]
    keywords: tuple[str, ...]
    items: tuple[str, ...]
    abstract: str
    facets: Mapping[Facet, tuple[str, ...]]
    summary: str
    description: Description


def indexed_record(
    document: Mapping[str, Any],
    *,
    department_id: str,
    division: str | None = None,
    names: Sequence[str] = (),
    resource_code: str | None = None,
    version: int = 1,
    published_at: datetime | None = None,
) -> IndexedRecord:
    """A published record as the index takes it; a record is found by its provider's name, too."""
    provider = _text(document.get("provider_name"))
    called = dict.fromkeys((*names, *([provider] if provider else ())))
    summary = {
        "resource_id": _text(document["resource_id"]),
        "resource_code": resource_code,
        "name": _text(document["name"]),
        "kind": kind_of(document).value,
        "department_id": department_id,
        "version": version,
        "provider_name": provider or None,
        "share_type": document.get("share_type"),
        "published_at": None if published_at is None else published_at.astimezone(UTC).isoformat(),
        "abstract": _text(document.get("abstract"))[:ABSTRACT_SHOWN] or None,
        "update_cycle": document.get("update_cycle"),
        "format": as_mapping(document.get("format")).get("type"),
    }
    return IndexedRecord(
        resource_id=_text(document["resource_id"]),
        title=_text(document["name"]),
        departments=tuple(called),
        keywords=tuple(_text(each) for each in as_sequence(document.get("keywords"))),
        items=tuple([_text(item.get("name")) for item in document.get("items") or ()]),
        abstract=_text(document.get("abstract")),
        facets=facet_values(document, department_id, next(iter(called), department_id)),
        summary=_COMPACT.encode(summary),
        description=describe(document, division=division, department_name=next(iter(called), "")),
    )


def fields_of(record: IndexedRecord) -> dict[str, Any]:
    """The fields of the index (schema.py) with their words."""
    title = closed_up(plain(record.title))
    spelled = spelling(title)
    department = _department(record.departments)
    items = [_item(each) for each in record.items]
    abstract = plain(record.abstract)
    fields: dict[str, Any] = {
        "resource_id": record.resource_id,
        "title": title_words(title),
        "title_characters": title,
        "title_pinyin": spelled.pinyin,
        "title_initials": spelled.initials,
        "department": department.words,
        "department_characters": department.characters,
        "department_pinyin": [each.pinyin for each in department.spelled],
        "department_initials": [each.initials for each in department.spelled],
        "keywords": [_item(each)[1] for each in record.keywords],
        "items": [found for _, found in items],
        "items_characters": [text for text, _ in items],
        "abstract": words(abstract),
        "abstract_characters": abstract,
        "summary": record.summary.encode(),
        "item_names": [item.name for item in record.description.items],
        "elements": list(record.description.elements),
        "division": area(record.description.division),
        "description": record.description.as_json().encode(),
    }
    for facet, values in record.facets.items():
        counted, narrowed = _FACET_FIELDS[facet]
        fields[counted] = list(values)
        fields[narrowed] = [code for value in values for code in facet.codes_of(value)]
    return fields


@dataclass(frozen=True, slots=True)
class _Department:
    words: list[str]
    characters: list[str]
    spelled: list[Spelling]


@lru_cache(maxsize=4096)
def _department(names: tuple[str, ...]) -> _Department:
    """The words of a department's names, which many records share."""
    closed = [closed_up(plain(name)) for name in names]
    return _Department(
        [words(each) for each in closed], closed, [spelling(each) for each in closed]
    )


@lru_cache(maxsize=1 << 16)
def _item(name: str) -> tuple[str, str]:
    """A name of an item or a key word, plain and as words: the same ones come again and again."""
    text = plain(name)
    return text, words(text)


def _text(value: object) -> str:
    return "" if value is None else str(value)
