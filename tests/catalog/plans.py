"""Which statements a call sends, and which indexes the database would use for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

_INDEX = re.compile(r"\b(?:USING INDEX|using) (\w+)")


@dataclass(frozen=True)
class Sent:
    """A statement as it went to the database, with its parameters."""

    text: str
    parameters: Any

    def indexes(self, conn: sa.Connection) -> set[str]:
        """The indexes by which the database finds the rows; AssertionError where it reads all."""
        if conn.dialect.name == "sqlite":
            plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {self.text}", self.parameters).all()
            steps = [str(step[3]) for step in plan]
        else:
            # in a table of a few rows every index costs more than it saves
            conn.exec_driver_sql("SET LOCAL enable_seqscan = off")
            conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            plan = conn.exec_driver_sql(f"EXPLAIN {self.text}", self.parameters).all()
            steps = [str(step[0]) for step in plan]
        assert not [step for step in steps if "SCAN" in step or "Seq Scan" in step], steps
        return {found for step in steps for found in _INDEX.findall(step)}


@contextmanager
def statements_of(conn: sa.Connection) -> Iterator[list[Sent]]:
    """Collect what is sent over a connection inside the block."""
    seen: list[Sent] = []

    def note(_conn: Any, _cursor: Any, text: str, parameters: Any, *_: Any) -> None:
        seen.append(Sent(text, parameters))

    sa.event.listen(conn, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(conn, "before_cursor_execute", note)
