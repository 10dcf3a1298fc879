"""Leases: one writer per name, with a number that grows at every change of hands (fencing)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from catalog.lake_errors import LeaseHeld, LeaseLost
from catalog.tables import leases as table


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write under a name until `expires_at`; a greater fence is a later writer."""

    name: str
    holder: str
    fence: int
    expires_at: datetime


def acquire(conn: sa.Connection, name: str, holder: str, now: datetime, ttl: timedelta) -> Lease:
    """Take the lease, or LeaseHeld while another holder has it.

    The same holder may take it again; that gives a new fence and ends its older lease.
    """
    _ensure_row(conn, name, now)
    query = sa.select(table.c.holder, table.c.fence, table.c.expires_at).with_for_update()
    row = conn.execute(query.where(table.c.name == name)).one()
    if row.holder is not None and row.holder != holder and row.expires_at > now:
        raise LeaseHeld(name, holder=row.holder, expires_at=row.expires_at.isoformat())
    lease = Lease(name, holder, row.fence + 1, now + ttl)
    values = {"holder": holder, "fence": lease.fence, "expires_at": lease.expires_at}
    conn.execute(sa.update(table).where(table.c.name == name).values(**values))
    return lease


def _ensure_row(conn: sa.Connection, name: str, now: datetime) -> None:
    if conn.scalar(sa.select(table.c.fence).where(table.c.name == name)) is not None:
        return
    row = {"name": name, "holder": None, "fence": 0, "expires_at": now}
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(row))
    except sa.exc.IntegrityError:
        if conn.scalar(sa.select(table.c.fence).where(table.c.name == name)) is None:
            raise


def renew(conn: sa.Connection, lease: Lease, now: datetime, ttl: timedelta) -> Lease:
    """Hold the lease longer, or LeaseLost when it went to another writer meanwhile.

    An expired lease that nobody took can still be renewed: its fence is the newest.
    """
    longer = replace(lease, expires_at=now + ttl)
    statement = sa.update(table).where(_is(lease)).values(expires_at=longer.expires_at)
    if conn.execute(statement).rowcount != 1:
        raise LeaseLost(lease.name, holder=lease.holder)
    return longer


def release(conn: sa.Connection, lease: Lease) -> None:
    """Give the lease back; one that is no longer ours is left alone."""
    conn.execute(sa.update(table).where(_is(lease)).values(holder=None))


def evict(conn: sa.Connection, name: str, holder: str) -> None:
    """Take the lease from a holder known to be gone; if it went to another one, leave it there."""
    statement = sa.update(table).where(table.c.name == name, table.c.holder == holder)
    conn.execute(statement.values(holder=None))


def holder_of(conn: sa.Connection, name: str, now: datetime) -> str | None:
    """Who holds the lease, or None where it is free or has run out."""
    query = sa.select(table.c.holder).where(table.c.name == name, table.c.expires_at > now)
    return conn.scalar(query)


def is_newest(conn: sa.Connection, lease: Lease) -> bool:
    """Whether nobody has taken the lease since: a look that waits for no lock and takes none."""
    return conn.scalar(sa.select(table.c.fence).where(_is(lease))) is not None


def check_fence(conn: sa.Connection, lease: Lease) -> None:
    """LeaseLost unless this lease is still the newest of its name; call it before recording."""
    query = sa.select(table.c.fence).where(_is(lease)).with_for_update()
    if conn.scalar(query) is None:
        raise LeaseLost(lease.name, holder=lease.holder)


def _is(lease: Lease) -> sa.ColumnElement[bool]:
    return (
        (table.c.name == lease.name)
        & (table.c.holder == lease.holder)
        & (table.c.fence == lease.fence)
    )
