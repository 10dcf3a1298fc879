"""Makers of records and of an index of them: a test states only what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from catalog.search.facets import Facet
from catalog.search.finding import Found, Query, Search
from catalog.search.indexed import IndexedRecord, indexed_record
from catalog.search.marks import Mark
from catalog.search.place import Place, State
from catalog.search.schema import layout
from catalog.search.writer import IndexWriter
from tests.catalog.makers import a_record


def a_found(resource_id: str, name: str, **facts: Any) -> IndexedRecord:
    """A record as the index takes it; `names` are its department's."""
    names = facts.pop("names", ())
    department = facts.pop("department_id", "gongan")
    plain = {"abstract": "", "keywords": [], "items": [], "provider_name": ""}
    document = a_record(resource_id=resource_id, name=name, **{**plain, **facts})
    return indexed_record(document, department_id=department, names=names)


def an_index(folder: Path, *parts: Iterable[IndexedRecord]) -> Search:
    """An index of these records, each part committed by itself."""
    place = Place(folder)
    name = place.new_folder()
    writer = IndexWriter(place.folder(name), new=True)
    for part in parts:
        writer.add(part)
        writer.save()
    writer.finish()
    place.write_state(State(name, layout(), "test", Mark(), filled_to=None))
    return Search(place)


def found_by(search: Search, text: str, **filters: str) -> list[str]:
    """The ids that a text finds, the best first."""
    return [hit.resource_id for hit in found(search, text, **filters).hits]


def found(search: Search, text: str, limit: int = 50, **filters: str) -> Found:
    narrowed: Mapping[Facet, list[str]] = {Facet(name): [v] for name, v in filters.items()}
    return search.find(Query(text, narrowed, limit=limit))
