"""The words of CKAN's action API: records as packages, departments as organizations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.departments import Department
from catalog.profiles.entries import Entry, Site, iri_of, sharing_of
from catalog.profiles.vocabulary import Access, access_of, media_type
from standards.records import ResourceKind

Words = dict[str, Any]

CKAN_VERSION = "2.10.0"
"""The edition of the action API whose shapes are spoken; clients ask for it before they begin."""

NOT_SPECIFIED = "notspecified"


def status_of(site: Site) -> Words:
    return {
        "site_title": site.title,
        "site_description": site.description,
        "site_url": site.url,
        "ckan_version": CKAN_VERSION,
        "locale_default": "zh_Hans_CN",
        "error_emails_to": None,
        "extensions": [],
    }


def package_of(entry: Entry, site: Site) -> Words:
    """A record as CKAN shows a package; what CKAN has no word for stands in `extras`."""
    document = entry.document
    resources = resources_of(entry, site)
    tags = [tag_of(word) for word in dict.fromkeys(entry.keywords)]
    return {
        "id": entry.resource_id,
        "name": entry.resource_id,
        "title": entry.name,
        "notes": entry.abstract,
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": False,
        "url": site.page_of(entry.resource_id),
        "version": str(entry.record.version),
        "author": entry.department.name,
        "author_email": None,
        "maintainer": str(entry.contact.get("name") or "") or None,
        "maintainer_email": None,
        "license_id": NOT_SPECIFIED,
        "license_title": LICENSES[0]["title"],
        "metadata_created": _moment(entry.issued),
        "metadata_modified": _moment(entry.record.published_at),
        "creator_user_id": None,
        "owner_org": entry.department.department_id,
        "organization": _organization(entry.department),
        "groups": [group_of(code, name) for code, name in themes_of(document)],
        "tags": tags,
        "num_tags": len(tags),
        "resources": resources,
        "num_resources": len(resources),
        "extras": _extras(entry, site),
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }


def resources_of(entry: Entry, site: Site) -> list[Words]:
    """The data as it can be had, then what describes it: the contract, and the record as DCAT."""
    document = entry.document
    page = site.page_of(entry.resource_id)
    written = (document.get("interface") or {}).get("url")
    is_service = entry.kind is ResourceKind.INTERFACE
    data = (iri_of(str(written), site.url) or page) if is_service and written else page
    kind = str((document.get("format") or {}).get("type") or "").upper()
    found = [_resource(entry, "data", data, kind, sharing_of(entry, site), media_type(document))]
    if document.get("items"):
        url, words = site.contract_of(entry.resource_id), "数据契约 ODCS 3.0.2"
        found.append(_resource(entry, "contract", url, "YAML", words, "application/yaml"))
    url, words = f"{page}/dcat", "元数据 DCAT-AP 3.0.1"
    found.append(_resource(entry, "dcat", url, "JSON-LD", words, "application/ld+json"))
    for position, resource in enumerate(found):
        resource["position"] = position
    return found


def record_of(resource: str) -> str:
    """The record to which a resource of `resources_of` belongs."""
    return resource.rpartition(".")[0]


def organization_of(department: Department, packages: int) -> Words:
    return {
        **_organization(department),
        "display_name": department.name,
        "package_count": packages,
        "num_followers": 0,
        "groups": [{"name": department.parent, "capacity": "public"}] if department.parent else [],
        "extras": [{"key": "uscc", "value": department.code}],
        "users": [],
        "tags": [],
    }


def group_of(code: str, name: str) -> Words:
    """A theme of GB/T 21063.4."""
    return {
        "id": code,
        "name": code,
        "title": name,
        "display_name": name,
        "description": "",
        "image_display_url": "",
    }


def themes_of(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The themes of a record: code and name."""
    themes = document.get("category_gb21063_4") or ()
    return [(str(each["code"]), str(each.get("name") or each["code"])) for each in themes]


LICENSES: list[Words] = [
    {
        "id": NOT_SPECIFIED,
        "title": "License not specified",
        "url": "",
        "status": "active",
        "family": "",
        "maintainer": "",
        "is_generic": True,
        "is_okd_compliant": False,
        "is_osi_compliant": False,
        "domain_content": False,
        "domain_data": False,
        "domain_software": False,
        "od_conformance": "not reviewed",
        "osd_conformance": "not reviewed",
    }
]
"""Records name no licence: data is had by a grant."""


def _organization(department: Department) -> Words:
    return {
        "id": department.department_id,
        "name": department.department_id,
        "title": department.name,
        "type": "organization",
        "description": "",
        "image_url": "",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


def _resource(entry: Entry, part: str, url: str, kind: str, words: str, media: str | None) -> Words:
    is_data = part == "data"
    return {
        "id": f"{entry.resource_id}.{part}",
        "package_id": entry.resource_id,
        "name": entry.name if is_data else words,
        "description": words,
        "url": url,
        "format": kind,
        "mimetype": media,
        "resource_type": "api" if is_data and entry.kind is ResourceKind.INTERFACE else "file",
        "state": "active",
        "created": _moment(entry.issued),
        "metadata_modified": _moment(entry.record.published_at),
        "last_modified": None,
        "hash": "",
        "size": None,
        "url_type": None,
        "datastore_active": False,
    }


def tag_of(word: str) -> Words:
    return {
        "id": word,
        "name": word,
        "display_name": word,
        "state": "active",
        "vocabulary_id": None,
    }


def _extras(entry: Entry, site: Site) -> list[Words]:
    document = entry.document
    found = {
        "identifier": entry.identifier,
        "resource_code": entry.record.resource_code,
        "provider_code": document.get("provider_code"),
        "provider_name": document.get("provider_name"),
        "update_cycle": document.get("update_cycle"),
        "share_type": site.word("share_type", document.get("share_type")),
        "share_condition": document.get("share_condition"),
        "access_rights": _ACCESS[access_of(document)],
        "kind": entry.kind.value,
        "contact_phone": entry.contact.get("phone"),
    }
    return [{"key": key, "value": str(value)} for key, value in found.items() if value]


_ACCESS: Mapping[Access, str] = {
    Access.PUBLIC: "public",
    Access.RESTRICTED: "restricted",
    Access.NON_PUBLIC: "non-public",
}


def _moment(at: datetime) -> str:
    """As CKAN writes a moment: UTC without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
