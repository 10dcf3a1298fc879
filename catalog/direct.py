"""A connection beside the pool for the statements of every call, each a transaction of its own.

A pool asks the server whether it is there, begins, commits and resets: four more trips to the
server for one statement. Here the driver is spoken to as it is.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


class Direct:
    """One kept connection, in autocommit, for one thread at a time; opened when first used.

    Every error is the one that SQLAlchemy would raise. The next statement connects anew.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._postgresql = engine.dialect.name == "postgresql"
        self._connection: Any = None

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """The rows of one reading statement."""
        try:
            return list(self._opened().execute(statement, parameters).fetchall())
        except self._errors as error:
            raise self._known(statement, error) from error

    def write(self, statement: str, parameters: Sequence[Any]) -> int:
        """Run one statement and count its rows, which are durable when this returns."""
        try:
            return int(self._opened().execute(statement, parameters).rowcount)
        except self._errors as error:
            raise self._known(statement, error) from error

    def write_rows(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row, on SQLite, all in one transaction."""
        try:
            connection = self._opened()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows)
            connection.execute("COMMIT")
        except self._errors as error:
            raise self._known(statement, error) from error

    def close(self) -> None:
        """Close the connection where there is one; an unfinished transaction is undone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @property
    def _errors(self) -> type[Exception]:
        error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        return error

    def _opened(self) -> Any:
        if self._connection is not None and self._postgresql and _has_word(self._connection):
            # Nothing was asked, so what the server says is that it goes away. Seen before the
            # statement is sent, no statement has to be sent twice.
            self.close()
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> Any:
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        if self._postgresql:
            connection.autocommit = True
            connection.prepare_threshold = 0
        return connection

    def _known(self, statement: str, error: Exception) -> BaseException:
        self.close()
        return sa.exc.DBAPIError.instance(
            statement,
            None,
            error,
            self._errors,
            hide_parameters=True,
            dialect=self._engine.dialect,
        )


def _has_word(connection: Any) -> bool:
    """Whether the server said something, or closed the line, since the last statement."""
    if connection.closed:
        return True
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
