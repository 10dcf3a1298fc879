"""Puts the files of a build into the base bucket and lets them be the view's three tables.

The tables are committed one after another, the rows last: their snapshot is the one recorded, and
it names the snapshots of the other two that belong to it. Whoever reads the newest of each
meanwhile may see two versions; whoever follows the names never does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from lake.checksums import files_property, put_hashed
from lake.iceberg import VIEW_VERSION_PROPERTY, Snapshot, Tables
from lake.layout import BASE_BUCKET, BASE_NAMESPACE, view_data_key, view_prefix
from lake.location import StoreLocation
from lake.objects import ObjectStore
from lake.views.output import DELIVERY_SCHEMA, DIFFERENCE_SCHEMA, view_schema
from lake.views.run import BuildStep, Progress, Run

BUILD_PROPERTY = "datong.view_build"
_SNAPSHOT_PROPERTY = "datong.snapshot."  # and the name of a table committed before


@dataclass(frozen=True, slots=True)
class Output:
    """A table of a view, and the local files that are to be all of it."""

    table: str
    schema: pa.Schema
    files: tuple[Path, ...]


def outputs_of(run: Run, parts: int) -> tuple[Output, ...]:
    """The tables of a view in the order of their commits."""
    view_id = run.plan.definition.view_id
    return (
        Output(f"{view_id}_deliveries", DELIVERY_SCHEMA, (run.deliveries_file(),)),
        Output(
            f"{view_id}_differences",
            DIFFERENCE_SCHEMA,
            tuple(run.differences_file(part) for part in range(parts)),
        ),
        Output(
            view_id,
            view_schema(run.plan, run.columns),
            tuple(run.rows_file(part) for part in range(parts)),
        ),
    )


@dataclass(frozen=True, slots=True)
class ViewTables:
    """Where one build of a version puts its files; no other build ever writes to the same keys."""

    store: ObjectStore
    location: StoreLocation
    tables: Tables
    version: int
    build_id: str
    _sums: dict[str, str] = field(default_factory=dict)

    def stage(self, outputs: Sequence[Output]) -> None:
        """Put all files into the bucket; no table names them yet."""
        self.store.ensure_bucket(BASE_BUCKET)
        for output in outputs:
            for part, path in enumerate(output.files):
                key = self._key(output, part)
                self._sums[key] = put_hashed(self.store, BASE_BUCKET, key, path)

    def publish(
        self,
        outputs: Sequence[Output],
        check: Callable[[], None],
        report: Callable[[Progress], None],
    ) -> Snapshot:
        """Let the staged files be the tables, and give the snapshot of the last one."""
        before: dict[str, str] = {}
        for done, output in enumerate(outputs, start=1):
            snapshot = self._replace(output, before, check)
            before[_SNAPSHOT_PROPERTY + output.table] = str(snapshot.snapshot_id)
            report(Progress(BuildStep.COMMIT, done, len(outputs)))
        return snapshot

    def _replace(
        self, output: Output, before: dict[str, str], check: Callable[[], None]
    ) -> Snapshot:
        identifier = (BASE_NAMESPACE, output.table)
        keys = [self._key(output, part) for part in range(len(output.files))]
        urls = [self.location.url(BASE_BUCKET, key) for key in keys]
        sums = {url: self._sums[key] for url, key in zip(urls, keys, strict=True)}
        self.tables.ensure_table(
            BASE_BUCKET, identifier, output.schema, view_prefix(output.table), partition_by=None
        )
        properties = {
            VIEW_VERSION_PROPERTY: str(self.version),
            BUILD_PROPERTY: self.build_id,
            **before,
            **files_property(sums),
        }
        return self.tables.replace_files(identifier, urls, properties, check)

    def _key(self, output: Output, part: int) -> str:
        return view_data_key(output.table, self.version, part, build=self.build_id)


def snapshots_of(tables: Tables, view_id: str, snapshot_id: int) -> dict[str, int]:
    """The snapshots of all tables of a view that belong to one of its rows, by name of table.

    TableNotFound, SnapshotNotFound.
    """
    named = tables.properties_of((BASE_NAMESPACE, view_id), snapshot_id)
    others = {
        name.removeprefix(_SNAPSHOT_PROPERTY): int(value)
        for name, value in named.items()
        if name.startswith(_SNAPSHOT_PROPERTY)
    }
    return {view_id: snapshot_id, **others}
