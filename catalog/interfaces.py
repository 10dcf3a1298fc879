"""What the public is shown of a record of an interface: all but an address that is not shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standards.documents import as_mapping
from standards.records import ResourceKind, kind_of

NOT_SHARED = 3


def public_document(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A published document as everybody may see it; that of a table or file as it is.

    The address of an interface is part of the catalogue, as its method, parameters and limits are:
    to know it is not to be let in. One that is not to be shared at all (share type 3) keeps it.
    """
    if document.get("share_type") != NOT_SHARED or kind_of(document) is not ResourceKind.INTERFACE:
        return document
    stated = as_mapping(document.get("interface"))
    return {**document, "interface": {name: stated[name] for name in stated if name != "url"}}
