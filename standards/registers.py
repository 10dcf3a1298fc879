"""The registers that a record refers to: data elements, and information systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from standards.elements import DataElement, load_elements


@dataclass(frozen=True, slots=True)
class Registers:
    """`systems` holds the ids and the exact names of the systems; None where no register of
    systems is at hand, so that no system can be called unknown."""

    elements: Mapping[str, DataElement]
    systems: frozenset[str] | None


@lru_cache(maxsize=1)
def shipped_registers() -> Registers:
    """The shipped elements, and no register of systems."""
    return Registers(load_elements(), None)
