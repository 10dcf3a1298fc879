"""Writes the audit lines of calls that were worked out from remembered rights, if those hold.

The database is asked after the calls came: a key or a grant that was revoked before one of them
came is seen, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from catalog.audit import AuditLine, AuditStore
from catalog.audit_writer import COLUMNS, FROM_JSON, Row, as_json
from catalog.database import Database
from catalog.database_urls import schema_of
from catalog.direct import Direct
from catalog.lake_errors import AuditNotWritten

_REVISION = "SELECT revision FROM rights_revision"


@dataclass(frozen=True, slots=True)
class ReadyLines:
    """Lines made ready to be written; `together` is their parameter of the one statement."""

    rows: list[Row]
    together: str | None
    request_id: str


class ConfirmedAudit:
    """Written from one thread at a time.

    Where catalogue and audit store are one PostgreSQL database, one statement does both: one trip
    to the server, and rights and lines are of one moment.
    """

    def __init__(self, database: Database, audit: AuditStore) -> None:
        self._audit = audit
        self._direct = Direct(database.engine)
        self._together = _statement(database.engine.url, audit.url, database.engine.dialect)

    def ready(self, lines: Sequence[AuditLine]) -> ReadyLines:
        """Make lines ready: what takes time and waits for nothing."""
        rows = self._audit.rows(lines)
        together = None if self._together is None else as_json(rows)
        return ReadyLines(rows, together, lines[0].request_id)

    def write(self, revision: int, lines: ReadyLines) -> bool:
        """Whether the rights of this revision hold; if so, all lines are durable.

        AuditNotWritten where the database cannot tell or the lines cannot be written.
        """
        try:
            if self._together is not None:
                written = self._direct.write(self._together, [lines.together, revision])
                return written == len(lines.rows)
            [(current,)] = self._direct.rows(_REVISION)
        except sa.exc.SQLAlchemyError as error:
            raise AuditNotWritten(lines.request_id) from error
        if current != revision:
            return False
        self._audit.write_rows(lines.rows, lines.request_id)
        return True

    def close(self) -> None:
        self._direct.close()


def _statement(catalogue: sa.URL, audit: sa.URL, dialect: sa.Dialect) -> str | None:
    """The one statement, for a connection to the catalogue; None where they lie apart."""
    schema = schema_of(audit)
    if dialect.name != "postgresql" or schema is None or not _is_same(catalogue, audit):
        return None
    table = f"{dialect.identifier_preparer.quote(schema)}.audit_lines"
    return f"INSERT INTO {table} ({COLUMNS}) {FROM_JSON} WHERE ({_REVISION}) = %s"


def _is_same(one: sa.URL, other: sa.URL) -> bool:
    """Whether two URLs lead the same user to the same database, whatever the schema."""
    return one.difference_update_query(["options"]) == other.difference_update_query(["options"])
