"""A place in which views are built and served, for one test alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from catalog.ids import SystemIds
from lake.engine import open_engine
from lake.folder_store import FolderStore
from lake.iceberg import Tables
from lake.location import StoreLocation
from lake.objects import ObjectStore
from lake.s3_store import S3Store
from lake.views.build import BuiltView, Progress, ViewTarget, build_view, publish_pointer
from lake.views.serving import ServingReader
from lake.views.steps import OnViewStep, pass_by
from standards.views import ViewDefinition
from tests.views.worlds import DAY_ONE, WorldSource, tables_of


@dataclass
class Workshop:
    """Builds worlds into views, version after version."""

    folder: Path
    engine: duckdb.DuckDBPyConnection
    tables: Tables
    location: StoreLocation
    store: ObjectStore
    salt: str = "a salt of the test"
    built: list[BuiltView] = field(default_factory=list)

    def target(self, definition: ViewDefinition) -> ViewTarget:
        return ViewTarget(
            store=self.store,
            location=self.location,
            tables=self.tables,
            serving=self.serving(definition),
            scratch=self.folder,
        )

    def serving(self, definition: ViewDefinition) -> Path:
        return self.folder / "serving" / definition.view_id

    def build(
        self,
        definition: ViewDefinition,
        world: Sequence[WorldSource],
        *,
        version: int | None = None,
        rows_per_pass: int = 1_000_000,
        on_progress: Callable[[Progress], None] | None = None,
        on_step: OnViewStep = pass_by,
        check: Callable[[], None] = lambda: None,
    ) -> BuiltView:
        """Build the next version; it is not served yet."""
        number = len(self.built) + 1 if version is None else version
        built = build_view(
            self.engine,
            definition=definition,
            definition_version=1,
            version=number,
            build_id=SystemIds().new(),
            sources=tables_of(world, self.folder / f"curated-{number}"),
            salt=self.salt,
            target=self.target(definition),
            known_at=DAY_ONE + timedelta(days=number),
            rows_per_pass=rows_per_pass,
            on_progress=on_progress,
            on_step=on_step,
            check=check,
        )
        self.built.append(built)
        return built

    def serve(
        self,
        definition: ViewDefinition,
        world: Sequence[WorldSource],
        *,
        rows_per_pass: int = 10**6,
    ) -> ServingReader:
        """Build the next version, serve it, and open what is served."""
        built = self.build(definition, world, rows_per_pass=rows_per_pass)
        publish_pointer(self.serving(definition), built.version)
        return ServingReader(self.serving(definition))


@contextmanager
def a_workshop(folder: Path, location: StoreLocation, store: ObjectStore) -> Iterator[Workshop]:
    tables = Tables(f"sqlite:///{folder / 'tables.sqlite'}", location)
    # The strictest setting: nothing may lean on the order in which rows happen to lie.
    with open_engine(
        location, preserve_insertion_order=False, temp_directory=folder / "spill"
    ) as engine:
        yield Workshop(folder, engine, tables, location, store)
    tables.close()


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    place = tmp_path / "lake"
    with a_workshop(tmp_path, StoreLocation.folder(place), FolderStore(place)) as found:
        yield found


@pytest.fixture
def s3_workshop(tmp_path: Path, seaweedfs: StoreLocation) -> Iterator[Workshop]:
    with a_workshop(tmp_path, seaweedfs, S3Store(seaweedfs)) as found:
        yield found
