"""The records of the base views: published by the platform itself when it is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from catalog.admission import provider_of
from catalog.clock import Clock
from catalog.codes import front_of, issue_code
from catalog.errors import ResourceTaken
from catalog.life_cycle import State
from catalog.record_register import RecordState, state_of
from catalog.record_rows import (
    change_record,
    document_text,
    find_row,
    insert_event,
    insert_record,
    insert_version,
    mark_published,
    version_row,
)
from catalog.roles import INSTALLER, Deed
from standards.code_lists import CodeLists


def _follow(
    conn: sa.Connection, row: Mapping[Any, Any], document: Mapping[str, Any], clock: Clock
) -> RecordState:
    """Publish the document as the next version, unless it is the published one already.

    A record that somebody is withdrawing or has withdrawn stays as it is.
    """
    held = version_row(conn, row["resource_id"], row["last_version"])
    unchanged = held["sha256"] == document_text(document)[1]
    if unchanged or State(row["state"]) is not State.PUBLISHED:
        return state_of(row)
    version, now = row["last_version"] + 1, clock.now()
    insert_version(conn, document, version, INSTALLER, now)
    mark_published(conn, row["resource_id"], version, now)
    versions = ("last_version", "working_version", "published_version", "last_published_version")
    changes = {**dict.fromkeys(versions, version), "changed_at": now, "last_action": Deed.INSTALL}
    return state_of(change_record(conn, row, changes, INSTALLER, None))


def install_view_record(
    conn: sa.Connection,
    document: Mapping[str, Any],
    clock: Clock,
    *,
    code_lists: CodeLists | None = None,
) -> RecordState:
    """The record of a base view: published at once, without review, by the platform itself.

    One that is there already follows the definition: a changed document is its next version, so
    that what the view gains can be granted. Raises InvalidRecord, DepartmentNotFound, and
    ResourceTaken when the id belongs to a record that is no view.
    """
    department_id = provider_of(conn, document, code_lists)
    found = find_row(conn, str(document["resource_id"]))
    if found is not None:
        if not found["is_view"]:
            raise ResourceTaken(found["resource_id"])
        return _follow(conn, found, document, clock)
    now = clock.now()
    row = {
        "resource_id": document["resource_id"],
        "department_id": department_id,
        "resource_code": issue_code(conn, front_of(document)),
        "is_view": True,
        "state": State.PUBLISHED,
        "revision": 1,
        "last_version": 1,
        "working_version": 1,
        "published_version": 1,
        "last_published_version": 1,
        "generation": 1,
        "last_action": Deed.INSTALL,
        "changed_at": now,
    }
    if not insert_record(conn, row):
        raise ResourceTaken(str(document["resource_id"]))
    insert_version(conn, document, 1, INSTALLER, now)
    mark_published(conn, str(document["resource_id"]), 1, now)
    insert_event(conn, row, None, INSTALLER, None)
    return state_of(row)
