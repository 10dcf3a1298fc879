"""The public catalogue as others harvest it: DCAT-AP, DCAT-US and data contracts; needs no key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from catalog.errors import RecordNotFound, RecordNotPublished
from catalog.profiles import data_json, dcat, odcs, turtle
from catalog.profiles.entries import (
    Entry,
    Site,
    count_published,
    entries_after,
    find_entry,
    open_site,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

    from api.bootstrap import Services

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """A page of the whole catalogue as JSON-LD; `following` is the address of the next one."""

    document: dict[str, Any]
    following: str | None

    def as_turtle(self) -> str:
        return turtle.as_turtle(self.document)


@dataclass(frozen=True, slots=True)
class PageWanted:
    """Which page, of which address; `cursor_of` makes of a key what an address carries."""

    path: str
    after: str | None
    limit: int
    cursor_of: Callable[[str], str]

    def address(self, url: str, after: str | None) -> str:
        asked: dict[str, Any] = {"limit": self.limit}
        if after is not None:
            asked["cursor"] = self.cursor_of(after)
        return f"{url}{self.path}?{urlencode(asked)}"


def record_as_dcat(services: Services, url: str, resource: str) -> dict[str, Any]:
    """A published record as JSON-LD; RecordNotFound also where it is not published."""
    return dcat.record_graph(*_entry(services, url, resource))


def record_as_turtle(services: Services, url: str, resource: str) -> str:
    """The same as Turtle."""
    return turtle.as_turtle(record_as_dcat(services, url, resource))


def record_contract(services: Services, url: str, resource: str) -> str:
    """The data contract of a published record as YAML; RecordNotFound."""
    return odcs.contract_text(*_entry(services, url, resource))


def catalogue_page(services: Services, url: str, wanted: PageWanted) -> CataloguePage:
    """A page of the whole catalogue, by resource id."""
    with services.database.reading() as conn:
        site = _site(services, conn, url)
        entries, following = entries_after(conn, site, wanted.after, wanted.limit)
        total = count_published(conn)
    next_address = None if following is None else wanted.address(url, following)
    leaf = dcat.Leaf(
        this=wanted.address(url, wanted.after),
        first=wanted.address(url, None),
        following=next_address,
        total=total,
        size=wanted.limit,
    )
    return CataloguePage(dcat.catalogue_graph(entries, site, leaf), next_address)


def whole_data_json(services: Services, url: str) -> Iterator[str]:
    """The `data.json` piece by piece; what the database refuses is raised before the first one."""
    with services.database.reading() as conn:
        site = _site(services, conn, url)
        entries, following = entries_after(conn, site, None, _AT_ONCE)
    rest = _entries_after(services, site, following)
    return data_json.data_json_pieces(site, chain(entries, rest))


def _entries_after(services: Services, site: Site, cursor: str | None) -> Iterator[Entry]:
    """The rest of the catalogue, each page in a transaction of its own: readers may be slow."""
    while cursor is not None:
        with services.database.reading() as conn:
            entries, cursor = entries_after(conn, site, cursor, _AT_ONCE)
        yield from entries


def _entry(services: Services, url: str, resource: str) -> tuple[Entry, Site]:
    with services.database.reading() as conn:
        site = _site(services, conn, url)
        try:
            return find_entry(conn, site, resource), site
        except RecordNotPublished as error:
            # to the public, what is not published is not there
            raise RecordNotFound(error.resource) from None


def _site(services: Services, conn: sa.Connection, url: str) -> Site:
    return open_site(conn, url, services.code_lists)
