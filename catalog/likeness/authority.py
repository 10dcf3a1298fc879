"""Whose a data element is: the department whose duty is its first authority (权威来源)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from standards.elements import DataElement
from standards.views import REGISTRAR, default_view

# who a row is about: in every table of persons or entities, and no reason to speak of a second
# source when it is all that two tables share
NAMES = frozenset({"person.name", "entity.name"})


def is_authority(element: DataElement, duty: str | None) -> bool:
    """Whether a department of this duty is the first authority for the element.

    Of what the registrar is the authority for, every department that registers entities is: which
    entities a record is about is told by no description.
    """
    if duty is None or not element.authority:
        return False
    first = element.authority[0]
    return duty == first or (first == REGISTRAR and duty in _registrars())


def duties_over(elements: Iterable[DataElement]) -> frozenset[str]:
    """The duties that are the first authority for one of the elements."""
    first = {element.authority[0] for element in elements if element.authority}
    return frozenset(first - {REGISTRAR}) | (_registrars() if REGISTRAR in first else frozenset())


def to_be_taken_over(
    element_ids: Iterable[str], registered: Mapping[str, DataElement], own_duty: str | None
) -> tuple[DataElement, ...]:
    """Those of the elements for which the own department is not the authority itself."""
    known = (registered[each] for each in element_ids if each in registered)
    return tuple(element for element in known if not is_authority(element, own_duty))


@lru_cache(maxsize=1)
def _registrars() -> frozenset[str]:
    return frozenset(default_view("legal_entity").registrars.values())
