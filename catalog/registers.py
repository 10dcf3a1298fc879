"""What a record is checked against beside the standards: the registers of elements and systems."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from catalog import elements, systems
from standards.documents import as_mapping, as_sequence
from standards.registers import Registers


def read(conn: sa.Connection) -> Registers:
    """Both registers as they are in this transaction: for checking many records."""
    return Registers(elements.registered(conn), systems.names(conn))


def read_for(conn: sa.Connection, document: Mapping[str, Any]) -> Registers:
    """What one record needs of the registers: what it names, or, where that is not there, all,
    so that what is near can be named."""
    items = map(as_mapping, as_sequence(document.get("items")))
    named = {element for item in items if isinstance(element := item.get("element"), str)}
    found = elements.registered(conn, _findable(named))
    if not named <= found.keys():
        found = elements.registered(conn)
    system = document.get("source_system")
    if not isinstance(system, str):
        return Registers(found, frozenset())
    known = frozenset().union(*(systems.names(conn, text) for text in _findable({system})))
    return Registers(found, known if system in known else systems.names(conn))


def _findable(texts: Collection[str]) -> set[str]:
    """Those that a database can look for: with half a character or a NUL nothing is registered."""
    return {text for text in texts if text.isprintable()}
