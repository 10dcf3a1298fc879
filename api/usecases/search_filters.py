"""What narrows a search, as people write it: codes, names of a code list, names of departments.

A value that nothing has is refused, with those there are: otherwise a word that is wrong would look
like data that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from api.errors import NotOneOf
from catalog import departments
from catalog.search.facets import Facet

if TYPE_CHECKING:
    from api.bootstrap import Services
    from standards.code_lists import CodeList

LISTS: Mapping[Facet, str] = {
    Facet.DEPARTMENT: "",
    Facet.CLASS: "resource_class",
    Facet.THEME: "theme_gb21063_4",
    Facet.SHARE_TYPE: "share_type",
    Facet.FORMAT: "format_category",
    Facet.UPDATE_CYCLE: "update_cycle",
}
_CLASS = re.compile(r"[123]([0-9]{2})?")


def resolved(
    services: Services, filters: Mapping[Facet, Sequence[str]]
) -> dict[Facet, tuple[str, ...]]:
    """The codes that are meant. NotOneOf, DepartmentNotFound, DepartmentNameShared.

    The database is asked for a department alone that the index does not know by its id.
    """
    return {
        facet: tuple(_resolved(services, facet, value) for value in values)
        for facet, values in filters.items()
        if values
    }


def _resolved(services: Services, facet: Facet, value: str) -> str:
    if services.search.has_value(facet, value):
        return value
    if facet is Facet.DEPARTMENT:
        with services.database.reading() as conn:
            return departments.require_named(conn, value).department_id
    listed = services.code_lists.require(LISTS[facet])
    if facet is Facet.CLASS and _CLASS.fullmatch(value):
        return value  # a class that no record is in and the list does not name
    if facet is Facet.FORMAT and listed.find(value.partition("/")[0]) is not None:
        return value
    code = _code(listed, value)
    if code is None:
        raise NotOneOf(facet.value, tuple(f"{each.code} {each.name}" for each in listed.entries))
    return code


def _code(listed: CodeList, text: str) -> str | None:
    """By code or name; not by alias, for the same number is another cycle on each platform."""
    return text if listed.find(text) is not None else listed.codes_by_name.get(text)
