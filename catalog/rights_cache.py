"""Keys and grants kept in memory, and used only where the database says that nothing has changed.

Triggers raise `rights_revision` in the transaction of every change of accounts, keys and grants,
whoever makes it. As long as the number is the one under which an entry was read, the entry is what
the database holds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import sqlalchemy as sa

from catalog import accounts, rights
from catalog.accounts import HeldKey
from catalog.database import Database
from catalog.rights import Grant
from catalog.tables import rights_revision

MOST_ENTRIES = 20_000
Wanted: TypeAlias = tuple[str, str]
"""The hash of a key, and the resource that is asked about."""

_READ_REVISION = sa.select(rights_revision.c.revision)


@dataclass(frozen=True, slots=True)
class HeldRights:
    """A key, and the grants of its account on one resource, newest first."""

    key: HeldKey
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class RightsAsOf:
    """What keys open as of one revision; the rights of unknown keys are missing."""

    revision: int
    held: Mapping[Wanted, HeldRights]


class RightsCache:
    """The rights that were asked for last. Safe for threads.

    Neither time nor purpose is judged here: entries hold whatever there is, revoked and expired
    keys and grants too. Keys that nobody has are never kept, so guessing does not fill the memory.
    """

    def __init__(self, database: Database, *, most: int = MOST_ENTRIES) -> None:
        self._database = database
        self._most = most
        self._lock = threading.Lock()
        self._revision: int | None = None
        self._entries: OrderedDict[Wanted, HeldRights] = OrderedDict()

    def remembered(self, wanted: Collection[Wanted]) -> RightsAsOf | None:
        """All of these rights out of memory, without waiting for anything, or None.

        They are no more than a guess until the database has confirmed their revision.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            entries = self._entries
            if self._revision is None or not all(each in entries for each in wanted):
                return None
            for each in wanted:
                entries.move_to_end(each)
            return RightsAsOf(self._revision, {each: entries[each] for each in wanted})
        finally:
            self._lock.release()

    def read(self, wanted: Collection[Wanted]) -> RightsAsOf:
        """Read these rights from one state of the database, and remember them.

        A database that does not answer is SQLAlchemy's error.
        """
        # Held until what was read is kept: nobody can put back an older state in between.
        with self._lock:
            with self._database.reading() as conn:
                revision = conn.execute(_READ_REVISION).scalar_one()
                held = _read(conn, wanted)
            if revision != self._revision:
                self._entries.clear()
                self._revision = revision
            self._entries.update(held)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
            return RightsAsOf(revision, held)


def _read(conn: sa.Connection, wanted: Collection[Wanted]) -> dict[Wanted, HeldRights]:
    keys = accounts.find_keys(conn, {key for key, _ in wanted})
    if not keys:
        return {}
    names = {held.account.name for held in keys.values()}
    grants = rights.held_grants(conn, names, {resource for _, resource in wanted})
    return {
        (key, resource): HeldRights(
            held,
            tuple(
                grant
                for grant in grants
                if grant.account == held.account.name and grant.resource_id == resource
            ),
        )
        for key, resource in wanted
        if (held := keys.get(key)) is not None
    }
