"""Drafts (待补目录草稿): what was found of a resource elsewhere, and what is left to decide."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

import sqlalchemy as sa

from catalog.clock import Clock
from catalog.database import take_turns
from catalog.draft_errors import InvalidSource
from catalog.tables import drafts as table
from standards.documents import canonical_json
from standards.normalised import folded

_SOURCE = re.compile(r"[a-z][a-z0-9_-]{1,30}")
_AT_ONCE = 500
_LONGEST = 400


class DraftState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    DROPPED = "dropped"

    @property
    def zh(self) -> str:
        return DRAFT_STATE_NAMES[self]


DRAFT_STATE_NAMES: Mapping[DraftState, str] = {
    DraftState.OPEN: "待补",
    DraftState.CLAIMED: "认领",
    DraftState.DROPPED: "舍弃",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing a person has to decide before a draft is a record.

    `path` is the field of the record; `value` is what was found for it and cannot be used as it
    is, None where nothing was found.
    """

    path: str
    zh: str
    en: str
    value: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The decision as answers and stored rows say it."""
        return {"path": self.path, "value": self.value, "zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Draft:
    """A record in the making: `document` holds what is known, in the field names of records.

    `source` and `position` (from 0) say where it was found, and so which draft it is. `found` keeps
    what else the source said and no field of a record takes as it is.
    """

    source: str
    position: int
    name: str
    department_name: str
    document: Mapping[str, Any]
    decisions: tuple[Decision, ...]
    found: Mapping[str, Any] = field(default_factory=dict)

    @property
    def draft_id(self) -> str:
        return draft_id_of(self.source, self.position)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of drafts: `settled` ones were claimed or dropped before and stay as they are."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    settled: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(*(getattr(self, name) + value for name, value in asdict(other).items()))


def draft_id_of(source: str, position: int) -> str:
    """The id of the draft at a position of a source; ids sort as the positions do."""
    return f"{source}-{position:06d}"


def title_key(name: str) -> str:
    """Titles that differ in blanks, width or case alone are the same title."""
    return "".join(folded(name).split())


def check_source(source: str) -> str:
    """The name of a source, or InvalidSource."""
    if _SOURCE.fullmatch(source) is None:
        raise InvalidSource(source)
    return source


def keep_drafts(conn: sa.Connection, drafts: Iterable[Draft], clock: Clock) -> Kept:
    """Keep drafts; the same again changes nothing, other content is followed while a draft is open.

    Within a source, drafts that bear the title of an earlier one are marked with it. Raises
    InvalidSource.
    """
    take_turns(conn, "drafts")
    now, kept, sources = clock.now(), Kept(), set()
    for batch in _batches(drafts):
        kept += _keep(conn, [_row(draft, now) for draft in batch])
        sources |= {draft.source for draft in batch}
    for source in sorted(sources):
        _mark_repeated(conn, source)
    return kept


def _batches(drafts: Iterable[Draft]) -> Iterator[list[Draft]]:
    waiting = iter(drafts)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    content = {
        "document": dict(draft.document),
        "decisions": [decision.as_json() for decision in draft.decisions],
        "found": dict(draft.found),
        "name": draft.name[:_LONGEST],
        "department_name": draft.department_name[:_LONGEST],
    }
    return {
        "draft_id": draft_id_of(check_source(draft.source), draft.position),
        "source": draft.source,
        "position": draft.position,
        **content,
        "sha256": hashlib.sha256(canonical_json(content).encode()).hexdigest(),
        "duplicate_of": None,
        "state": DraftState.OPEN,
        "imported_at": now,
    }


def _keep(conn: sa.Connection, rows: Sequence[dict[str, Any]]) -> Kept:
    ids = [row["draft_id"] for row in rows]
    query = sa.select(table.c.draft_id, table.c.sha256, table.c.state)
    held = {row.draft_id: row for row in conn.execute(query.where(table.c.draft_id.in_(ids)))}
    new = [row for row in rows if row["draft_id"] not in held]
    other = [
        row
        for row in rows
        if row["draft_id"] in held and held[row["draft_id"]].sha256 != row["sha256"]
    ]
    follow = [row for row in other if held[row["draft_id"]].state == DraftState.OPEN]
    if new:
        conn.execute(sa.insert(table), new)
    if follow:
        _follow(conn, follow)
    settled = len(other) - len(follow)
    return Kept(len(new), len(follow), len(rows) - len(new) - len(other), settled)


_CONTENT = ("name", "department_name", "document", "decisions", "found", "sha256", "imported_at")


def _follow(conn: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    values = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in _CONTENT}
    same = (table.c.draft_id == sa.bindparam("which")) & (table.c.state == DraftState.OPEN)
    conn.execute(
        sa.update(table).where(same).values(values),
        [{"which": row["draft_id"], **{f"new_{n}": row[n] for n in _CONTENT}} for row in rows],
    )


def _mark_repeated(conn: sa.Connection, source: str) -> None:
    query = sa.select(table.c.draft_id, table.c.name, table.c.duplicate_of)
    rows = conn.execute(query.where(table.c.source == source).order_by(table.c.draft_id)).all()
    first: dict[str, str] = {}
    changes = []
    for row in rows:
        earlier = first.setdefault(title_key(row.name), row.draft_id)
        repeats = None if earlier == row.draft_id else earlier
        if repeats != row.duplicate_of:
            changes.append({"which": row.draft_id, "repeats": repeats})
    if changes:
        statement = sa.update(table).where(table.c.draft_id == sa.bindparam("which"))
        conn.execute(statement.values(duplicate_of=sa.bindparam("repeats")), changes)
