"""The live definitions of the base views: versioned, first installed from the shipped YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from catalog.clock import Clock
from catalog.lake_errors import ViewDefinitionMismatch, ViewDefinitionNotFound
from catalog.record_rows import document_text
from catalog.tables import view_definitions as table
from standards.documents import load_document
from standards.views import ViewDefinition, load_view

SHIPPED = "shipped"


def install_default(conn: sa.Connection, view_id: str, text: str, clock: Clock) -> int:
    """Install the shipped definition and give the version that is live now.

    A first one becomes version 1; a newer shipped text follows a shipped one as the next
    version; a definition that was changed through review stays. Raises ViewDefinitionMismatch.
    """
    definition = load_view(text)
    if definition.view_id != view_id:
        raise ViewDefinitionMismatch(view_id, found=definition.view_id)
    document = load_document(text)
    canonical, sha256 = document_text(document)
    newest = _newest(conn, view_id)
    if newest is not None and (newest.sha256 == sha256 or newest.origin != SHIPPED):
        return int(newest.version)
    version = 1 if newest is None else newest.version + 1
    row = {
        "view_id": view_id,
        "version": version,
        "origin": SHIPPED,
        "document": canonical,
        "sha256": sha256,
        "installed_at": clock.now(),
    }
    conn.execute(sa.insert(table).values(row))
    return version


def current(conn: sa.Connection, view_id: str) -> tuple[int, ViewDefinition, Mapping[str, Any]]:
    """Version, definition and document of the live definition, or ViewDefinitionNotFound."""
    newest = _newest(conn, view_id)
    if newest is None:
        raise ViewDefinitionNotFound(view_id)
    return newest.version, load_view(newest.document), json.loads(newest.document)


def _newest(conn: sa.Connection, view_id: str) -> sa.Row[*tuple[Any, ...]] | None:
    query = sa.select(table.c.version, table.c.origin, table.c.sha256, table.c.document)
    query = query.where(table.c.view_id == view_id).order_by(table.c.version.desc())
    return conn.execute(query.limit(1)).first()
