"""Bulk import: many complete records at once, published as they are or as departments' drafts.

Each passed the validator before (`bulk_check`). A batch is written whole or not at all; the same
document again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from catalog import departments, registers
from catalog.bulk_check import CheckedLine, Checks, check_lines
from catalog.bulk_rows import follow_document, insert_new
from catalog.clock import Clock
from catalog.code_batches import reserve_codes
from catalog.database import take_turns
from catalog.ids import Ids, SystemIds
from catalog.life_cycle import State
from catalog.publishing.negative_list import NOT_SHARED
from catalog.roles import Actor
from catalog.tables import record_versions, records
from standards.code_lists import CodeLists, load_code_lists
from standards.documents import canonical_json
from standards.faults import error
from standards.violations import Violation


class Became(StrEnum):
    """What became of a line."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Importing:
    """Who imports, when, and whether the records are published with it; `departments` leads from
    credit codes to ids."""

    account: str
    opinion: str | None
    publish: bool
    now: datetime
    ids: Ids
    departments: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineResult:
    """What became of a line, and what is wrong with it where it was refused."""

    number: int
    resource_id: str | None
    became: Became
    faults: tuple[Violation, ...] = ()


def import_records(
    conn: sa.Connection,
    documents: Iterable[Mapping[str, Any]],
    actor: Actor,
    clock: Clock,
    *,
    publish: bool,
    opinion: str | None = None,
    code_lists: CodeLists | None = None,
    ids: Ids | None = None,
) -> list[LineResult]:
    """Check and write documents in the transaction of the caller, numbered from 1."""
    now = clock.now()
    known = registers.read(conn)
    checks = Checks(code_lists or load_code_lists(), known, publish, actor.name, now)
    lines = [(number, canonical_json(each)) for number, each in enumerate(documents, 1)]
    checked = check_lines(lines, checks)
    importing = Importing(
        actor.name, opinion, publish, now, ids or SystemIds(), department_ids(conn)
    )
    reserve_codes(conn, [line.resource_code for line in checked if line.resource_code])
    return write_lines(conn, checked, importing)


def department_ids(conn: sa.Connection) -> dict[str, str]:
    """The ids of all departments by their credit codes."""
    return {each.code: each.department_id for each in departments.list_all(conn)}


def write_lines(
    conn: sa.Connection, lines: Sequence[CheckedLine], importing: Importing
) -> list[LineResult]:
    """Write one batch. What the catalogue already holds otherwise is refused line by line."""
    take_turns(conn, "record-import")
    held = _held(conn, [line.resource_id for line in lines if line.resource_id])
    owners = _owners_of(conn, [line.resource_code for line in lines if line.resource_code])
    results: list[LineResult] = []
    new: list[CheckedLine] = []
    for line in lines:
        row = held.get(line.resource_id or "")
        faults = line.faults or tuple(_refusals(line, row, owners, importing))
        became = Became.REFUSED if faults else _became(line, row)
        results.append(LineResult(line.number, line.resource_id, became, faults))
        if became is Became.ADDED:
            new.append(line)
        elif became is Became.CHANGED and row is not None:
            follow_document(conn, row, line, importing)
    insert_new(conn, new, importing)
    return results


def _became(line: CheckedLine, row: Mapping[Any, Any] | None) -> Became:
    if row is None:
        return Became.ADDED
    same = row["sha256"] == line.version["sha256"]
    return Became.UNCHANGED if same else Became.CHANGED


def _held(conn: sa.Connection, resource_ids: Sequence[str]) -> dict[str, sa.RowMapping]:
    """The records that are there already, locked, each with the hash of its working version."""
    query = (
        sa.select(records, record_versions.c.sha256)
        .join(
            record_versions,
            (record_versions.c.resource_id == records.c.resource_id)
            & (record_versions.c.version == records.c.working_version),
        )
        .where(records.c.resource_id.in_(resource_ids))
        .order_by(records.c.resource_id)
        .with_for_update(of=records, key_share=True)
    )
    return {row["resource_id"]: row for row in conn.execute(query).mappings()}


def _owners_of(conn: sa.Connection, codes: Sequence[str]) -> dict[str, str]:
    """Which resource holds a code already; filled further as lines of the batch take theirs."""
    if not codes:
        return {}
    query = sa.select(records.c.resource_code, records.c.resource_id)
    rows = conn.execute(query.where(records.c.resource_code.in_(codes)))
    return {row.resource_code: row.resource_id for row in rows}


def _refusals(
    line: CheckedLine,
    row: Mapping[Any, Any] | None,
    owners: dict[str, str],
    importing: Importing,
) -> Iterable[Violation]:
    """Why a valid record cannot be written."""
    department_id = importing.departments.get(line.provider_code)
    if department_id is None:
        zh, en = "已登记部门的信用代码", "the credit code of a registered department"
        yield error("provider_code", line.provider_code, "record.provider_code.unknown", zh, en)
    if (
        importing.publish
        and line.version["share_type"] == NOT_SHARED
        and not all(line.basis or ("",))
    ):
        zh, en = "依据代码和条款：不予共享须有依据", "basis and clause: what bars the sharing"
        yield error("non_share_basis", None, "record.non_share_basis.required", zh, en)
    if line.resource_code is not None:
        owner = owners.setdefault(line.resource_code, str(line.resource_id))
        if owner != line.resource_id:
            rule = "record.resource_code.taken"
            zh, en = "没有其他资源占用的代码", "a code that no other resource holds"
            yield error("resource_code", line.resource_code, rule, zh, en)
    if row is not None:
        yield from _conflicts(line, row, department_id, importing)


def _conflicts(
    line: CheckedLine, row: Mapping[Any, Any], department_id: str | None, importing: Importing
) -> Iterable[Violation]:
    """What stands against a document in the record that has its id."""
    if row["is_view"] or row["department_id"] != department_id:
        zh, en = "未被占用的资源标识", "a resource id that is not taken"
        yield error("resource_id", line.resource_id, "record.resource_id.taken", zh, en)
        return
    same = row["sha256"] == line.version["sha256"]
    wanted = State.PUBLISHED if importing.publish else State.DRAFT
    if row["state"] != wanted and (not same or importing.publish):
        zh = f"状态为“{wanted.zh}”的记录；它现为“{State(row['state']).zh}”"
        en = f"a record in state {wanted.value}; it is in state {row['state']}"
        yield error("resource_id", line.resource_id, "record.state", zh, en)
    held = row["resource_code"]
    if held is not None and line.resource_code not in (None, held):
        zh, en = f"{held}：代码一经发放不再改变", f"{held}: a code never changes"
        yield error("resource_code", line.resource_code, "record.resource_code.frozen", zh, en)
    if held is not None and held.partition("/")[0] != line.front:
        zh, en = f"与已发放的代码 {held} 一致的分类", f"the classes that the code {held} stands for"
        yield error("classification", line.front, "record.classification.frozen", zh, en)


def refused_as_repeated(line: CheckedLine, first: int) -> CheckedLine:
    """The line as refused, since an earlier one of its file holds the resource."""
    zh, en = f"只写一次的标识；第 {first} 行已有", f"an id written once; line {first} has it"
    fault = error("resource_id", line.resource_id, "record.resource_id.repeated", zh, en)
    return CheckedLine(line.number, line.resource_id, (fault,))
