"""Checks of what data lies in: catalogue database, audit store, table catalogue, object store."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.bootstrap import Services
from api.usecases.doctor.checks import Check, Severity, Words, fine, wrong
from catalog.audit_schema import audit_lines
from catalog.database import Database, open_database
from catalog.schema_state import newest_revision, revision_of

if TYPE_CHECKING:
    from datetime import datetime

MOST_SKEW = timedelta(seconds=5)
INIT: Words = ("运行 datong init", "run datong init")
_SYNC: Words = (
    "在各台机器上启用时间同步（NTP）",
    "let all machines keep their clocks by NTP",
)


_REACH: Words = (
    "检查该处的存储服务是否在运行、网络和磁盘空间，以及 DATONG_LAKE_URL 和密钥是否正确",
    "look whether the store runs there, at network and disk, and at DATONG_LAKE_URL and its keys",
)


class _Undo(Exception):
    """Ends a transaction that was only tried."""


def check_database(services: Services) -> Iterator[Check]:
    """The database answers, whatever is in it."""
    if services.settings.embedded and not _file_of(services.settings.database_url).is_file():
        said = "目录库尚未建立", "there is no catalogue database yet"
        yield wrong("database", Severity.ERROR, said, INIT)
        return
    database = open_database(services.settings.database_url)
    try:
        with database.reading() as conn:
            version = ".".join(map(str, conn.dialect.server_version_info or ()))
            said = f"{conn.dialect.name} {version}", f"{conn.dialect.name} {version} answers"
    finally:
        database.dispose()
    yield fine("database", said)


def check_schema(services: Services) -> Iterator[Check]:
    """The tables are those that this program works with."""
    database = open_database(services.settings.database_url)
    try:
        with database.reading() as conn:
            found, wanted = revision_of(conn), newest_revision()
    finally:
        database.dispose()
    if found == wanted:
        yield fine("schema", (f"数据库结构为 {found}", f"the schema is at {found}"))
        return
    said = (
        f"数据库结构为 {found or '空'}，程序需要 {wanted}",
        f"the schema is at {found or 'nothing'}, this program wants {wanted}",
    )
    yield wrong("schema", Severity.ERROR, said, INIT)


def check_audit(services: Services) -> Iterator[Check]:
    """A line could be written; the one that is tried is rolled back, and takes no number."""
    url = services.settings.audit_url
    is_file = url.startswith("sqlite")
    if is_file and not _file_of(url).is_file():
        yield fine(
            "audit", ("审计库将在首次使用时建立", "the audit store is made at its first use")
        )
        return
    database = open_database(url)
    try:
        _try_to_append(database, services.clock.now())
    finally:
        database.dispose()
    yield fine("audit", ("审计库可写", "the audit store can be written"))


def _try_to_append(database: Database, now: datetime) -> None:
    try:
        with database.transaction() as conn:
            if not sa.inspect(conn).has_table(audit_lines.name):
                return
            row = {"sequence": -1, "at": now, "action": "doctor", "line": "{}"}
            conn.execute(sa.insert(audit_lines).values(row))
            raise _Undo
    except _Undo:
        return


def check_tables(services: Services) -> Iterator[Check]:
    """The table catalogue of the lake answers."""
    url = services.settings.tables_url
    if url.startswith("sqlite") and not _file_of(url).is_file():
        said = "表目录将在首次入库时建立", "the table catalogue is made at the first load"
        yield fine("tables", said)
        return
    count = len(services.tables.pointers())
    yield fine(
        "tables", (f"表目录可用，共 {count} 张表", f"the table catalogue lists {count} tables")
    )


def check_store(services: Services) -> Iterator[Check]:
    """An object can be put, found, read and removed; its time is this machine's time."""
    from lake.errors import StoreUnavailable

    try:
        yield from list(_try_store(services))
    except StoreUnavailable as error:
        location = services.location
        place = location.endpoint or str(location.root)
        said = (
            f"对象存储 {place} 未能处理“{error.subject}”（{error.reason}）",
            f"the object store {place} failed on {error.subject} ({error.reason})",
        )
        yield wrong("store", Severity.ERROR, said, _REACH)


def _try_store(services: Services) -> Iterator[Check]:
    from lake.layout import BASE_BUCKET, staging_key

    store, key = services.store, staging_key(f"doctor-{services.ids.new()}")
    content = b"datong doctor"
    store.ensure_bucket(BASE_BUCKET)
    before = services.clock.now()
    store.put(BASE_BUCKET, key, io.BytesIO(content), len(content))
    after = services.clock.now()
    try:
        with store.open(BASE_BUCKET, key) as stream:
            same = stream.read() == content
        found = [info for info in store.list(BASE_BUCKET, key) if info.key == key]
    finally:
        store.remove(BASE_BUCKET, key)
    left = store.stat(BASE_BUCKET, key) is not None
    if not same or not found or left:
        said = (
            "对象存储没有按约定读写",
            "the object store did not give back, list or remove an object",
        )
        following = (
            "检查存储服务的日志，以及密钥是否可读、列、写、删",
            "look into the log of the store, and whether its key may put, get, list and delete",
        )
        yield wrong("store", Severity.ERROR, said, following)
        return
    yield fine("store", ("对象存储可读写", "objects can be put, read, listed and removed"))
    yield _skew("store_clock", ("存储", "object store"), before, found[0].modified, after)


def check_database_clock(services: Services) -> Iterator[Check]:
    """The database server's clock; an embedded one has none of its own."""
    if services.settings.embedded:
        return
    before = services.clock.now()
    with services.database.reading() as conn:
        [found] = conn.scalars(sa.select(sa.func.clock_timestamp()))
    yield _skew("database_clock", ("数据库", "database"), before, found, services.clock.now())


def _skew(name: str, what: Words, before: datetime, found: datetime, after: datetime) -> Check:
    # a store tells whole seconds: what lies within the call is no skew
    skew = max(before - found, found - after, timedelta())
    seconds = skew.total_seconds()
    said = (
        f"本机与{what[0]}的时钟相差 {seconds:.0f} 秒",
        f"the clocks of this machine and the {what[1]} are {seconds:.0f} s apart",
    )
    if skew > MOST_SKEW:
        return wrong(name, Severity.ERROR, said, _SYNC)
    return fine(name, said)


def _file_of(url: str) -> Path:
    return Path(sa.make_url(url).database or "")
