"""The audit store: append-only lines of canonical JSON, many concurrent writers in one commit."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from catalog.audit_schema import audit_lines as table
from catalog.audit_schema import install
from catalog.audit_writer import AuditWriter, Row
from catalog.database import Database, open_database
from catalog.lake_errors import AuditNotWritten
from standards.documents import canonical_json

PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One call that read or changed data: who, what, for which purpose, with which result.

    `subject_hash` comes from `subject_hash()`; no line holds an identity number. `rows` counts
    answered rows, `result` is `ok` or the code of the refusal.
    """

    at: datetime
    request_id: str
    account: str | None
    department: str | None
    action: str
    resource: str | None = None
    items: tuple[str, ...] = ()
    purpose: str | None = None
    subject_hash: str | None = None
    rows: int | None = None
    result: str
    address: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


_FACTS = tuple(each.name for each in fields(AuditLine))


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line with its place in the store; `text` is the canonical JSON exactly as kept."""

    sequence: int
    line: AuditLine
    text: str


def subject_hash(salt: str, scheme: str, number: str) -> str:
    """The keyed hash (HMAC-SHA-256, hex) that stands for a subject in the audit store."""
    text = f"{scheme}|{number}".encode()
    return hmac.digest(salt.encode(), text, "sha256").hex()


def line_text(line: AuditLine) -> str:
    """The canonical JSON of a line; instants in UTC with microseconds."""
    facts = {name: getattr(line, name) for name in _FACTS}
    facts["at"] = line.at.astimezone(UTC).isoformat(timespec="microseconds")
    return canonical_json(facts)


def read_line(text: str) -> AuditLine:
    """The line that a text of `line_text` holds."""
    facts = json.loads(text)
    facts["at"] = datetime.fromisoformat(facts["at"])
    facts["items"] = tuple(facts["items"])
    return AuditLine(**facts)


@dataclass(slots=True)
class _Waiting:
    """What one thread has to write, all of it in one commit."""

    rows: list[Row]
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    committed: bool = False
    error: Exception | None = None


class AuditStore:
    """An audit store at a SQLAlchemy URL of its own; safe from several threads and processes."""

    def __init__(self, url: str) -> None:
        self._database: Database = open_database(url)
        self._writer = AuditWriter(self._database.engine)
        self._queue: list[_Waiting] = []
        self._lock = threading.Lock()
        self._committing = False
        with self._database.transaction() as conn:
            install(conn)

    def write(self, line: AuditLine) -> None:
        """Write one line; returns after it is committed, together with those waiting beside it.

        Raises AuditNotWritten in every thread whose line was in a commit that failed.
        """
        self.write_many([line])

    def write_many(self, lines: Sequence[AuditLine]) -> None:
        """Write several lines in one commit: all of them are durable, or AuditNotWritten."""
        self.write_rows(self.rows(lines), lines[0].request_id)

    def write_rows(self, rows: list[Row], request_id: str) -> None:
        """Write what `rows` made, in one commit; an error names this request."""
        waiting = _Waiting(rows)
        with self._lock:
            self._queue.append(waiting)
            waiting.leads = not self._committing
            self._committing = True
        if not waiting.leads:
            waiting.woken.wait()
        if waiting.leads:
            self._commit_queue()
        if not waiting.committed:
            raise AuditNotWritten(request_id) from waiting.error

    @property
    def url(self) -> sa.URL:
        """Where the store is."""
        return self._database.engine.url

    def rows(self, lines: Sequence[AuditLine]) -> list[Row]:
        """The lines as they are written: what takes time and waits for nothing."""
        return [self._writer.row(line, line_text(line)) for line in lines]

    def _commit_queue(self) -> None:
        """Commit all that queued up meanwhile, then let the first of the next batch lead."""
        with self._lock:
            batch, self._queue = self._queue, []
        try:
            self._writer.insert([row for waiting in batch for row in waiting.rows])
        except sa.exc.SQLAlchemyError as error:
            for waiting in batch:
                waiting.error = error
        else:
            for waiting in batch:
                waiting.committed = True
        finally:
            self._hand_over()
            for waiting in batch:
                waiting.woken.set()

    def _hand_over(self) -> None:
        with self._lock:
            self._committing = bool(self._queue)
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].woken.set()

    def lines(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        account: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[StoredLine]:
        """Lines in the order of writing, `since` included, `until` and `after` excluded.

        Reads page by page, so that a long list holds no transaction open.
        """
        wanted = {"account": account, "action": action, "resource": resource}
        query = sa.select(table.c.sequence, table.c.line)
        query = query.where(*(table.c[n] == value for n, value in wanted.items() if value))
        if since is not None:
            query = query.where(table.c.at >= since)
        if until is not None:
            query = query.where(table.c.at < until)
        left = limit
        while left is None or left > 0:
            rows = self._page(query, after, PAGE if left is None else min(PAGE, left))
            for sequence, text in rows:
                yield StoredLine(sequence, read_line(text), text)
            if len(rows) < PAGE:
                return
            after = rows[-1][0]
            left = None if left is None else left - len(rows)

    def _page(
        self, query: sa.Select[*tuple[Any, ...]], after: int, size: int
    ) -> Sequence[sa.Row[*tuple[Any, ...]]]:
        page = query.where(table.c.sequence > after).order_by(table.c.sequence).limit(size)
        with self._database.reading() as conn:
            return conn.execute(page).all()

    def close(self) -> None:
        """Close the connections; nobody may be writing any more."""
        self._writer.close()
        self._database.dispose()
