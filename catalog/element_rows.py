"""The rows of data elements: finding, inserting and changing them, each with its history line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.errors import StaleRevision
from catalog.record_rows import document_text, folded
from catalog.register_errors import ElementNotFound
from catalog.tables import element_events, element_versions, elements
from standards.documents import as_sequence

SHIPPED = "shipped"
PROPOSED = "proposed"


def find_row(conn: sa.Connection, element_id: str) -> sa.RowMapping | None:
    """The row of an element, locked until the transaction ends where the database can."""
    query = sa.select(elements).where(elements.c.element_id == element_id)
    return conn.execute(query.with_for_update(key_share=True)).mappings().first()


def require_row(conn: sa.Connection, element_id: str) -> sa.RowMapping:
    """The row of an element, locked as by `find_row`, or ElementNotFound."""
    found = find_row(conn, element_id)
    if found is None:
        raise ElementNotFound(element_id)
    return found


def sha256_of(conn: sa.Connection, element_id: str, version: int | None) -> str | None:
    """The hash of a kept version; None where there is none."""
    table = element_versions
    query = sa.select(table.c.sha256)
    query = query.where(table.c.element_id == element_id, table.c.version == version)
    return None if version is None else conn.scalar(query)


def insert_elements(
    conn: sa.Connection, rows: Sequence[Mapping[str, Any]], account: str, opinion: str | None = None
) -> None:
    """New elements with their first history lines."""
    conn.execute(sa.insert(elements), [dict(row) for row in rows])
    conn.execute(sa.insert(element_events), [_event(row, None, account, opinion) for row in rows])


def insert_versions(
    conn: sa.Connection,
    documents: Sequence[tuple[Mapping[str, Any], int]],
    author: str,
    now: datetime,
) -> None:
    """Keep documents for good, each as the version that stands with it."""
    conn.execute(
        sa.insert(element_versions),
        [_version(document, version, author, now) for document, version in documents],
    )


def change_element(
    conn: sa.Connection,
    row: Mapping[Any, Any],
    changes: Mapping[str, Any],
    account: str,
    opinion: str | None,
) -> dict[str, Any]:
    """Change an element from the revision that was read, with its history line; StaleRevision."""
    following = {**row, **changes, "revision": row["revision"] + 1}
    statement = sa.update(elements).where(
        elements.c.element_id == row["element_id"], elements.c.revision == row["revision"]
    )
    values = {**changes, "revision": following["revision"]}
    if conn.execute(statement.values(**values)).rowcount != 1:
        found = require_row(conn, row["element_id"])["revision"]
        raise StaleRevision(row["element_id"], expected=row["revision"], found=found)
    conn.execute(
        sa.insert(element_events).values(_event(following, row["state"], account, opinion))
    )
    return following


def _event(
    row: Mapping[str, Any], from_state: str | None, account: str, opinion: str | None
) -> dict[str, Any]:
    return {
        "element_id": row["element_id"],
        "revision": row["revision"],
        "at": row["changed_at"],
        "action": row["last_action"],
        "from_state": from_state,
        "to_state": row["state"],
        "version": row["last_version"],
        "account": account,
        "opinion": opinion,
    }


def _version(
    document: Mapping[str, Any], version: int, author: str, now: datetime
) -> dict[str, Any]:
    text, sha256 = document_text(document)
    return {
        "element_id": document["element_id"],
        "version": version,
        "name": document["name"],
        "search_text": _search_text(document),
        "document": text,
        "sha256": sha256,
        "author": author,
        "written_at": now,
    }


def _search_text(document: Mapping[str, Any]) -> str:
    facts = (document.get(name) for name in ("element_id", "name", "definition", "standard"))
    words = [str(fact) for fact in facts if fact]
    return folded("\n".join([*words, *map(str, as_sequence(document.get("synonyms")))]))
