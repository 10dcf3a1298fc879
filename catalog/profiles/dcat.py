"""DCAT-AP 3.0.1 as JSON-LD: a record as a data set, an interface as its data service besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from catalog.clock import CHINA_TIME
from catalog.departments import Department
from catalog.profiles.concepts import (
    CLASSES,
    THEMES,
    Node,
    class_concept,
    in_chinese,
    scheme_of,
    theme_concepts,
)
from catalog.profiles.entries import Entry, Site, iri_of, sharing_of
from catalog.profiles.vocabulary import (
    ACCESS_RIGHT,
    CHINESE,
    FILE_TYPE,
    FREQUENCIES,
    FREQUENCY,
    MEDIA_TYPE,
    access_of,
    file_type,
    media_type,
)
from standards.records import ResourceKind

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "adms": "http://www.w3.org/ns/adms#",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dcatap": "http://data.europa.eu/r5r/",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "hydra": "http://www.w3.org/ns/hydra/core#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "vcard": "http://www.w3.org/2006/vcard/ns#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""The whole context of every document: a reader needs no other file."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a page of the whole catalogue lies, and where the first and the next one do."""

    this: str
    first: str
    following: str | None
    total: int
    size: int


def record_graph(entry: Entry, site: Site) -> Node:
    """The DCAT of one record as a document of its own."""
    return _document([dataset_node(entry, site), *_services([entry], site)])


def catalogue_graph(entries: Sequence[Entry], site: Site, leaf: Leaf) -> Node:
    """A page of the whole catalogue: the catalogue itself, how to go on, and its data sets."""
    catalogue = _catalogue(site)
    catalogue["dcat:dataset"] = [{"@id": _dataset(each, site)} for each in entries]
    services = list(_services(entries, site))
    catalogue["dcat:service"] = [{"@id": service["@id"]} for service in services]
    nodes = [dataset_node(each, site) for each in entries]
    return _document([catalogue, _paged(leaf), *nodes, *services])


def dataset_node(entry: Entry, site: Site) -> Node:
    """A record as a dcat:Dataset, its publisher, classes and distribution within it."""
    document = entry.document
    classes = [*theme_concepts(document), class_concept(document)]
    return _without_empty(
        {
            "@id": _dataset(entry, site),
            "@type": "dcat:Dataset",
            "dct:title": in_chinese(entry.name),
            "dct:description": in_chinese(entry.abstract),
            "dct:identifier": entry.identifier,
            "adms:identifier": {"@type": "adms:Identifier", "skos:notation": entry.resource_id},
            "dct:publisher": _agent(entry.department, site),
            "dcat:contactPoint": _contact(entry),
            "dcat:keyword": [in_chinese(word) for word in entry.keywords],
            "dcat:theme": [each for each in classes if each],
            "dct:issued": _moment(entry.issued),
            "dct:modified": _moment(entry.record.published_at),
            "dcat:version": str(entry.record.version),
            "dct:language": {"@id": CHINESE},
            "dct:accrualPeriodicity": _frequency(document),
            "dct:accessRights": {"@id": f"{ACCESS_RIGHT}{access_of(document)}"},
            "dct:spatial": _spatial(entry, site),
            "dct:provenance": _provenance(document, site),
            "dcatap:applicableLegislation": _legislation(document, site),
            "dct:conformsTo": _standard(entry, site),
            "dcat:landingPage": {"@id": site.page_of(entry.resource_id)},
            "foaf:page": _page(document, site),
            "dcat:distribution": _distribution(entry, site),
        }
    )


def service_node(entry: Entry, site: Site) -> Node:
    """The dcat:DataService of an interface record."""
    return _without_empty(
        {
            "@id": site.part_of(entry.resource_id, "service"),
            "@type": "dcat:DataService",
            "dct:title": in_chinese(entry.name),
            "dct:description": in_chinese(entry.abstract),
            "dct:identifier": entry.identifier,
            "dct:publisher": _agent(entry.department, site),
            "dcat:contactPoint": _contact(entry),
            "dct:accessRights": {"@id": f"{ACCESS_RIGHT}{access_of(entry.document)}"},
            "dcat:endpointURL": {"@id": _endpoint(entry, site)},
            "dcat:endpointDescription": {"@id": site.page_of(entry.resource_id)},
            "dcat:servesDataset": {"@id": _dataset(entry, site)},
        }
    )


def _document(nodes: list[Node]) -> Node:
    return {"@context": dict(PREFIXES), "@graph": nodes}


def _services(entries: Sequence[Entry], site: Site) -> Iterator[Node]:
    found = (each for each in entries if each.kind is ResourceKind.INTERFACE)
    return (service_node(each, site) for each in found)


def _dataset(entry: Entry, site: Site) -> str:
    return site.part_of(entry.resource_id, "dataset")


