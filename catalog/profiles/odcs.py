"""A data contract by the Open Data Contract Standard 3.0.2: what a record promises of its data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from catalog.clock import CHINA_TIME
from catalog.profiles.entries import Entry, Site, iri_of, sharing_of
from standards.records import Item, ResourceKind, read_record

Part = dict[str, Any]

VERSION = "v3.0.2"
LONGEST_LIST = 100  # a longer code list is named, not repeated
_LOGICAL: Mapping[str, str] = MappingProxyType(
    {"N": "number", "Y": "number", "B": "number", "F": "number", "I": "integer", "L": "boolean"}
    | {"D": "date", "T": "date", "C": "string", "M": "string", "G": "string"}
)
_PHYSICAL: Mapping[str, str] = MappingProxyType(
    {"I": "BIGINT", "L": "BOOLEAN", "B": "DOUBLE", "F": "DOUBLE", "D": "DATE", "T": "TIMESTAMP"}
    | {"C": "VARCHAR", "M": "VARCHAR", "G": "BLOB", "N": "DECIMAL", "Y": "DECIMAL"}
)
_LEVELS = MappingProxyType({1: "1 公开", 2: "2 内部", 3: "3 敏感", 4: "4 高度敏感"})
_TABLES: Mapping[ResourceKind, str] = MappingProxyType(
    {ResourceKind.TABLE: "table", ResourceKind.FILE: "file", ResourceKind.INTERFACE: "api"}
)
# How often there is something new, as ISO 8601 units count it; the others promise no interval.
_EVERY: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "daily": (1, "d"),
        "weekly": (7, "d"),
        "monthly": (1, "m"),
        "quarterly": (3, "m"),
        "semiannual": (6, "m"),
        "yearly": (1, "y"),
    }
)


def contract_text(entry: Entry, site: Site) -> str:
    """The contract of a record as YAML."""
    import yaml

    class Quoting(yaml.SafeDumper):
        """Quotes what begins like a number: a code such as 08 is none, whoever reads it."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "'" if value[:1] in "+-.0123456789" else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Quoting.add_representer(str, text)
    document = contract_of(entry, site)
    return str(yaml.dump(document, Dumper=Quoting, allow_unicode=True, sort_keys=False, width=100))


def contract_of(entry: Entry, site: Site) -> Part:
    """The contract of a record, in the order in which the standard speaks of its parts."""
    document = entry.document
    return _said(
        {
            "apiVersion": VERSION,
            "kind": "DataContract",
            "id": f"urn:datong:contract:{entry.resource_id}",
            "name": entry.name,
            "version": f"{entry.record.version}.0.0",
            "status": "active",
            "tenant": entry.department.name,
            "domain": _domain(document),
            "dataProduct": entry.identifier,
            "tags": list(entry.keywords),
            "description": _description(entry, site),
            "schema": [_table(entry, site)],
            "team": _team(entry),
            "roles": _roles(entry, site),
            "slaProperties": _promises(document, site),
            "servers": _servers(entry, site),
            "customProperties": _customs(
                resourceCode=entry.record.resource_code,
                providerCode=document.get("provider_code"),
                generation=entry.record.generation,
                updateCycle=document.get("update_cycle"),
                shareType=document.get("share_type"),
                shareMethod=document.get("share_method"),
                openType=document.get("open_type"),
            ),
            "contractCreatedTs": entry.record.published_at.astimezone(CHINA_TIME).isoformat(),
        }
    )


def _domain(document: Mapping[str, Any]) -> str | None:
    themes = document.get("category_gb21063_4") or ()
    return next((str(theme.get("name") or theme["code"]) for theme in themes), None)


def _description(entry: Entry, site: Site) -> Part:
    uses = [site.word("purpose", use) for use in entry.document.get("uses") or ()]
    page = {"url": site.page_of(entry.resource_id), "type": "businessDefinition"}
    return _said(
        {
            "purpose": entry.abstract,
            "limitations": sharing_of(entry, site),
            "usage": "、".join(uses),
            "authoritativeDefinitions": [page],
        }
    )


def _table(entry: Entry, site: Site) -> Part:
    record = read_record(entry.document)
    written = {str(item["id"]): item for item in entry.document.get("items") or ()}
    keys = [item.id for item in record.key_items]
    return _said(
        {
            "name": entry.resource_id,
            "logicalType": "object",
            "physicalType": _TABLES[entry.kind],
            "physicalName": entry.resource_id,
            "businessName": entry.name,
            "description": entry.abstract,
            "properties": [
                _property(item, written[item.id], keys, entry, site) for item in record.items
            ],
            "quality": _of_the_rows(entry.document),
        }
    )


