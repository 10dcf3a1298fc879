"""Database URLs: which are understood, schemas inside them, and what each connection is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

_POSTGRESQL = "postgresql+psycopg"
_DRIVERS = {"postgres": _POSTGRESQL, "postgresql": _POSTGRESQL, _POSTGRESQL: _POSTGRESQL}
_PORT = 5432
_SEARCH_PATH = re.compile(r"-c\s*search_path=(\w+)")

# A server that is gone is noticed, on an idle line and in the middle of a call, within a minute;
# without these a lost network is waited for during hours.
_CONNECTION = {
    "application_name": "datong",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
# Instants are read as the session writes them: the driver knows ISO forms alone, and in China's
# zone the last evening of the year 9999 lies beyond what Python can hold. A lock is waited for as
# long as on SQLite, and who stands still with locks in his hands loses them.
_SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
}


def understood(url: str) -> str:
    """The URL with the driver that is used; ValueError, which repeats no part of it, for others."""
    scheme, colon, rest = url.partition("://")
    if scheme == "sqlite":
        return url
    if not colon or scheme not in _DRIVERS:
        raise ValueError("neither SQLite nor PostgreSQL")
    parsed = _parsed(f"{_DRIVERS[scheme]}://{rest}")
    if "@" in (parsed.host or "") or "@" in (parsed.database or ""):
        raise ValueError("an @ in the password is to be written %40")
    return _text(parsed)


def in_schema(url: str, schema: str) -> str:
    """The same PostgreSQL database, with all names looked for and made in one schema."""
    return _text(_with_options(_parsed(url), f"-csearch_path={schema}"))


def place_of(url: str) -> str:
    """Where a database is: `host:port/name`, or the path of a file; no user, no password."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.database or ":memory:"
    hosts = ",".join(parsed.normalized_query.get("host", ())) or "localhost"
    return f"{parsed.host or hosts}:{parsed.port or _PORT}/{parsed.database or ''}"


def schema_of(url: sa.URL) -> str | None:
    """The schema that `in_schema` put into a URL, or None."""
    found = _SEARCH_PATH.search(_options(url))
    return None if found is None else found[1]


def connecting(url: sa.URL) -> sa.URL:
    """A PostgreSQL URL with how to connect and what holds in each session; what it says stays."""
    given = _options(url)
    session = [f"-c{name}={value}" for name, value in _SESSION.items() if f"{name}=" not in given]
    wanted = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    return _with_options(url.update_query_dict(wanted), *session)


def _with_options(url: sa.URL, *options: str) -> sa.URL:
    return url.update_query_dict({"options": " ".join([_options(url), *options]).strip()})


def _options(url: sa.URL) -> str:
    given = url.query.get("options", "")
    return given if isinstance(given, str) else " ".join(given)


def _parsed(url: str) -> sa.URL:
    # commands that need no database start without loading SQLAlchemy
    import sqlalchemy as sa

    try:
        return sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ValueError("not a URL of a database") from None


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
