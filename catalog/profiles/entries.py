"""What every profile is made from: a published record, its department, and where both are found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from catalog import departments, platform, systems
from catalog.departments import Department
from catalog.interfaces import public_document
from catalog.record_lists import list_published
from catalog.record_register import PublishedRecord, published
from catalog.tables import record_versions, records
from standards.code_lists import CodeLists
from standards.records import ResourceKind, kind_of

TITLE = "政务信息资源目录"


@dataclass(frozen=True)
class Site:
    """The platform as harvesters address it; `url` has no slash at its end.

    `systems` are the names of the registered systems by their ids.
    """

    url: str
    department: Department
    departments: Mapping[str, Department]
    code_lists: CodeLists
    systems: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return f"{self.department.name} {TITLE}"

    @property
    def description(self) -> str:
        return f"{self.department.name}公开的{TITLE}：各部门已发布的信息资源的元数据"

    @cached_property
    def catalogue(self) -> str:
        """The name of the whole catalogue, the same in every profile and on every page."""
        return f"{self.url}/catalog.jsonld#catalog"

    def page_of(self, resource_id: str) -> str:
        """Where a record is read as it was written."""
        return f"{self.url}/v1/resources/{resource_id}"

    def part_of(self, resource_id: str, part: str) -> str:
        """The name of a thing that the record's DCAT speaks of: it leads to that very DCAT."""
        return f"{self.page_of(resource_id)}/dcat#{part}"

    def contract_of(self, resource_id: str) -> str:
        return f"{self.page_of(resource_id)}/contract"

    def name_of(self, department: Department) -> str:
        return f"{self.url}/v1/departments#{department.department_id}"

    def word(self, list_id: str, code: object) -> str:
        """What a code of a list means, or the code itself where nothing says it."""
        found = self.code_lists.find(list_id)
        entry = None if found is None else found.find(str(code))
        return str(code) if entry is None else entry.name


@dataclass(frozen=True)
class Entry:
    """One line of the public catalogue; `issued` is when its first version was published."""

    record: PublishedRecord
    department: Department
    issued: datetime

    @property
    def document(self) -> Mapping[str, Any]:
        return public_document(self.record.document)

    @property
    def resource_id(self) -> str:
        return self.record.resource_id

    @property
    def identifier(self) -> str:
        """The code of the record; its id where none was issued."""
        return self.record.resource_code or self.record.resource_id

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def abstract(self) -> str:
        return str(self.document.get("abstract") or self.name)

    @cached_property
    def kind(self) -> ResourceKind:
        return kind_of(self.document)

    @property
    def keywords(self) -> tuple[str, ...]:
        return tuple(str(word) for word in self.document.get("keywords") or () if str(word))

    @property
    def contact(self) -> Mapping[str, Any]:
        """Whom the record itself names for questions; of nobody else is a number given out."""
        found: Mapping[str, Any] = self.document.get("metadata_contact") or {}
        return found


def sharing_of(entry: Entry, site: Site) -> str:
    """In one sentence how the data can be had, and on what condition."""
    document = entry.document
    said = site.word("share_type", document.get("share_type"))
    condition = document.get("share_condition")
    return f"{said}：{condition}" if condition else said


def iri_of(text: str, base: str) -> str | None:
    """An address as a complete IRI of the web, else None; a path is one of this platform."""
    address = text.strip()
    if "://" not in address:
        address = f"{base}/{address.lstrip('/')}"
    if not address.lower().startswith(("http://", "https://", "ftp://")):
        return None
    return quote(address, safe="%:/?#[]@!$&'()*+,;=-._~")


def open_site(conn: sa.Connection, url: str, code_lists: CodeLists) -> Site:
    """The platform under this address; NotInstalled before there is one."""
    known = {each.department_id: each for each in departments.list_all(conn)}
    named = {each.system_id: each.name for each in systems.list_all(conn)}
    owner = platform.require_department(conn)
    return Site(url.rstrip("/"), owner, known, code_lists, named)


def find_entry(conn: sa.Connection, site: Site, resource: str) -> Entry:
    """A published record by id or code; RecordNotFound, RecordNotPublished."""
    return next(entries_of(conn, site, [published(conn, resource)]))


def entries_after(
    conn: sa.Connection, site: Site, cursor: str | None, limit: int
) -> tuple[list[Entry], str | None]:
    """A page of the public catalogue by resource id, and after which the next one begins."""
    page = list_published(conn, limit=limit, cursor=cursor)
    return list(entries_of(conn, site, page.rows)), page.next_cursor


def entries_of(
    conn: sa.Connection, site: Site, found: Iterable[PublishedRecord]
) -> Iterator[Entry]:
    """Records with their departments and the times of their first publication."""
    rows = list(found)
    first = _first_published(conn, [row.resource_id for row in rows])
    for row in rows:
        department = site.departments[row.department_id]
        yield Entry(row, department, first.get(row.resource_id, row.published_at))


def count_published(conn: sa.Connection) -> int:
    """How many records the public catalogue holds."""
    query = sa.select(sa.func.count()).select_from(records)
    return int(conn.scalar(query.where(records.c.published_version.is_not(None))) or 0)


def _first_published(conn: sa.Connection, resource_ids: list[str]) -> dict[str, datetime]:
    table = record_versions.c
    query = (
        sa.select(table.resource_id, sa.func.min(table.published_at).label("first"))
        .where(table.resource_id.in_(resource_ids), table.published_at.is_not(None))
        .group_by(table.resource_id)
    )
    return {row.resource_id: row.first for row in conn.execute(query)}
