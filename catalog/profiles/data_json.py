"""DCAT-US 1.1: the public catalogue as one `data.json`, written out piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from catalog.clock import CHINA_TIME
from catalog.profiles.entries import Entry, Site, iri_of, sharing_of
from catalog.profiles.vocabulary import INTERVALS, Access, access_of, media_type
from standards.records import ResourceKind

SCHEMA = "https://project-open-data.cio.gov/v1.1/schema"
_LEVELS: Mapping[Access, str] = MappingProxyType(
    {
        Access.PUBLIC: "public",
        Access.RESTRICTED: "restricted public",
        Access.NON_PUBLIC: "non-public",
    }
)
# The schema asks every publisher for codes of the US budget. None is ours: these belong to nobody.
_NO_BUREAU, _NO_PROGRAM = "000:00", "000:000"
_MOST_RIGHTS = 255


def data_json_pieces(site: Site, entries: Iterable[Entry]) -> Iterator[str]:
    """The whole document as text, a data set at a time: it is never in memory as a whole."""
    head = {
        "@context": f"{SCHEMA}/catalog.jsonld",
        "@id": f"{site.url}/data.json",
        "@type": "dcat:Catalog",
        "conformsTo": SCHEMA,
        "describedBy": f"{SCHEMA}/catalog.json",
    }
    yield f'{_text(head)[:-1]}, "dataset": ['
    comma = "\n"
    for entry in entries:
        yield comma + _text(dataset_of(entry, site))
        comma = ",\n"
    yield "\n]}\n"


def dataset_of(entry: Entry, site: Site) -> dict[str, Any]:
    """A record as a data set of DCAT-US."""
    document = entry.document
    day = entry.record.published_at.astimezone(CHINA_TIME).date().isoformat()
    cycle = document.get("update_cycle")
    found = {
        "@type": "dcat:Dataset",
        "title": entry.name,
        "description": entry.abstract,
        "keyword": list(dict.fromkeys(entry.keywords)) or [entry.name],
        "modified": day,
        "issued": entry.issued.astimezone(CHINA_TIME).date().isoformat(),
        "publisher": _publisher(entry, site),
        "contactPoint": _contact(entry),
        "identifier": entry.identifier,
        "accessLevel": _LEVELS[access_of(document)],
        "rights": sharing_of(entry, site)[:_MOST_RIGHTS],
        "accrualPeriodicity": INTERVALS.get(str(cycle)),
        # not in DCAT-US, which has no word for some of our cycles; others pass over it
        "updateCycle": cycle,
        "bureauCode": [_NO_BUREAU],
        "programCode": [_NO_PROGRAM],
        "language": ["zh"],
        "landingPage": site.page_of(entry.resource_id),
        "describedBy": site.contract_of(entry.resource_id) if document.get("items") else None,
        "describedByType": "application/yaml" if document.get("items") else None,
        "theme": _themes(document),
        "spatial": _spatial(entry, site),
        "distribution": [_distribution(entry, site)],
    }
    return {name: value for name, value in found.items() if value not in (None, [], "")}


def _publisher(entry: Entry, site: Site) -> dict[str, Any]:
    department = entry.department
    found: dict[str, Any] = {"@type": "org:Organization", "name": department.name}
    above = site.departments.get(department.parent or "")
    if above is not None:
        found["subOrganizationOf"] = {"@type": "org:Organization", "name": above.name}
    return found


def _contact(entry: Entry) -> dict[str, Any]:
    """The schema demands an address; records have none, and `.invalid` says so (RFC 2606)."""
    return {
        "@type": "vcard:Contact",
        "fn": str(entry.contact.get("name") or entry.department.name),
        "hasEmail": f"mailto:{entry.department.department_id}@no-address.invalid",
    }


def _distribution(entry: Entry, site: Site) -> dict[str, Any]:
    document = entry.document
    page = site.page_of(entry.resource_id)
    written = (document.get("interface") or {}).get("url")
    is_service = entry.kind is ResourceKind.INTERFACE and written
    found = {
        "@type": "dcat:Distribution",
        "title": entry.name,
        "accessURL": (iri_of(str(written), site.url) or page) if is_service else page,
        "mediaType": media_type(document),
        "format": str((document.get("format") or {}).get("type") or "").upper(),
        "description": sharing_of(entry, site),
    }
    return {name: value for name, value in found.items() if value}


def _themes(document: Mapping[str, Any]) -> list[str]:
    themes = document.get("category_gb21063_4") or ()
    names = (str(theme.get("name") or theme["code"]) for theme in themes)
    return list(dict.fromkeys(names))


def _spatial(entry: Entry, site: Site) -> str | None:
    code = entry.document.get("division_code") or entry.department.division_code
    return site.word("division", code) if code else None


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
