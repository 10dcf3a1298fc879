"""Builds one version of a view: Parquet, Iceberg commit, content hash, serving files."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from lake.engine import quote_value
from lake.iceberg import Snapshot, Tables
from lake.location import StoreLocation
from lake.objects import ObjectStore
from lake.views.commit import ViewTables, outputs_of
from lake.views.compile import SALT_VARIABLE, columns_of
from lake.views.run import BuildStep, GroupCounts, Progress, Run
from lake.views.serving_files import (
    ServingWriter,
    publish_pointer,
    remove_superseded,
    served_version,
)
from lake.views.sources import SourceTable, ViewPlan, plan_view
from lake.views.steps import OnViewStep, ViewStep, pass_by
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

ROWS_PER_PASS = 5_000_000  # source rows at a time: 2 GB of memory where rows have ten columns


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
    snapshot_id: int  # of the table of rows; it names those of the two others (lake.views.commit)
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
    build_id: str,
    sources: Sequence[SourceTable],
    salt: str,
    target: ViewTarget,
    known_at: datetime,
    rows_per_pass: int = ROWS_PER_PASS,
    on_progress: Callable[[Progress], None] | None = None,
    on_step: OnViewStep = pass_by,
    check: Callable[[], None] = lambda: None,
) -> BuiltView:
    """Build a version of a view from all published tables; sources are found among them.

    `version` is the catalogue's next, `build_id` a new id, `salt` the secret of own ids, `known_at`
    the moment up to which deliveries are in `sources`. `check` raises where another writer has
    taken over; it is asked before every commit and before the serving files take their place.
    `on_step` is told what is durable. Crashing leaves the served version as it was. Afterwards
    record the facts, then call `publish_pointer`. Raises TooManySources, VersionIsServed.
    """
    started = time.perf_counter()
    plan = plan_view(definition, sources)
    check()
    writer = ServingWriter(target.serving, definition.view_id, version, build_id)
    tables = ViewTables(target.store, target.location, target.tables, version, build_id)
    watch = _Watch(on_step, check, on_progress or (lambda progress: None))
    on_step(ViewStep.PLANNED)
    target.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.scratch, prefix=f"view-{definition.view_id}-") as scratch:
        run = Run(con, plan, columns_of(plan), Path(scratch), writer, watch.report)
        try:
            con.execute(f"SET VARIABLE {SALT_VARIABLE} = {quote_value(salt)}")
            done = _run(run, tables, watch, rows_per_pass, version, known_at)
        finally:
            run.drop_tables()
            con.execute(f"RESET VARIABLE {SALT_VARIABLE}")
    return BuiltView(
        view_id=definition.view_id,
        version=version,
        definition_version=definition_version,
        rows=done.counts.rows,
        differences=done.counts.differences,
        content_hash=done.content_hash,
        snapshot_id=done.snapshot.snapshot_id,
        metadata_location=done.snapshot.metadata_location,
        serving_path=str(done.place),
        inputs=_inputs(plan, done.counts),
        seconds=time.perf_counter() - started,
        known_at=known_at,
    )


@dataclass(frozen=True, slots=True)
class _Watch:
    """Who is told of steps and progress, and asked whether to go on."""

    on_step: OnViewStep
    check: Callable[[], None]
    report: Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class _Done:
    """What a run came to."""

    counts: GroupCounts
    snapshot: Snapshot
    content_hash: str
    place: Path


def _run(
    run: Run,
    tables: ViewTables,
    watch: _Watch,
    rows_per_pass: int,
    version: int,
    known_at: datetime,
) -> _Done:
    prepared = run.prepare(rows_per_pass)
    parts = len(prepared.groups)
    counts = _total([run.build_group(part, prepared) for part in range(parts)])
    watch.on_step(ViewStep.ROWS_BUILT)
    outputs = outputs_of(run, parts)
    tables.stage(outputs)
    watch.on_step(ViewStep.FILES_STAGED)
    snapshot = tables.publish(outputs, watch.check, watch.report)
    watch.on_step(ViewStep.COMMITTED)
    digest = run.content_hash(parts)
    watch.on_step(ViewStep.HASHED)
    place = run.write_serving(version, known_at, prepared.groups, watch.check)
    watch.on_step(ViewStep.SERVING_WRITTEN)
    return _Done(counts, snapshot, digest, place)


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
