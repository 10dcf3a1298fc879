"""The rows of a batch of imported records: inserted table by table, or as the next version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from catalog.bulk_check import CheckedLine
from catalog.changes import note_changes
from catalog.code_batches import issue_codes
from catalog.life_cycle import Outcome, State
from catalog.publishing.effects import publish
from catalog.publishing.negative_list import NOT_SHARED, review_day
from catalog.publishing.step import Step
from catalog.record_rows import change_record, insert_version
from catalog.roles import Deed
from catalog.tables import negative_list, record_events, record_versions, records

if TYPE_CHECKING:
    from catalog.bulk_import import Importing


def insert_new(conn: sa.Connection, lines: Sequence[CheckedLine], importing: Importing) -> None:
    """Records that nobody had: with first version, history line and, published, their code."""
    if not lines:
        return
    codes = _codes(conn, lines) if importing.publish else {}
    rows = [_record(line, codes.get(line.number), importing) for line in lines]
    conn.execute(sa.insert(records), rows)
    conn.execute(sa.insert(record_versions), [_version(line, importing) for line in lines])
    conn.execute(sa.insert(record_events), [_event(row, importing) for row in rows])
    if not importing.publish:
        return
    note_changes(conn, [row["resource_id"] for row in rows], importing.now)
    entries = [_entry(line, importing) for line in lines if _is_not_shared(line)]
    if entries:
        conn.execute(sa.insert(negative_list), entries)


def _codes(conn: sa.Connection, lines: Sequence[CheckedLine]) -> dict[int, str]:
    """The code of each line: the one it brings, else the next of its class."""
    without = [line for line in lines if line.resource_code is None]
    issued = issue_codes(conn, [line.front for line in without])
    brought = {line.number: line.resource_code for line in lines if line.resource_code}
    return brought | {line.number: code for line, code in zip(without, issued, strict=True)}


def _record(line: CheckedLine, code: str | None, importing: Importing) -> dict[str, Any]:
    published = 1 if importing.publish else None
    return {
        "resource_id": line.resource_id,
        "department_id": importing.departments[line.provider_code],
        "resource_code": code,
        "is_view": False,
        "state": State.PUBLISHED if importing.publish else State.DRAFT,
        "revision": 1,
        "last_version": 1,
        "working_version": 1,
        "published_version": published,
        "last_published_version": published,
        "generation": published,
        "last_action": Deed.IMPORT,
        "changed_at": importing.now,
    }


def _version(line: CheckedLine, importing: Importing) -> dict[str, Any]:
    published_at = importing.now if importing.publish else None
    return {**line.version, "written_at": importing.now, "published_at": published_at}


def _event(row: Mapping[str, Any], importing: Importing) -> dict[str, Any]:
    return {
        "resource_id": row["resource_id"],
        "revision": 1,
        "at": importing.now,
        "action": Deed.IMPORT,
        "from_state": None,
        "to_state": row["state"],
        "version": 1,
        "account": importing.account,
        "opinion": importing.opinion,
    }


def _is_not_shared(line: CheckedLine) -> bool:
    return bool(line.version["share_type"] == NOT_SHARED)


def _entry(line: CheckedLine, importing: Importing) -> dict[str, Any]:
    """The line of the negative list: the authority that imports answers for it."""
    basis, clause = line.basis or ("", "")
    return {
        "resource_id": line.resource_id,
        "number": 1,
        "version": 1,
        "basis": basis,
        "clause": clause,
        "proposed_by": importing.account,
        "approved_by": importing.account,
        "approved_at": importing.now,
        "review_by": review_day(importing.now),
    }


def follow_document(
    conn: sa.Connection, row: Mapping[Any, Any], line: CheckedLine, importing: Importing
) -> None:
    """Other content of a record that was there: its next version, published where it was."""
    document = json.loads(line.version["document"])
    version = row["last_version"] + 1
    insert_version(conn, document, version, importing.account, importing.now)
    changes: dict[str, Any] = {
        "last_version": version,
        "working_version": version,
        "last_action": Deed.IMPORT,
        "changed_at": importing.now,
    }
    held = dict(_columns_of_record(row))
    if importing.publish:
        following = {**held, **changes, "submitted_by": None}
        changes |= publish(_step(conn, following, importing))
    change_record(conn, held, changes, importing.account, importing.opinion)


def _columns_of_record(row: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    return ((column.name, row[column.name]) for column in records.columns)


def _step(conn: sa.Connection, row: Mapping[str, Any], importing: Importing) -> Step:
    return Step(
        conn,
        row,
        Deed.IMPORT,
        Outcome(State.PUBLISHED, changed=True),
        importing.account,
        importing.opinion or "",
        importing.now,
        importing.ids,
    )
