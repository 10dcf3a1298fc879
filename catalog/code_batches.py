"""Resource codes for many records at once: issued in runs, kept where a record brings its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from catalog.tables import code_fronts as table

_Count = sa.ColumnElement[int]
# a serial that the counter could not go on from is no serial
MOST_DIGITS = 15


def issue_codes(conn: sa.Connection, fronts: Iterable[str]) -> list[str]:
    """A code for each front code given, in their order; as `codes.issue_code`, none comes twice."""
    wanted = list(fronts)
    counted = Counter(wanted)
    following = {front: last - counted[front] for front, last in _count_on(conn, counted).items()}
    codes = []
    for front in wanted:
        following[front] += 1
        codes.append(f"{front}/{following[front]}")
    return codes


def _count_on(conn: sa.Connection, counted: Mapping[str, int]) -> dict[str, int]:
    _execute(conn, _upsert(conn, lambda held, given: held + given), counted)
    query = sa.select(table.c.front, table.c.last_issued).where(table.c.front.in_(list(counted)))
    return {row.front: row.last_issued for row in conn.execute(query)}


def reserve_codes(conn: sa.Connection, codes: Iterable[str]) -> None:
    """Let the counters stand behind the codes that records bring, so that none is issued again."""
    highest: dict[str, int] = {}
    for code in codes:
        front, _, serial = code.partition("/")
        if len(serial) <= MOST_DIGITS:
            highest[front] = max(highest.get(front, 0), int(serial))
    _execute(conn, _upsert(conn, _greater), highest)


def _greater(held: _Count, given: _Count) -> _Count:
    return sa.case((held > given, held), else_=given)


def _upsert(conn: sa.Connection, combine: Callable[[_Count, _Count], _Count]) -> sa.Executable:
    insert = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    following = combine(table.c.last_issued, statement.excluded.last_issued)
    return statement.on_conflict_do_update(
        index_elements=[table.c.front], set_={"last_issued": following}
    )


def _execute(conn: sa.Connection, statement: sa.Executable, values: Mapping[str, int]) -> None:
    # in one order, so that two who count on the same fronts wait for each other and not crosswise
    rows = [{"front": front, "last_issued": values[front]} for front in sorted(values)]
    if rows:
        conn.execute(statement, rows)