def _property(
    item: Item, written: Mapping[str, Any], keys: list[str], entry: Entry, site: Site
) -> Part:
    is_key = item.id in keys
    return _said(
        {
            "name": item.id,
            "businessName": item.name,
            "description": written.get("description"),
            "logicalType": _LOGICAL[item.data_type],
            "logicalTypeOptions": _options(item, written),
            "physicalType": _physical(item),
            "required": not item.nullable,
            "unique": True if keys == [item.id] else None,
            "primaryKey": True if is_key else None,
            "primaryKeyPosition": keys.index(item.id) + 1 if is_key else None,
            "classification": _LEVELS[item.level],
            "quality": _of_the_item(item, entry.document, site),
            "customProperties": _customs(
                element=item.element,
                codeList=item.code_list,
                identifier=[kind.value for kind in item.identifiers],
                shareType=item.share_type,
                shareCondition=written.get("share_condition"),
                unit=written.get("unit"),
                sensitive=written.get("sensitive"),
            ),
        }
    )


def _options(item: Item, written: Mapping[str, Any]) -> Part:
    logical = _LOGICAL[item.data_type]
    found: Part = {"minimum": item.minimum, "maximum": item.maximum}
    if logical == "string":
        found = {"maxLength": item.length, "pattern": item.pattern}
    elif logical == "date":
        found["format"] = written.get("date_format")
    return _said(found)


def _physical(item: Item) -> str:
    name = _PHYSICAL[item.data_type]
    if name == "DECIMAL":
        length, scale = (18, 2) if item.data_type == "Y" else (item.length, item.scale or 0)
        return f"DECIMAL({length},{scale})" if length else name
    return f"{name}({item.length})" if name == "VARCHAR" and item.length else name


def _of_the_item(item: Item, document: Mapping[str, Any], site: Site) -> list[Part]:
    found = list(_of_the_codes(item, site))
    for rate in (document.get("expectations") or {}).get("fill_rates") or ():
        if rate.get("item") == item.id:
            blank = round((1 - float(rate["minimum"])) * 100, 6)
            found.append(
                _rule("nullCheck", "completeness", rate.get("reason"), mustBeLessOrEqualTo=blank)
                | {"unit": "percent"}
            )
    return found


def _of_the_codes(item: Item, site: Site) -> list[Part]:
    listed = None if item.code_list is None else site.code_lists.find(item.code_list)
    if listed is None:
        return []
    codes = list(listed.codes) if len(listed.codes) <= LONGEST_LIST else None
    return [
        _said(
            {
                "type": "library",
                "rule": "validValues",
                "dimension": "conformity",
                "description": f"{listed.title}（{listed.source}，{listed.edition}）",
                # what a rule needs beside the standard's own words goes there
                "customProperties": _customs(codeList=item.code_list, validValues=codes),
            }
        )
    ]


def _of_the_rows(document: Mapping[str, Any]) -> list[Part]:
    rows = (document.get("expectations") or {}).get("rows") or {}
    least, most = rows.get("minimum"), rows.get("maximum")
    if least is None and most is None:
        return []
    bounds: Part = {"mustBeGreaterOrEqualTo": least, "mustBeLessOrEqualTo": most}
    return [_rule("rowCount", "completeness", rows.get("reason"), **bounds) | {"unit": "rows"}]


def _rule(rule: str, dimension: str, reason: object, **bounds: Any) -> Part:
    """One rule of the standard's library; `reason` is why the record expects it."""
    head = {"type": "library", "rule": rule, "dimension": dimension, "description": reason}
    return _said({**head, **bounds})


def _team(entry: Entry) -> list[Part]:
    owner = {
        "username": entry.department.code,
        "name": str(entry.document.get("provider_name") or entry.department.name),
        "role": "信息资源提供方 provider",
    }
    contact = entry.contact
    if not contact.get("name"):
        return [owner]
    role = "元数据维护方 metadata contact"
    return [
        owner,
        _said({"name": contact["name"], "role": role, "description": contact.get("phone")}),
    ]


def _roles(entry: Entry, site: Site) -> list[Part]:
    """Who may read: nobody where the record is not shared."""
    if entry.document.get("share_type") == 3:
        return []
    return [
        {
            "role": "数据使用方 consumer",
            "access": "read",
            "description": sharing_of(entry, site),
            "firstLevelApprovers": site.department.name,
        }
    ]


def _promises(document: Mapping[str, Any], site: Site) -> list[Part]:
    cycle = str(document.get("update_cycle"))
    every = _EVERY.get(cycle)
    if every is None:
        return [{"property": "frequency", "value": site.word("update_cycle", cycle)}]
    return [{"property": "frequency", "value": every[0], "unit": every[1]}]


def _servers(entry: Entry, site: Site) -> list[Part]:
    written = (entry.document.get("interface") or {}).get("url")
    location = iri_of(str(written), site.url) if written else None
    return [{"server": "interface", "type": "api", "location": location}] if location else []


def _customs(**facts: Any) -> list[Part]:
    return [
        {"property": name, "value": value}
        for name, value in facts.items()
        if value not in (None, [])
    ]


def _said(part: Part) -> Part:
    return {name: value for name, value in part.items() if value not in (None, [], "", {})}
