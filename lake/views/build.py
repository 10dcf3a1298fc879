"""Builds one version of a view: Parquet, Iceberg commit, content hash, serving files."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from lake.engine import quote_value
from lake.iceberg import VIEW_VERSION_PROPERTY, Snapshot, Tables
from lake.layout import BASE_BUCKET, BASE_NAMESPACE, view_data_key, view_prefix
from lake.location import StoreLocation
from lake.objects import ObjectStore
from lake.views.compile import SALT_VARIABLE, columns_of
from lake.views.output import DELIVERY_SCHEMA, DIFFERENCE_SCHEMA, view_schema
from lake.views.run import BuildStep, GroupCounts, Progress, Run
from lake.views.serving_files import (
    ServingWriter,
    publish_pointer,
    remove_superseded,
    served_version,
)
from lake.views.sources import SourceTable, ViewPlan, plan_view
from standards.views import ViewDefinition

__all__ = [
    "BuildStep",
    "BuiltView",
    "Progress",
    "SourceTable",
    "ViewTarget",
    "build_view",
    "publish_pointer",
    "remove_superseded",
    "served_version",
]

ROWS_PER_PASS = 3_000_000  # source rows at a time: 2 GB of memory where rows have 15 columns


@dataclass(frozen=True, slots=True)
class ViewTarget:
    """Where a view goes: the base bucket (store, its location, its tables), a local folder that
    serves it (one per view, `…/serving/<view_id>`), and a local folder for what is thrown away."""

    store: ObjectStore
    location: StoreLocation
    tables: Tables
    serving: Path
    scratch: Path


@dataclass(frozen=True, slots=True)
class BuiltView:
    """The facts of a build, for the catalogue to record. It is not served before
    `publish_pointer(target.serving, version)`."""

    view_id: str
    version: int
    definition_version: int
    rows: int
    differences: int
    content_hash: str
    snapshot_id: int
    metadata_location: str
    serving_path: str
    inputs: Mapping[str, Any]  # resource_id -> generation, snapshot_id, deliveries, subjects
    seconds: float
    known_at: datetime


def build_view(
    con: duckdb.DuckDBPyConnection,
    *,
    definition: ViewDefinition,
    definition_version: int,
    version: int,
    sources: Sequence[SourceTable],
    salt: str,
    target: ViewTarget,
    known_at: datetime,
    rows_per_pass: int = ROWS_PER_PASS,
    on_progress: Callable[[Progress], None] | None = None,
) -> BuiltView:
    """Build a version of a view from all published tables; sources are found among them.

    `version` is the catalogue's next, `salt` the secret of own ids, `known_at` the moment up to
    which deliveries are in `sources`. Crashing leaves the served version as it was. Afterwards
    record the facts, then call `publish_pointer`. Raises TooManySources, VersionIsServed.
    """
    started = time.perf_counter()
    plan = plan_view(definition, sources)
    report = on_progress or (lambda progress: None)
    writer = ServingWriter(target.serving, definition.view_id, version)
    target.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.scratch, prefix=f"view-{definition.view_id}-") as scratch:
        run = Run(con, plan, columns_of(plan), Path(scratch), writer, report)
        try:
            con.execute(f"SET VARIABLE {SALT_VARIABLE} = {quote_value(salt)}")
            groups = run.prepare(rows_per_pass)
            counts = [
                run.build_group(part, group, len(groups)) for part, group in enumerate(groups)
            ]
            commit = _commit(run, target, version, len(groups))
            digest = run.content_hash(len(groups))
            place = run.finish_serving(version, known_at, groups)
        finally:
            run.drop_tables()
            con.execute(f"RESET VARIABLE {SALT_VARIABLE}")
    total = _total(counts)
    return BuiltView(
        view_id=definition.view_id,
        version=version,
        definition_version=definition_version,
        rows=total.rows,
        differences=total.differences,
        content_hash=digest,
        snapshot_id=commit.snapshot_id,
        metadata_location=commit.metadata_location,
        serving_path=str(place),
        inputs=_inputs(plan, total),
        seconds=time.perf_counter() - started,
        known_at=known_at,
    )


def _commit(run: Run, target: ViewTarget, version: int, parts: int) -> Snapshot:
    """Let the new files be the view's tables; the rows last, for their snapshot is recorded."""
    view_id = run.plan.definition.view_id
    outputs: list[tuple[str, pa.Schema, list[Path]]] = [
        (f"{view_id}_deliveries", DELIVERY_SCHEMA, [run.deliveries_file()]),
        (
            f"{view_id}_differences",
            DIFFERENCE_SCHEMA,
            [run.differences_file(part) for part in range(parts)],
        ),
        (
            view_id,
            view_schema(run.plan, run.columns),
            [run.rows_file(part) for part in range(parts)],
        ),
    ]
    target.store.ensure_bucket(BASE_BUCKET)
    for done, (table, schema, files) in enumerate(outputs, start=1):
        snapshot = _replace(target, table, schema, files, version)
        run.report(Progress(BuildStep.COMMIT, done, len(outputs)))
    return snapshot


def _replace(
    target: ViewTarget, table: str, schema: pa.Schema, files: Sequence[Path], version: int
) -> Snapshot:
    identifier = (BASE_NAMESPACE, table)
    keys = [view_data_key(table, version, part) for part in range(len(files))]
    for key, path in zip(keys, files, strict=True):
        target.store.put_file(BASE_BUCKET, key, path)
    target.tables.ensure_table(
        BASE_BUCKET, identifier, schema, view_prefix(table), partition_by=None
    )
    urls = [target.location.url(BASE_BUCKET, key) for key in keys]
    return target.tables.replace_files(identifier, urls, {VIEW_VERSION_PROPERTY: str(version)})


def _total(counts: Sequence[GroupCounts]) -> GroupCounts:
    by_source = [sum(rows) for rows in zip(*(count.by_source for count in counts), strict=True)]
    return GroupCounts(
        sum(count.rows for count in counts),
        sum(count.differences for count in counts),
        tuple(by_source),
    )


def _inputs(plan: ViewPlan, total: GroupCounts) -> dict[str, Any]:
    return {
        source.resource_id: {
            "generation": source.table.generation,
            "snapshot_id": source.table.snapshot_id,
            "deliveries": [
                d.delivery_id for d in plan.deliveries if d.resource_id == source.resource_id
            ],
            "subjects": total.by_source[source.number],
        }
        for source in plan.sources
    }