def _catalogue(site: Site) -> Node:
    return {
        "@id": site.catalogue,
        "@type": "dcat:Catalog",
        "dct:title": in_chinese(site.title),
        "dct:description": in_chinese(site.description),
        "dct:publisher": _agent(site.department, site),
        "dct:language": {"@id": CHINESE},
        "dcat:themeTaxonomy": [
            scheme_of(CLASSES),
            scheme_of(THEMES),
        ],
        "foaf:homepage": {"@id": f"{site.url}/v1/resources"},
    }


def _paged(leaf: Leaf) -> Node:
    """In both spellings: ckanext-dcat reads the older class, udata the newer one."""
    following = None if leaf.following is None else {"@id": leaf.following}
    return _without_empty(
        {
            "@id": leaf.this,
            "@type": ["hydra:PagedCollection", "hydra:PartialCollectionView"],
            "hydra:totalItems": leaf.total,
            "hydra:itemsPerPage": leaf.size,
            "hydra:first": {"@id": leaf.first},
            "hydra:firstPage": {"@id": leaf.first},
            "hydra:next": following,
            "hydra:nextPage": following,
        }
    )


def _agent(department: Department, site: Site) -> Node:
    return {
        "@id": site.name_of(department),
        "@type": "foaf:Agent",
        "foaf:name": in_chinese(department.name),
        "dct:identifier": department.code,
    }


def _contact(entry: Entry) -> Node:
    phone = str(entry.contact.get("phone") or "").strip()
    telephone = {"vcard:hasValue": {"@id": f"tel:{quote(phone)}"}} if phone else None
    return _without_empty(
        {
            "@type": "vcard:Kind",
            "vcard:fn": str(entry.contact.get("name") or entry.department.name),
            "vcard:hasTelephone": telephone,
        }
    )


def _distribution(entry: Entry, site: Site) -> Node:
    """Data is had by a grant, so its address is where the record says how; an interface has one."""
    document = entry.document
    is_service = entry.kind is ResourceKind.INTERFACE
    file, media = file_type(document), media_type(document)
    service = {"@id": site.part_of(entry.resource_id, "service")} if is_service else None
    return _without_empty(
        {
            "@id": site.part_of(entry.resource_id, "distribution"),
            "@type": "dcat:Distribution",
            "dct:title": in_chinese(entry.name),
            "dcat:accessURL": {
                "@id": _endpoint(entry, site) if is_service else site.page_of(entry.resource_id)
            },
            "dcat:accessService": service,
            "dct:format": {"@id": f"{FILE_TYPE}{file}"} if file else None,
            "dcat:mediaType": {"@id": f"{MEDIA_TYPE}{media}"} if media else None,
            "dct:rights": _said("dct:RightsStatement", sharing_of(entry, site)),
        }
    )


def _endpoint(entry: Entry, site: Site) -> str:
    written = (entry.document.get("interface") or {}).get("url") or ""
    return iri_of(str(written), site.url) or site.page_of(entry.resource_id)


def _frequency(document: Mapping[str, Any]) -> Node | None:
    found = FREQUENCIES.get(str(document.get("update_cycle")))
    return None if found is None else {"@id": f"{FREQUENCY}{found}"}


def _spatial(entry: Entry, site: Site) -> Node | None:
    code = entry.document.get("division_code") or entry.department.division_code
    if not code:
        return None
    return {
        "@id": f"urn:datong:division:{quote(str(code))}",
        "@type": "dct:Location",
        "skos:prefLabel": in_chinese(site.word("division", code)),
        "dct:identifier": str(code),
    }


def _provenance(document: Mapping[str, Any], site: Site) -> Node | None:
    """From which system, how it came about, and how far it was processed."""
    system = str(document.get("source_system") or "")
    processed = document.get("data_processing")
    found = [
        site.systems.get(system, system),
        str(document.get("generation_mode") or ""),
        site.word("data_processing", processed) if processed else "",
    ]
    said = "；".join(text for text in found if text)
    return _said("dct:ProvenanceStatement", said) if said else None


def _legislation(document: Mapping[str, Any], site: Site) -> Node | None:
    basis = document.get("non_share_basis") or {}
    code = basis.get("basis")
    if not code:
        return None
    name, clause = site.word("legal_basis", code), basis.get("clause")
    return {
        "@id": f"urn:datong:legal-basis:{quote(str(code), safe='')}",
        "@type": "eli:LegalResource",
        "eli:title": in_chinese(f"{name} {clause}" if clause else name),
    }


def _standard(entry: Entry, site: Site) -> Node | None:
    if not entry.document.get("items"):
        return None
    return {
        "@id": site.contract_of(entry.resource_id),
        "@type": "dct:Standard",
        "dct:title": in_chinese("数据契约（ODCS 3.0.2）"),
    }


def _page(document: Mapping[str, Any], site: Site) -> Node | None:
    found = iri_of(str(document.get("online_url") or ""), site.url)
    return {"@id": found} if found and document.get("online_url") else None


def _said(kind: str, text: str) -> Node:
    return {"@type": kind, "rdfs:label": in_chinese(text)}


def _moment(at: datetime) -> Node:
    return {"@type": "xsd:dateTime", "@value": at.astimezone(CHINA_TIME).isoformat()}


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, [], "")}
