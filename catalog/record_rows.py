"""The rows of records: finding, inserting and changing them, each change with its history line."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.changes import note_change
from catalog.codes import is_resource_code
from catalog.errors import RecordNotFound, StaleRevision, VersionNotFound
from catalog.tables import record_events, record_versions, records
from standards.documents import canonical_json
from standards.records import kind_of


def document_text(document: Mapping[str, Any]) -> tuple[str, str]:
    """The canonical text of a document and its SHA-256: what is hashed is what is stored."""
    text = canonical_json(document)
    return text, hashlib.sha256(text.encode()).hexdigest()


def search_text(document: Mapping[str, Any]) -> str:
    """What a plain search looks through: names, abstract, provider, key words, item names."""
    items = [str(item.get("name", "")) for item in document.get("items") or ()]
    words = [str(word) for word in document.get("keywords") or ()]
    facts = [str(document.get(name) or "") for name in ("name", "abstract", "provider_name")]
    return folded("\n".join([*facts, *words, *items]))


def folded(text: str) -> str:
    """Text as searches compare it: compatibility forms unified, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def is_resource(resource: str) -> sa.ColumnElement[bool]:
    """The condition that a record is meant by a resource id or by a resource code."""
    column = records.c.resource_code if is_resource_code(resource) else records.c.resource_id
    return column == resource


def find_row(conn: sa.Connection, resource: str) -> sa.RowMapping | None:
    """The row of a record, locked until the transaction ends where the database can.

    Who only refers to the record, as a delivery does, is not kept waiting.
    """
    query = sa.select(records).where(is_resource(resource)).with_for_update(key_share=True)
    return conn.execute(query).mappings().first()


def version_row(conn: sa.Connection, resource_id: str, version: int) -> sa.RowMapping:
    """One stored version, or VersionNotFound."""
    query = sa.select(record_versions).where(
        record_versions.c.resource_id == resource_id, record_versions.c.version == version
    )
    row = conn.execute(query).mappings().first()
    if row is None:
        raise VersionNotFound(resource_id, version=version)
    return row


def require_row(conn: sa.Connection, resource: str) -> sa.RowMapping:
    """The row of a record, locked as by `find_row`, or RecordNotFound."""
    found = find_row(conn, resource)
    if found is None:
        raise RecordNotFound(resource)
    return found


def insert_record(conn: sa.Connection, row: Mapping[str, Any]) -> bool:
    """A new record; False when someone else made one of this id meanwhile."""
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(records).values(**row))
    except sa.exc.IntegrityError:
        if find_row(conn, row["resource_id"]) is None:
            raise
        return False
    if row.get("published_version") is not None:
        note_change(conn, row["resource_id"], row["changed_at"])
    return True


def insert_version(
    conn: sa.Connection, document: Mapping[str, Any], version: int, author: str, now: datetime
) -> None:
    """Keep one version of a document for good."""
    conn.execute(sa.insert(record_versions).values(version_values(document, version, author, now)))


def version_values(
    document: Mapping[str, Any], version: int, author: str, now: datetime
) -> dict[str, Any]:
    """The row of `record_versions` that keeps a document."""
    text, sha256 = document_text(document)
    return {
        "resource_id": document["resource_id"],
        "version": version,
        "name": document["name"],
        "kind": kind_of(document),
        "search_text": search_text(document),
        "document": text,
        "sha256": sha256,
        "author": author,
        "written_at": now,
        "provider_name": document["provider_name"],
        "share_type": document["share_type"],
    }


def insert_event(
    conn: sa.Connection,
    row: Mapping[Any, Any],
    from_state: str | None,
    account: str,
    opinion: str | None,
    action: str | None = None,
) -> None:
    """The history line of the change that led to `row`, by its last action or by a step aside."""
    event = {
        "resource_id": row["resource_id"],
        "revision": row["revision"],
        "at": row["changed_at"],
        "action": action or row["last_action"],
        "from_state": from_state,
        "to_state": row["state"],
        "version": row["working_version"],
        "account": account,
        "opinion": opinion,
    }
    conn.execute(sa.insert(record_events).values(event))


def change_record(
    conn: sa.Connection,
    row: Mapping[Any, Any],
    changes: Mapping[str, Any],
    account: str,
    opinion: str | None,
    action: str | None = None,
) -> dict[str, Any]:
    """Change a record from the revision that was read, with its history line; StaleRevision.

    `action` is told where it is not the new last action of the record.
    """
    following = {**row, **changes, "revision": row["revision"] + 1}
    statement = sa.update(records).where(
        records.c.resource_id == row["resource_id"], records.c.revision == row["revision"]
    )
    values = {**changes, "revision": following["revision"]}
    if conn.execute(statement.values(**values)).rowcount != 1:
        found = find_row(conn, row["resource_id"])
        revision = 0 if found is None else found["revision"]
        raise StaleRevision(row["resource_id"], expected=row["revision"], found=revision)
    insert_event(conn, following, row["state"], account, opinion, action)
    if "published_version" in changes:
        note_change(conn, row["resource_id"], following["changed_at"])
    return following


def mark_published(conn: sa.Connection, resource_id: str, version: int, now: datetime) -> None:
    """The version is published; its first publication keeps its time."""
    statement = sa.update(record_versions).where(
        record_versions.c.resource_id == resource_id,
        record_versions.c.version == version,
        record_versions.c.published_at.is_(None),
    )
    conn.execute(statement.values(published_at=now))
