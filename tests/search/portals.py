"""The records of the real portals as an index takes them, without a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.search.indexed import IndexedRecord, indexed_record
from standards.department_words import abbreviations
from standards.portal_mappings import Target, load_mapping, shipped_mappings

PORTALS = Path(__file__).parents[3] / "shared" / "data" / "catalog-cn" / "portals"


@dataclass(frozen=True, slots=True)
class PortalRecord:
    """A record by its portal and its position in that portal's file."""

    portal: str
    position: int
    title: str
    department: str
    abstract: str
    keywords: tuple[str, ...]

    @property
    def resource_id(self) -> str:
        return f"{self.portal}-{self.position:06d}"

    def indexed(self) -> IndexedRecord:
        document = {
            "resource_id": self.resource_id,
            "name": self.title,
            "provider_name": self.department,
            "abstract": self.abstract,
            "keywords": list(self.keywords),
        }
        names = (self.department, *abbreviations(self.department)) if self.department else ()
        return indexed_record(document, department_id=self.department or "none", names=names)


def portal_records(folder: Path = PORTALS) -> Iterator[PortalRecord]:
    """Every record, portal by portal."""
    for portal in shipped_mappings():
        keys = {rule.target: rule.key for rule in load_mapping(portal).rules}
        records = json.loads((folder / f"{portal}.json").read_text(encoding="utf-8"))
        for position, record in enumerate(records):
            yield PortalRecord(
                portal,
                position,
                _text(record, keys.get(Target.NAME)),
                _text(record, keys.get(Target.DEPARTMENT)),
                _text(record, keys.get(Target.ABSTRACT)),
                tuple(_text(record, keys.get(Target.KEYWORDS)).split()),
            )


def _text(record: dict[str, Any], key: str | None) -> str:
    return str(record.get(key) or "").strip() if key else ""
