"""Reads a `data.json` of DCAT-US 1.1 or 3.0 as plain JSON: data sets wherever they are nested."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.imports.portal import Imported
from catalog.imports.values import text_of
from catalog.profiles.errors import NotThisFormat
from catalog.profiles.seen import Seen, imported

_READ = frozenset(
    {
        "@type", "@id", "title", "description", "identifier", "publisher", "keyword", "theme",
        "issued", "modified", "accrualPeriodicity", "updateCycle", "accessLevel", "accessRights",
        "landingPage", "distribution", "endpointURL", "servesDataset",
    }
)  # fmt: skip
_HOLDS = ("dataset", "datasetSeries", "service", "catalog")
_WITHIN = ("seriesMember", "first", "last", "servesDataset")
_MOST_DEEP = 50


def read_data_json(text: str, source: str) -> Imported:
    """A whole file; NotThisFormat where it is no such catalogue."""
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotThisFormat("data.json", str(error)[:200]) from error
    if not isinstance(document, Mapping) or document.keys().isdisjoint(_HOLDS):
        raise NotThisFormat("data.json", f"none of {', '.join(_HOLDS)}")
    return imported(source, _all_of(document))


def _all_of(document: Mapping[str, Any]) -> Iterator[Seen]:
    """Every data set; one that is only said again within another thing is passed over."""
    known: set[str] = set()
    for part in _walk(document, 0):
        name = _text(part.found.get("identifier")) if isinstance(part.found, Mapping) else ""
        if not (part.is_within and name in known):
            yield _seen(part.found, part.is_service)
        if name:
            known.add(name)


@dataclass(frozen=True, slots=True)
class _Part:
    """Something found in a catalogue; `is_within`: in a series, or in a service that serves it."""

    found: Any
    is_service: bool = False
    is_within: bool = False


def _walk(document: Mapping[str, Any], depth: int) -> Iterator[_Part]:
    if depth > _MOST_DEEP:
        raise NotThisFormat("data.json", "nested too deeply")
    services = _list(document.get("service"))
    yield from (_Part(each) for each in _list(document.get("dataset")))
    for holder in (*_list(document.get("datasetSeries")), *services):
        yield from (_Part(each, is_within=True) for each in _described_in(holder))
    yield from (_Part(each, is_service=True) for each in services if not _described_in(each))
    for each in _list(document.get("catalog")):
        if isinstance(each, Mapping):
            yield from _walk(each, depth + 1)


def _described_in(holder: Any) -> list[Mapping[str, Any]]:
    if not isinstance(holder, Mapping):
        return []
    inner = [each for name in _WITHIN for each in _list(holder.get(name))]
    return [each for each in inner if isinstance(each, Mapping)]


def _seen(found: Any, is_service: bool) -> Seen:
    if not isinstance(found, Mapping):
        return Seen(unread=(f"({type(found).__name__})",))
    distributions = [each for each in _list(found.get("distribution")) if isinstance(each, Mapping)]
    publisher = next(iter(_list(found.get("publisher"))), None)
    formats = (_text(each.get(n)) for each in distributions for n in ("mediaType", "format"))
    return Seen(
        name=_text(found.get("title")),
        department=_text(publisher),
        abstract=_text(found.get("description")),
        keywords=_texts(found.get("keyword")),
        cycle=_text(found.get("updateCycle")) or _text(found.get("accrualPeriodicity")),
        formats=tuple(word for word in formats if word),
        access=_text(found.get("accessLevel")) or _text(found.get("accessRights")),
        address=_text(found.get("landingPage")),
        identifier=_text(found.get("identifier")),
        themes=_texts(found.get("theme")),
        issued=_text(found.get("issued")),
        modified=_text(found.get("modified")),
        is_service=is_service,
        endpoint=next(iter(_texts(found.get("endpointURL"))), ""),
        unread=tuple(sorted(text_of(name) for name in found.keys() - _READ)),
    )


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in map(_text, _list(value)) if text)


def _text(value: Any) -> str:
    """A text, or what an object is called by."""
    if isinstance(value, Mapping):
        names = ("name", "prefLabel", "title", "notation", "@id")
        return next((_text(value[name]) for name in names if value.get(name)), "")
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    return text_of(value)
