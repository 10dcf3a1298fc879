"""How CKAN's `package_search` is answered: the search engine finds and counts, the database sorts.

A list in an order of its own, as harvesters walk it, is the database's; so is a text in such an
order. What answers a text best, a theme, a format and all counts are the search engine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalog.profiles import packages
from catalog.profiles.ckan_query import FORMAT, GROUPS, ORGANIZATION, Search
from catalog.profiles.errors import WrongParameter
from catalog.search.facets import Facet
from catalog.search.finding import FacetCount, Found, Query

if TYPE_CHECKING:
    import sqlalchemy as sa

    from api.bootstrap import Services
    from catalog.record_register import PublishedRecord

MOST_SORTED = 10_000
_FACETS: Mapping[str, Facet] = {
    ORGANIZATION: Facet.DEPARTMENT,
    GROUPS: Facet.THEME,
    FORMAT: Facet.FORMAT,
}
_CATEGORIES = "1234567"


@dataclass(frozen=True, slots=True)
class FoundPackages:
    """How many there are, those asked for, and the facets: name of a facet, value, count."""

    total: int
    rows: Sequence[PublishedRecord]
    facets: Mapping[str, Mapping[str, int]]


def find_packages(services: Services, conn: sa.Connection, search: Search) -> FoundPackages:
    """The packages that a search asks for; WrongParameter where they are too many to be sorted."""
    found = _page(services, conn, search)
    if not search.facets:
        return FoundPackages(found.total, found.rows, {})
    counted = services.search.find(_query(search, 0, 0)).facets
    facets = {name: _counts(name, counted[_FACETS[name]], search) for name in search.facets}
    return FoundPackages(found.total, found.rows, facets)


def _page(services: Services, conn: sa.Connection, search: Search) -> packages.Packages:
    wanted = search.wanted
    plain = not search.groups and not search.formats
    by_database = not search.by_relevance or wanted.ids or wanted.since or wanted.until
    if plain and (by_database or not search.text):
        return packages.find_packages(conn, wanted)
    if by_database:
        return _sorted(services, conn, search)
    found = services.search.find(_query(search, wanted.rows, wanted.start))
    if plain and not found.complete:  # the index is still being made
        return packages.find_packages(conn, wanted)
    rows = packages.packages_of(conn, [hit.resource_id for hit in found.hits])
    return packages.Packages(found.total, rows)


def _sorted(services: Services, conn: sa.Connection, search: Search) -> packages.Packages:
    """What the search engine finds, in an order that the database knows."""
    found: Found = services.search.find(_query(search, MOST_SORTED, 0))
    if found.total > MOST_SORTED:
        raise WrongParameter("sort", f"score, or a query that finds at most {MOST_SORTED}")
    ids = {hit.resource_id for hit in found.hits}
    if search.wanted.ids:
        ids &= set(search.wanted.ids)
    if not ids:
        return packages.Packages(0, ())
    return packages.find_packages(conn, replace(search.wanted, words=(), ids=tuple(sorted(ids))))


def _query(search: Search, limit: int, offset: int) -> Query:
    formats = [f"{category}/{kind}" for kind in search.formats for category in _CATEGORIES]
    return Query(
        search.text,
        {
            Facet.DEPARTMENT: search.wanted.departments,
            Facet.THEME: search.groups,
            Facet.FORMAT: formats,
        },
        limit,
        offset,
    )


def _counts(name: str, values: Sequence[FacetCount], search: Search) -> dict[str, int]:
    """The counts of a facet, formats by type; of a narrowed one, those of its chosen values."""
    chosen = {
        ORGANIZATION: search.wanted.departments,
        GROUPS: search.groups,
        FORMAT: tuple(each.upper() for each in search.formats),
    }[name]
    counts: Counter[str] = Counter()
    for each in values:
        value = each.value
        if name == FORMAT:
            if "/" not in value:
                continue
            value = value.partition("/")[2].upper()
        if not chosen or value in chosen:
            counts[value] += each.count
    return dict(counts)
