"""The right to read: finding the grant behind a call, and the items it allows."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from catalog.clock import shown_in_china
from catalog.grant_errors import (
    GrantExpired,
    GrantNotYetValid,
    GrantRevoked,
    ItemNotGranted,
    NoGrant,
    OtherPurpose,
    RightRefused,
)
from catalog.tables import grants as table


@dataclass(frozen=True, slots=True)
class Grant:
    """Application × record × items × purpose × period; `valid_until` is the first instant outside.

    `items` are item ids in the record's order.
    """

    grant_id: str
    account: str
    resource_id: str
    items: tuple[str, ...]
    purpose: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and self.valid_from <= now < self.valid_until


COLUMNS = (
    table.c.grant_id,
    table.c.account,
    table.c.resource_id,
    sa.type_coerce(table.c["items"], sa.Text).label("items"),
    table.c.purpose,
    table.c.valid_from,
    table.c.valid_until,
    table.c.revoked_at,
)
_HELD = (
    sa.select(*COLUMNS)
    .where(
        table.c.account.in_(sa.bindparam("accounts", expanding=True)),
        table.c.resource_id.in_(sa.bindparam("resources", expanding=True)),
    )
    .order_by(table.c.grant_id.desc())
)


def read_grant(row: sa.Row[*tuple[Any, ...]]) -> Grant:
    """A row of COLUMNS as a value."""
    grant_id, account, resource_id, items, purpose, valid_from, valid_until, revoked_at = row
    return Grant(
        grant_id,
        account,
        resource_id,
        tuple(json.loads(items)),
        purpose,
        valid_from,
        valid_until,
        revoked_at,
    )


def held_grants(
    conn: sa.Connection, accounts: Collection[str], resources: Collection[str]
) -> list[Grant]:
    """All grants of these accounts on these resources, newest first. One indexed SELECT."""
    wanted = {"accounts": list(accounts), "resources": list(resources)}
    return [read_grant(row) for row in conn.execute(_HELD, wanted)]


def find_right(
    conn: sa.Connection,
    *,
    account: str,
    resource_id: str,
    purpose: str,
    now: datetime,
    items: Collection[str] = (),
) -> Grant:
    """The grant that allows a call, read from the database; see `choose_right`."""
    held = held_grants(conn, [account], [resource_id])
    return choose_right(
        held, account=account, resource_id=resource_id, purpose=purpose, now=now, items=items
    )


def choose_right(
    held: Sequence[Grant],
    *,
    account: str,
    resource_id: str,
    purpose: str,
    now: datetime,
    items: Collection[str] = (),
) -> Grant:
    """Of all grants of the account on the resource, newest first, the one that allows a call.

    Of several live grants for the purpose the newest that holds all `items` is taken, else the
    newest. Raises NoGrant, OtherPurpose, GrantNotYetValid, GrantExpired or GrantRevoked.
    """
    fitting = [grant for grant in held if grant.purpose == purpose]
    live = [grant for grant in fitting if grant.is_live(now)]
    if not live:
        raise _refusal(held, fitting, account, resource_id, purpose, now)
    wanted = set(items)
    return next((grant for grant in live if wanted.issubset(grant.items)), live[0])


def _refusal(
    held: Sequence[Grant],
    fitting: Sequence[Grant],
    account: str,
    resource_id: str,
    purpose: str,
    now: datetime,
) -> RightRefused:
    if not held:
        return NoGrant(account, resource=resource_id)
    if not fitting:
        granted = tuple(sorted({grant.purpose for grant in held}))
        return OtherPurpose(account, resource=resource_id, purpose=purpose, granted=granted)
    newest = fitting[0]
    if newest.revoked_at is not None:
        return GrantRevoked(newest.grant_id, resource_id, shown_in_china(newest.revoked_at))
    if now < newest.valid_from:
        return GrantNotYetValid(newest.grant_id, resource_id, shown_in_china(newest.valid_from))
    return GrantExpired(newest.grant_id, resource_id, shown_in_china(newest.valid_until))


def granted_items(grant: Grant, asked: Collection[str] | None) -> tuple[str, ...]:
    """The items to answer: those asked for, in the order asked, or all granted ones.

    Raises ItemNotGranted naming the first item outside the grant.
    """
    if not asked:
        return grant.items
    for item in asked:
        if item not in grant.items:
            raise ItemNotGranted(grant.grant_id, resource=grant.resource_id, item=item)
    return tuple(dict.fromkeys(asked))


def end_rights(conn: sa.Connection, resource_id: str, account: str, now: datetime) -> int:
    """Revoke every grant of a resource, as its withdrawal does, and say how many there were."""
    statement = sa.update(table).where(
        table.c.resource_id == resource_id, table.c.revoked_at.is_(None)
    )
    return conn.execute(statement.values(revoked_at=now, revoked_by=account)).rowcount
