"""Inserts audit lines, any number of them by one statement, in one commit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa

from catalog.audit_schema import audit_lines as table
from catalog.direct import Direct

if TYPE_CHECKING:
    from catalog.audit import AuditLine

_COLUMNS = (table.c.at, table.c.account, table.c.action, table.c.resource, table.c.line)
Row: TypeAlias = tuple[Any, ...]
"""A line as the driver takes it, in the order of the columns."""

_NAMES = tuple(column.name for column in _COLUMNS)
COLUMNS = ", ".join(_NAMES)
_SQLITE = f"INSERT INTO audit_lines ({COLUMNS}) VALUES (?, ?, ?, ?, ?)"
# All rows are one parameter: each by itself would be a trip to the server, and the driver takes
# longer to write arrays than the server takes to read this.
FROM_JSON = f"""SELECT {COLUMNS} FROM json_to_recordset(%s::json)
AS rows(at timestamptz, account text, action text, resource text, line text)"""
_POSTGRESQL = f"INSERT INTO audit_lines ({COLUMNS}) {FROM_JSON}"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)


class AuditWriter:
    """The one writing connection of a store; one thread at a time inserts."""

    def __init__(self, engine: sa.Engine) -> None:
        self._direct = Direct(engine)
        self._postgresql = engine.dialect.name == "postgresql"
        self._bind = [_binding(column, engine.dialect) for column in _COLUMNS]

    def row(self, line: AuditLine, text: str) -> Row:
        """The row of a line, whose canonical JSON is `text`."""
        at, account, action, resource, whole = self._bind
        return (
            at(line.at),
            account(line.account),
            action(line.action),
            resource(line.resource),
            whole(text),
        )

    def insert(self, rows: Sequence[Row]) -> None:
        """Write all rows or none; they are durable when this returns. SQLAlchemy's errors."""
        if self._postgresql:
            self._direct.write(_POSTGRESQL, [as_json(rows)])
        else:
            self._direct.write_rows(_SQLITE, rows)

    def close(self) -> None:
        self._direct.close()


def as_json(rows: Sequence[Row]) -> str:
    """The rows of PostgreSQL as the one parameter that FROM_JSON takes."""
    return _JSON.encode([dict(zip(_NAMES, row, strict=True)) for row in rows])


def _binding(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any]:
    """What SQLAlchemy itself does to a value of this column before the driver gets it."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
