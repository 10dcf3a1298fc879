"""Stage a text while it is still being inspected: nearly every file turns out as its header says.

The inspection (decode, count, look for odd characters) and the engine's reading need the same time
and different cores. What was staged counts only if the inspection ends with the very same SQL;
else it is thrown away and the file is read as the inspection says.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.check_sql import plan_checks, stage_sql
from ingest.csv_source import expected_source
from ingest.refusals import FileRefused
from standards.code_lists import CodeLists
from standards.records import Record


class Ahead:
    """A staging that runs in a thread of its own; `sql` is what it runs, None for none."""

    def __init__(self, con: duckdb.DuckDBPyConnection, sql: str | None) -> None:
        self.sql = sql
        self._con = con.cursor()
        self._pool = ThreadPoolExecutor(1)
        self._running = None if sql is None else self._pool.submit(self._con.execute, sql)

    def finished(self) -> str | None:
        """Wait, and return the SQL if it filled its table."""
        if self._running is None:
            return None
        try:
            self._running.result()
        except duckdb.Error:
            # The engine met what the inspection will find and name.
            return None
        return self.sql

    def stop(self) -> None:
        """End the staging, whether it is of use or not."""
        if self._running is not None and not self._running.done():
            self._con.interrupt()
        self.finished()
        self._pool.shutdown()
        self._con.close()


@contextmanager
def staging_ahead(
    con: duckdb.DuckDBPyConnection, record: Record, path: Path, code_lists: CodeLists
) -> Iterator[Ahead]:
    """Begin to stage the text at `path` as its header promises; ended when the block is left."""
    ahead = Ahead(con, _expected_sql(record, path, code_lists))
    try:
        yield ahead
    finally:
        ahead.stop()


def _expected_sql(record: Record, path: Path, code_lists: CodeLists) -> str | None:
    try:
        source = expected_source(record, path)
    except (FileRefused, UnicodeDecodeError):
        return None
    return stage_sql(plan_checks(record, source, code_lists))
