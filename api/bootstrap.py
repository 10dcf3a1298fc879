"""Joins ports to adapters in one frozen value; each part is opened when it is first used."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from api.errors import NotInitialised
from api.settings import Settings
from catalog import platform
from catalog.audit import AuditStore
from catalog.clock import Clock, SystemClock
from catalog.confirmed_audit import ConfirmedAudit
from catalog.database import Database, open_database
from catalog.ids import Ids, SystemIds
from catalog.profiles.packages import TopicReader
from catalog.rights_cache import RightsCache
from standards.code_lists import CodeLists, load_code_lists

if TYPE_CHECKING:
    from api.usecases.dropped import Incoming
    from catalog.search.finding import Search
    from catalog.search.follower import Follower
    from ingest.intake import Intake, Progress
    from lake.iceberg import Tables
    from lake.location import StoreLocation
    from lake.objects import ObjectStore
    from lake.views.serving import ServingReader


@dataclass(frozen=True)
class Services:
    """The parts a use case works with. Safe to share between threads; `close()` at the end."""

    settings: Settings
    clock: Clock
    ids: Ids
    # told every durable step of a delivery or a build: where a test may cut a process off
    on_step: Callable[[str], None] = field(default=lambda step: None, repr=False)

    @cached_property
    def database(self) -> Database:
        """The catalogue database; NotInitialised before `datong init`."""
        if self.settings.embedded and not self._database_file().is_file():
            raise NotInitialised(str(self.settings.home))
        database = open_database(self.settings.database_url)
        try:
            if not sa.inspect(database.engine).has_table("platform_facts"):
                raise NotInitialised(str(self.settings.home))
        except (NotInitialised, sa.exc.SQLAlchemyError):
            database.dispose()
            raise
        return database

    def _database_file(self) -> Path:
        return Path(sa.make_url(self.settings.database_url).database or "")

    @cached_property
    def audit(self) -> AuditStore:
        return AuditStore(self.settings.audit_url)

    @cached_property
    def rights(self) -> RightsCache:
        """Keys and grants in memory, for lookups."""
        return RightsCache(self.database)

    @cached_property
    def topics(self) -> TopicReader:
        """The key words and themes of the public catalogue, in memory while nothing changes."""
        return TopicReader()

    @cached_property
    def confirmed_audit(self) -> ConfirmedAudit:
        """Writes the audit lines of lookups while their remembered rights hold."""
        return ConfirmedAudit(self.database, self.audit)

    @cached_property
    def location(self) -> StoreLocation:
        from lake.location import parse_location

        settings = self.settings
        return parse_location(
            settings.lake_url,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            region=settings.s3_region,
            secure=settings.s3_secure,
        )

    @cached_property
    def store(self) -> ObjectStore:
        from lake.location import LocationKind

        if self.location.kind is LocationKind.FOLDER:
            from lake.folder_store import FolderStore

            return FolderStore(self.location.root)
        from lake.s3_store import S3Store

        return S3Store(self.location)

    @cached_property
    def tables(self) -> Tables:
        from lake.iceberg import Tables

        return Tables(self.settings.tables_url, self.location)

    @cached_property
    def code_lists(self) -> CodeLists:
        """The shipped lists and those of the home folder, as they were when first asked for."""
        return local_code_lists(self.settings)

    @cached_property
    def salt(self) -> str:
        """The secret from which own ids of subjects and the hashes in audit lines are made."""
        with self.database.reading() as conn:
            return platform.require_salt(conn)

    @cached_property
    def search(self) -> Search:
        """The search of this machine; reads its index and asks no database."""
        from catalog.search.finding import Search
        from catalog.search.place import Place

        return Search(Place(self.settings.search))

    def search_follower(self) -> Follower:
        """What keeps the search index up with the catalogue; for one thread, which closes it."""
        from catalog.search.follower import Follower

        return Follower(self.database, self.search.place, self.clock, lambda: self.catalogue_mark)

    @cached_property
    def catalogue_mark(self) -> str:
        """By what an index knows whose catalogue it shows; says nothing of the salt."""
        return hashlib.sha256(f"search {self.salt}".encode()).hexdigest()[:16]

    @cached_property
    def _readers(self) -> dict[str, ServingReader]:
        return {}

    def reader(self, view_id: str) -> ServingReader:
        """The one reader of a view's serving files in this process."""
        found = self._readers.get(view_id)
        if found is None:
            from lake.views.serving import ServingReader

            found = self._readers.setdefault(view_id, ServingReader(self.serving_folder(view_id)))
        return found

    def close_readers(self) -> None:
        """Close what the calling thread has open of serving files."""
        for reader in self._readers.values():
            reader.close()

    def serving_folder(self, view_id: str) -> Path:
        return self.settings.serving / view_id

    @contextmanager
    def scratch_folder(self) -> Iterator[Path]:
        """A folder for what is thrown away at the end of the block."""
        self.settings.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.settings.scratch) as folder:
            yield Path(folder)

    def intake(self, *, progress: Progress | None = None) -> Intake:
        """What a delivery runs on."""
        from ingest.intake import Intake, silent

        self.settings.scratch.mkdir(parents=True, exist_ok=True)
        return Intake(
            database=self.database,
            store=self.store,
            location=self.location,
            tables=self.tables,
            code_lists=self.code_lists,
            clock=self.clock,
            ids=self.ids,
            scratch=self.settings.scratch,
            threads=self.settings.threads,
            memory_limit=self.settings.memory_limit,
            on_step=self.on_step,
            progress=progress or silent,
        )

    @cached_property
    def incoming(self) -> Incoming:
        """The watcher of what departments drop into their buckets."""
        from api.usecases.dropped import Incoming

        return Incoming(self)

    def warm_up(self) -> None:
        """Open what lookups need, so that the first one is as quick as the others."""
        _ = self.salt, self.rights, self.confirmed_audit
        for folder in self.settings.serving.glob("*"):
            self.reader(folder.name)

    def close(self) -> None:
        """Close whatever was opened."""
        opened = self.__dict__
        closing: dict[str, Callable[[], None]] = {
            "incoming": lambda: self.incoming.close(),
            "confirmed_audit": lambda: self.confirmed_audit.close(),
            "audit": lambda: self.audit.close(),
            "tables": lambda: self.tables.close(),
            "database": lambda: self.database.dispose(),
        }
        for name, close in closing.items():
            if name in opened:
                close()


def open_services(
    settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None
) -> Services:
    """The services of a home; nothing is opened before it is used."""
    return Services(settings, clock or SystemClock(), ids or SystemIds())


def local_code_lists(settings: Settings) -> CodeLists:
    """Shipped code lists, extended by those of the home folder where it has any."""
    return load_code_lists(*([settings.code_lists] if settings.code_lists.is_dir() else []))
