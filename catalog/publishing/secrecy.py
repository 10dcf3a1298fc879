"""The secrecy review (保密审查): who has signed which content, by its hash, before publication."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from catalog.publish_errors import OwnSecrecyReview, SecrecyUnsigned
from catalog.publishing.step import Step
from catalog.tables import secrecy_reviews as table


@dataclass(frozen=True, slots=True)
class SecrecyReview:
    """`impact_note` says what the content means for personal information, where that was said."""

    version: int
    sha256: str
    signed_by: str
    signed_at: datetime
    opinion: str
    impact_note: str | None


def sign(step: Step) -> bool:
    """Sign the version that is worked on; False where this account has signed this content.

    Raises OwnSecrecyReview: who wrote the content does not judge it.
    """
    version = step.version
    if version["author"] == step.account:
        raise OwnSecrecyReview(step.account, step.resource_id, version["version"])
    same = _of(step.resource_id, version["sha256"]) & (table.c.signed_by == step.account)
    if step.conn.scalar(sa.select(table.c.version).where(same)) is not None:
        return False
    row = {
        "resource_id": step.resource_id,
        "sha256": version["sha256"],
        "signed_by": step.account,
        "version": version["version"],
        "signed_at": step.now,
        "opinion": step.opinion,
        "impact_note": step.details.impact,
    }
    step.conn.execute(sa.insert(table).values(row))
    return True


def is_signed(
    conn: sa.Connection, resource_id: str, sha256: str, involved: Collection[str | None]
) -> bool:
    """Whether somebody else than those who wrote or submit it has signed this very content."""
    query = sa.select(table.c.signed_by).where(_of(resource_id, sha256))
    return any(signer not in involved for signer in conn.scalars(query))


def require_signed(step: Step) -> None:
    """Raise SecrecyUnsigned; what the platform installs itself, its base views, needs no review."""
    version = step.version
    involved = (step.row["submitted_by"], version["author"])
    if step.row["is_view"]:
        return
    if not is_signed(step.conn, step.resource_id, version["sha256"], involved):
        raise SecrecyUnsigned(step.resource_id, version["version"], action=step.action)


def list_reviews(conn: sa.Connection, resource_id: str) -> list[SecrecyReview]:
    """Every sign-off of a record, oldest first."""
    query = sa.select(
        table.c.version,
        table.c.sha256,
        table.c.signed_by,
        table.c.signed_at,
        table.c.opinion,
        table.c.impact_note,
    ).where(table.c.resource_id == resource_id)
    order = query.order_by(table.c.signed_at, table.c.version, table.c.signed_by)
    return [SecrecyReview(*row) for row in conn.execute(order)]


def _of(resource_id: str, sha256: str) -> sa.ColumnElement[bool]:
    return (table.c.resource_id == resource_id) & (table.c.sha256 == sha256)
