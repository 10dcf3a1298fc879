"""The workers that are there: one row each, renewed while it lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from catalog.tables import workers as table

# A worker says every few seconds that it is there; unseen for this long it counts for nothing.
UNSEEN = timedelta(seconds=15)
_FORGOTTEN = timedelta(days=1)


def seen(conn: sa.Connection, worker_id: str, now: datetime, *, standby: bool) -> None:
    """Say that a worker is there; the first time registers it."""
    statement = sa.update(table).where(table.c.worker_id == worker_id).values(seen_at=now)
    if conn.execute(statement).rowcount:
        return
    conn.execute(sa.delete(table).where(table.c.seen_at < now - _FORGOTTEN))
    row = {"worker_id": worker_id, "standby": standby, "started_at": now, "seen_at": now}
    conn.execute(sa.insert(table).values(row))


def remove(conn: sa.Connection, worker_id: str) -> None:
    """A worker says that it goes."""
    conn.execute(sa.delete(table).where(table.c.worker_id == worker_id))


def working(
    conn: sa.Connection, now: datetime, *, gone: Callable[[str], bool] = lambda _: False
) -> bool:
    """Whether a worker that is no standby is alive: seen lately, and not known to be `gone`."""
    return any(not gone(each) for each in _alive(conn, now, table.c.standby.is_(False)))


def alive(conn: sa.Connection, now: datetime) -> list[str]:
    """The ids of all workers seen lately, standby or not."""
    return _alive(conn, now, sa.true())


def _alive(conn: sa.Connection, now: datetime, which: sa.ColumnElement[bool]) -> list[str]:
    query = sa.select(table.c.worker_id).where(table.c.seen_at > now - UNSEEN, which)
    return list(conn.scalars(query.order_by(table.c.worker_id)))
