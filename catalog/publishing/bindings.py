"""Binding (挂接): what a record is bound to, and how many published records are bound to something.

A table or files are bound before anything is there: they will be delivered to `incoming/`. Such a
binding counts from the first delivery that was loaded; an interface is its address, and counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.deliveries import DeliveryState
from catalog.publish_errors import NotBound, UnfitBinding
from catalog.publishing.step import Step
from catalog.tables import bindings as table
from catalog.tables import deliveries, record_versions, records
from standards.documents import as_mapping
from standards.records import ResourceKind, kind_of

NOT_SHARED = 3
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*")
# what is described as a table may be handed out as files or by an interface too, but not converse
_FITTING: Mapping[ResourceKind, tuple[ResourceKind, ...]] = {
    ResourceKind.TABLE: tuple(ResourceKind),
    ResourceKind.FILE: (ResourceKind.FILE, ResourceKind.INTERFACE),
    ResourceKind.INTERFACE: (ResourceKind.INTERFACE,),
}


@dataclass(frozen=True, slots=True)
class Binding:
    """`number` counts the bindings of a record; `ended_at` is None while it holds."""

    number: int
    kind: ResourceKind
    target: str
    bound_by: str
    bound_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BindingRate:
    """Of the published records that are to be shared, views of the platform aside: how many are
    bound, and bound to something that is not empty. `rate` (资源挂接率) is of the latter."""

    department_id: str | None
    published: int
    bound: int
    filled: int

    @property
    def rate(self) -> float | None:
        return self.filled / self.published if self.published else None


def bind(step: Step) -> bool:
    """Bind the record; False where it is bound so already. UnfitBinding."""
    kind, target = _wanted(step.resource_id, step.document, step.details.kind, step.details.target)
    last = 0
    for found in list_bindings(step.conn, step.resource_id):
        if (found.kind, found.target, found.ended_at) == (kind, target, None):
            return False
        last = found.number
    row = {
        "resource_id": step.resource_id,
        "number": last + 1,
        "kind": kind,
        "target": target,
        "bound_by": step.account,
        "bound_at": step.now,
    }
    step.conn.execute(sa.insert(table).values(row))
    return True


def unbind(step: Step) -> bool:
    """End the bindings of this kind and target, of all that are not named; False where they have
    ended already. NotBound where there never was one."""
    kind, target = step.details.kind, step.details.target
    meant = [
        found
        for found in list_bindings(step.conn, step.resource_id)
        if kind in {None, found.kind} and target in {None, found.target}
    ]
    if not meant:
        raise NotBound(step.resource_id)
    return end_bindings(step.conn, step.resource_id, step.now, [found.number for found in meant])


def end_bindings(
    conn: sa.Connection, resource_id: str, now: datetime, numbers: list[int] | None = None
) -> bool:
    """End these bindings of a record, or all; whether any held."""
    which = (table.c.resource_id == resource_id) & table.c.ended_at.is_(None)
    if numbers is not None:
        which &= table.c.number.in_(numbers)
    return bool(conn.execute(sa.update(table).where(which).values(ended_at=now)).rowcount)


def _wanted(
    resource_id: str, document: Mapping[str, Any], asked: str | None, named: str | None
) -> tuple[ResourceKind, str]:
    """Kind and target as asked for; by default what the record itself says it is."""
    own = kind_of(document)
    fitting = _FITTING[own]
    if asked is not None and asked not in fitting:
        words = "、".join(fitting), ", ".join(fitting)
        raise _unfit(resource_id, asked, named, f"可以是 {words[0]}", f"it may be {words[1]}")
    kind = own if asked is None else ResourceKind(asked)
    if kind is not ResourceKind.INTERFACE:
        return kind, named or f"incoming/{resource_id}"
    target = named or str(as_mapping(document.get("interface")).get("url") or "")
    if _ADDRESS.fullmatch(target) is None:
        zh, en = "请给出以 http(s):// 开头的地址", "give an address that begins with http(s)://"
        raise _unfit(resource_id, kind, target, zh, en)
    return kind, target


def _unfit(resource_id: str, kind: str, target: str | None, zh: str, en: str) -> UnfitBinding:
    return UnfitBinding(resource_id, kind, target or "", zh, en)


def list_bindings(conn: sa.Connection, resource_id: str) -> list[Binding]:
    """What a record is and was bound to, oldest first."""
    query = sa.select(
        table.c.number,
        table.c.kind,
        table.c.target,
        table.c.bound_by,
        table.c.bound_at,
        table.c.ended_at,
    ).where(table.c.resource_id == resource_id)
    rows = conn.execute(query.order_by(table.c.number))
    return [
        Binding(number, ResourceKind(kind), target, by, at, ended)
        for number, kind, target, by, at, ended in rows
    ]


_IS_BOUND = (
    sa.select(table.c.number)
    .where(table.c.resource_id == records.c.resource_id, table.c.ended_at.is_(None))
    .correlate(records)
)
_LOADED = (
    sa.select(deliveries.c.delivery_id)
    .where(
        deliveries.c.resource_id == table.c.resource_id,
        deliveries.c.state == DeliveryState.LOADED,
        (deliveries.c.accepted > 0) | (deliveries.c.files > 0),
    )
    .correlate(table)
)


def binding_rates(conn: sa.Connection, department: str | None = None) -> list[BindingRate]:
    """The rate of each department that has published something to share, by its id."""
    is_filled = _IS_BOUND.where((table.c.kind == ResourceKind.INTERFACE) | _LOADED.exists())
    query = (
        sa.select(
            records.c.department_id,
            sa.func.count(),
            sa.func.sum(sa.case((_IS_BOUND.exists(), 1), else_=0)),
            sa.func.sum(sa.case((is_filled.exists(), 1), else_=0)),
        )
        .join_from(
            records,
            record_versions,
            (record_versions.c.resource_id == records.c.resource_id)
            & (record_versions.c.version == records.c.published_version),
        )
        .where(record_versions.c.share_type != NOT_SHARED, records.c.is_view.is_(sa.false()))
        .group_by(records.c.department_id)
        .order_by(records.c.department_id)
    )
    if department is not None:
        query = query.where(records.c.department_id == department)
    return [BindingRate(name, *map(int, counts)) for name, *counts in conn.execute(query)]


def total_of(rates: list[BindingRate]) -> BindingRate:
    """The rate of all departments together."""
    return BindingRate(
        None,
        sum(each.published for each in rates),
        sum(each.bound for each in rates),
        sum(each.filled for each in rates),
    )
