"""The sequence of changes of the public catalogue: whatever follows it reads on from a number.

A number is given when a change is written, not when it is committed, so a lower one may become
visible after a higher one; a reader looks again at the numbers that were missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from catalog.tables import catalogue_changes as table
from catalog.tables import records


def note_change(conn: sa.Connection, resource_id: str, at: datetime) -> None:
    """What the public sees of a record changed in this transaction."""
    conn.execute(sa.insert(table).values(resource_id=resource_id, at=at))


def note_changes(conn: sa.Connection, resource_ids: Iterable[str], at: datetime) -> None:
    """As `note_change`, for many records at once."""
    rows = [{"resource_id": resource_id, "at": at} for resource_id in resource_ids]
    if rows:
        conn.execute(sa.insert(table), rows)


def note_department(conn: sa.Connection, department_id: str, at: datetime) -> None:
    """The name or the aliases of a department changed, which its records are found by."""
    published = (
        sa.select(records.c.resource_id)
        .where(records.c.department_id == department_id, records.c.published_version.is_not(None))
        .order_by(records.c.resource_id)
    )
    note_changes(conn, conn.scalars(published).all(), at)
