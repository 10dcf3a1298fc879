"""Demands (数据需求): what somebody needs and did not find, kept for the authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from catalog.clock import Clock
from catalog.demand_errors import DemandNotFound, InvalidDemand, NumberInDemand
from catalog.ids import Ids
from catalog.roles import Actor
from catalog.tables import demands as table
from standards.identifiers.hide import without_numbers

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_QUERY = 200, 4000, 100
MOST_ITEMS, LONGEST_ITEM = 100, 100


class DemandState(StrEnum):
    SUBMITTED = "submitted"

    @property
    def zh(self) -> str:
        return _STATE_NAMES[self]


_STATE_NAMES = {DemandState.SUBMITTED: "已提交"}


@dataclass(frozen=True, slots=True)
class NewDemand:
    """What is wanted; `query` is what had been searched for in vain."""

    title: str
    description: str = ""
    items: tuple[str, ...] = ()
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    demand_id: str
    state: DemandState
    title: str
    description: str
    items: tuple[str, ...]
    query: str | None
    account: str
    department_id: str
    submitted_at: datetime


def submit(conn: sa.Connection, new: NewDemand, actor: Actor, ids: Ids, clock: Clock) -> Demand:
    """Keep a demand; the same one of the same account again is the one that is there.

    Raises InvalidDemand and NumberInDemand.
    """
    _check(new)
    for known in _of_account(conn, actor.name, new.title):
        if (known.description, known.items) == (new.description, new.items):
            return known
    row = {
        "demand_id": ids.new(),
        "state": DemandState.SUBMITTED,
        "title": new.title,
        "description": new.description,
        "items": list(new.items),
        "query": new.query,
        "account": actor.name,
        "department_id": actor.department_id,
        "submitted_at": clock.now(),
    }
    conn.execute(sa.insert(table).values(row))
    return require(conn, str(row["demand_id"]))


def require(conn: sa.Connection, demand_id: str) -> Demand:
    """The demand, or DemandNotFound."""
    row = conn.execute(sa.select(table).where(table.c.demand_id == demand_id)).first()
    if row is None:
        raise DemandNotFound(demand_id)
    return _demand(row)


def list_demands(
    conn: sa.Connection,
    *,
    department: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Demand]:
    """Demands of all or of one department, newest first."""
    query = sa.select(table).order_by(table.c.demand_id.desc()).limit(limit)
    if department is not None:
        query = query.where(table.c.department_id == department)
    if before is not None:
        query = query.where(table.c.demand_id < before)
    return [_demand(row) for row in conn.execute(query)]


def _of_account(conn: sa.Connection, account: str, title: str) -> list[Demand]:
    query = sa.select(table).where(table.c.account == account, table.c.title == title)
    return [_demand(row) for row in conn.execute(query)]


def _check(new: NewDemand) -> None:
    if not new.title.strip():
        raise InvalidDemand("title", "不能为空", "is empty")
    _check_length("title", [new.title], LONGEST_TITLE)
    _check_length("description", [new.description], LONGEST_DESCRIPTION)
    _check_length("query", [new.query or ""], LONGEST_QUERY)
    _check_length("items", new.items, LONGEST_ITEM)
    if len(new.items) > MOST_ITEMS:
        raise InvalidDemand("items", f"最多 {MOST_ITEMS} 项", f"has more than {MOST_ITEMS}")
    texts = {
        "title": new.title,
        "description": new.description,
        "query": new.query or "",
        "items": "\n".join(new.items),
    }
    for field, text in texts.items():
        if without_numbers(text) != text:
            raise NumberInDemand(field)


def _check_length(field: str, texts: Sequence[str], longest: int) -> None:
    if any(len(text) > longest for text in texts):
        raise InvalidDemand(field, f"最多 {longest} 个字符", f"has more than {longest} characters")


def _demand(row: sa.Row[*tuple[object, ...]]) -> Demand:
    facts = dict(row._mapping)
    return Demand(**{**facts, "state": DemandState(facts["state"]), "items": tuple(facts["items"])})
