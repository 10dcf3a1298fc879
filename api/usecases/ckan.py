"""The reading part of CKAN's action API over the published catalogue; needs no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from api.usecases.ckan_search import find_packages
from catalog import departments
from catalog.errors import DepartmentNotFound
from catalog.profiles import ckan, packages
from catalog.profiles.ckan_query import ORGANIZATION, Asked, search_of, words_in
from catalog.profiles.entries import Site, entries_of, find_entry, open_site
from catalog.profiles.errors import PartNotFound, UnknownAction
from catalog.record_register import PublishedRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from api.bootstrap import Services

MOST_NAMES = 1_000_000
_SHOWN_OF_AN_ORGANIZATION = 10


@dataclass(frozen=True, slots=True)
class Call:
    """One call while it is answered."""

    services: Services
    conn: sa.Connection
    site: Site
    asked: Asked

    def shown(self, found: Sequence[PublishedRecord]) -> list[dict[str, Any]]:
        entries = entries_of(self.conn, self.site, found)
        return [ckan.package_of(each, self.site) for each in entries]

    def topics(self) -> packages.Topics:
        return self.services.topics.topics(self.conn)


def answer_action(services: Services, url: str, action: str, parameters: Mapping[str, Any]) -> Any:
    """The result of an action.

    Raises UnknownAction, WrongParameter, RecordNotFound, RecordNotPublished, DepartmentNotFound,
    PartNotFound.
    """
    answer = ACTIONS.get(action)
    if answer is None:
        raise UnknownAction(action[:100], tuple(ACTIONS))
    with services.database.reading() as conn:
        site = open_site(conn, url, services.code_lists)
        return answer(Call(services, conn, site, Asked(parameters)))


def _site_read(call: Call) -> bool:
    """Whether the site may be read: it may. Takes nothing."""
    del call
    return True


def _status_show(call: Call) -> dict[str, Any]:
    """Title, address and edition of the site. Takes nothing."""
    return ckan.status_of(call.site)


def _package_list(call: Call) -> list[str]:
    """The names of the packages. Takes limit, offset."""
    rows = call.asked.number("limit", MOST_NAMES, MOST_NAMES)
    return packages.list_ids(call.conn, call.asked.number("offset", 0, MOST_NAMES), rows)


def _package_show(call: Call) -> dict[str, Any]:
    """A package. Takes id: its name, or the resource code of the record."""
    entry = find_entry(call.conn, call.site, call.asked.required("id"))
    return ckan.package_of(entry, call.site)


def _package_search(call: Call) -> dict[str, Any]:
    """Packages that answer a query. Takes q, fq, rows, start, sort, facet.field.

    fq narrows by organization, groups, res_format, id, metadata_modified.
    """
    search = search_of(call.asked)
    found = find_packages(call.services, call.conn, search)
    return {
        "count": found.total,
        "sort": call.asked.text("sort") or "score desc",
        "results": call.shown(found.rows),
        "facets": {name: dict(counts) for name, counts in found.facets.items()},
        "search_facets": {
            name: {
                "title": name,
                "items": [
                    {"name": value, "display_name": _facet_name(call, name, value), "count": count}
                    for value, count in counts.items()
                ],
            }
            for name, counts in found.facets.items()
        },
    }


def _resource_show(call: Call) -> dict[str, Any]:
    """A resource of a package. Takes id."""
    resource_id = call.asked.required("id")
    record = ckan.record_of(resource_id)
    if record:
        entry = find_entry(call.conn, call.site, record)
        for each in ckan.resources_of(entry, call.site):
            if each["id"] == resource_id:
                return each
    raise PartNotFound("resource")


def _organization_list(call: Call) -> list[Any]:
    """The departments that provide packages. Takes all_fields, limit, offset, organizations."""
    counts = packages.count_by_department(call.conn)
    names = [each for each in sorted(call.site.departments) if counts.get(each)]
    only = call.asked.texts("organizations")
    names = _some(call, [each for each in names if not only or each in only])
    if not call.asked.flag("all_fields"):
        return names
    known = call.site.departments
    return [ckan.organization_of(known[each], counts[each]) for each in names]


def _organization_show(call: Call) -> dict[str, Any]:
    """A department. Takes id, include_datasets."""
    found = departments.find(call.conn, call.asked.required("id"))
    if found is None:
        raise DepartmentNotFound(call.asked.required("id"))
    wanted = packages.Wanted(departments=(found.department_id,), rows=_SHOWN_OF_AN_ORGANIZATION)
    held = packages.find_packages(call.conn, wanted)
    shown = ckan.organization_of(found, held.total)
    if call.asked.flag("include_datasets"):
        shown["packages"] = call.shown(held.rows)
    return shown


def _group_list(call: Call) -> list[Any]:
    """The themes of GB/T 21063.4 that packages have. Takes all_fields, limit, offset."""
    themes = call.topics().themes
    if not call.asked.flag("all_fields"):
        return _some(call, sorted({code for code, _ in themes}))
    found = [
        {**ckan.group_of(code, name), "package_count": count}
        for (code, name), count in themes.items()
    ]
    return _some(call, found)


def _tag_list(call: Call) -> list[Any]:
    """The key words of all packages. Takes query, all_fields, limit, offset."""
    words = words_in(list(call.topics().keywords), call.asked.text("query"))
    shown = _some(call, words)
    return [ckan.tag_of(each) for each in shown] if call.asked.flag("all_fields") else shown


def _license_list(call: Call) -> list[dict[str, Any]]:
    """The licences that packages have. Takes nothing."""
    del call
    return ckan.LICENSES


def _help_show(call: Call) -> str:
    """What an action does. Takes name."""
    action = ACTIONS.get(call.asked.required("name"))
    if action is None:
        raise PartNotFound("action")
    return str(action.__doc__)


ACTIONS: Mapping[str, Callable[[Call], Any]] = MappingProxyType(
    {
        "site_read": _site_read,
        "status_show": _status_show,
        "package_list": _package_list,
        "package_show": _package_show,
        "package_search": _package_search,
        "resource_show": _resource_show,
        "organization_list": _organization_list,
        "organization_show": _organization_show,
        "group_list": _group_list,
        "tag_list": _tag_list,
        "license_list": _license_list,
        "help_show": _help_show,
    }
)
"""Every action by its name; what `help_show` says of it is its docstring."""


def _facet_name(call: Call, facet: str, value: str) -> str:
    department = call.site.departments.get(value) if facet == ORGANIZATION else None
    return value if department is None else department.name


def _some(call: Call, found: list[Any]) -> list[Any]:
    start = call.asked.number("offset", 0, MOST_NAMES)
    return found[start : start + call.asked.number("limit", MOST_NAMES, MOST_NAMES)]
