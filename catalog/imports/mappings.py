"""Mapping files by name, their errors told as the catalogue tells errors."""

from __future__ import annotations

from catalog.draft_errors import BadMapping
from standards.portal_mappings import MappingError, PortalMapping, UnknownMapping, load_mapping


def mapping_named(name: str) -> PortalMapping:
    """A shipped mapping, or the one in a file; BadMapping."""
    try:
        return load_mapping(name)
    except (MappingError, UnknownMapping) as error:
        raise BadMapping(error.zh, error.en) from error
