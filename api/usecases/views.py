"""The base views: built from what is loaded, recorded in the catalogue, then served."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from api.answers import ViewVersionAnswer
from api.errors import ViewNotFound
from api.usecases.access import Caller, watched
from api.usecases.rights import UseCase
from catalog import curated, deliveries, departments, records, view_definitions
from catalog import view_versions as versions
from catalog.view_versions import ViewVersion

if TYPE_CHECKING:
    from datetime import datetime

    from api.bootstrap import Services
    from catalog.curated import CuratedTable
    from catalog.deliveries import Delivery
    from catalog.records import PublishedRecord
    from lake.views.build import BuiltView, Progress, SourceTable
    from standards.records import Record
    from standards.views import ViewDefinition

RECORDS = {"person": "person", "legal_entity": "legal-entity"}
"""The base views, and the record of each: what a grant on the view names."""

_STEPS = {
    "prepare": "准备来源 preparing sources",
    "rows": "逐项取值 choosing values",
    "commit": "提交 committing",
    "hash": "内容校验 hashing",
    "serve": "生成查询文件 writing serving files",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one build reads: fixed in one transaction before the build begins."""

    definition: ViewDefinition
    definition_version: int
    version: int
    sources: tuple[SourceTable, ...]
    salt: str
    known_at: datetime


def record_of(view_id: str) -> str:
    """The resource id of a view's record, or ViewNotFound."""
    if view_id not in RECORDS:
        raise ViewNotFound(view_id, tuple(RECORDS))
    return RECORDS[view_id]


def build_view(
    services: Services,
    caller: Caller,
    view_id: str,
    *,
    progress: Callable[[str, float | None], None],
) -> ViewVersionAnswer:
    """Build the next version of a view and serve it.

    A crash at any point leaves the served version as it was. Raises LeaseHeld while another
    build of the view runs.
    """
    from ingest.writer import sole_writer

    resource = record_of(view_id)
    with watched(services, caller, UseCase.VIEW_BUILD, resource=resource) as trail:
        with sole_writer(services.intake(), f"view:{view_id}", wait=False):
            plan = _plan(services, view_id)
            recorded = _record(services, _build(services, view_id, plan, progress))
        trail.rows = recorded.rows
    return _answer(recorded)


def show_views(services: Services, caller: Caller, view_id: str | None) -> list[dict[str, Any]]:
    """Definition and current version of one view or of all; version fields are null before it."""
    wanted = list(RECORDS) if view_id is None else [view_id]
    for each in wanted:
        record_of(each)
    with watched(services, caller, UseCase.VIEW_SHOW), services.database.reading() as conn:
        return [_shown(conn, each) for each in wanted]


def _shown(conn: sa.Connection, view_id: str) -> dict[str, Any]:
    definition_version, definition, _document = view_definitions.current(conn, view_id)
    built = versions.current(conn, view_id)
    never = dict.fromkeys(ViewVersionAnswer.model_fields)
    return {
        **(never if built is None else _answer(built).as_json()),
        "view_id": view_id,
        "name": definition.name,
        "record": definition.record,
        "definition_version": definition_version,
        "attributes": [attribute.id for attribute in definition.attributes],
    }


def _plan(services: Services, view_id: str) -> Plan:
    with services.database.reading() as conn:
        definition_version, definition, _document = view_definitions.current(conn, view_id)
        tables = _source_tables(services, conn)
        return Plan(
            definition=definition,
            definition_version=definition_version,
            version=versions.next_version(conn, view_id),
            sources=tuple(tables),
            salt=services.salt,
            known_at=services.clock.now(),
        )


def _source_tables(services: Services, conn: sa.Connection) -> Iterator[SourceTable]:
    from lake.curated import LoadedDelivery
    from lake.views.build import SourceTable

    for published in records.published_tables(conn):
        generation, loaded = _with_rows(conn, published)
        table = curated.find_table(conn, published.resource_id, generation)
        yield SourceTable(
            record=_record_of(conn, published, generation, loaded),
            department_id=published.department_id,
            duty=departments.require(conn, published.department_id).duty,
            generation=generation,
            files=tuple(_files(services, table)),
            snapshot_id=None if table is None else table.snapshot_id,
            deliveries=tuple(
                LoadedDelivery(each.delivery_id, each.mode.value, each.data_time) for each in loaded
            ),
        )


def _with_rows(conn: sa.Connection, published: PublishedRecord) -> tuple[int, list[Delivery]]:
    """The newest generation with loaded deliveries, and these.

    A new generation is empty at first: until it gets its first rows, those of the one before
    stay in the view, or every subject known from there alone would vanish meanwhile.
    """
    for generation in range(published.generation, 0, -1):
        loaded = deliveries.loaded_of(conn, published.resource_id, generation)
        if loaded:
            return generation, loaded
    return published.generation, []


def _record_of(
    conn: sa.Connection, published: PublishedRecord, generation: int, loaded: Sequence[Delivery]
) -> Record:
    """The record that the rows of a generation follow, with what may be shared of them today."""
    from standards.records import read_record

    record = read_record(published.document)
    if generation == published.generation:
        return record
    version = max(each.record_version or 1 for each in loaded)
    older = read_record(records.document_of(conn, published.resource_id, version))
    today = {item.id: item.share_type for item in record.items}
    items = tuple(
        replace(item, share_type=today.get(item.id, item.share_type)) for item in older.items
    )
    return replace(older, share_type=record.share_type, items=items)


def _files(services: Services, table: CuratedTable | None) -> Sequence[str]:
    if table is None or table.snapshot_id is None:
        return ()
    namespace, _, name = table.identifier.partition(".")
    return services.tables.data_files((namespace, name), table.snapshot_id)


def _build(
    services: Services, view_id: str, plan: Plan, progress: Callable[[str, float | None], None]
) -> BuiltView:
    from lake.engine import open_engine
    from lake.views.build import ViewTarget
    from lake.views.build import build_view as build

    with services.scratch_folder() as scratch:
        target = ViewTarget(
            store=services.store,
            tables=services.tables,
            location=services.location,
            serving=services.serving_folder(view_id),
            scratch=scratch,
        )
        engine = open_engine(
            services.location,
            threads=services.settings.threads,
            memory_limit=services.settings.memory_limit,
            temp_directory=scratch / "spill",
            preserve_insertion_order=False,
        )
        with engine:
            return build(
                engine,
                definition=plan.definition,
                definition_version=plan.definition_version,
                version=plan.version,
                sources=plan.sources,
                salt=plan.salt,
                target=target,
                known_at=plan.known_at,
                on_progress=_reporter(progress),
            )


def _reporter(progress: Callable[[str, float | None], None]) -> Callable[[Progress], None]:
    def report(step: Progress) -> None:
        progress(_STEPS[step.step], step.done / step.total if step.total else None)

    return report


def _record(services: Services, built: BuiltView) -> ViewVersion:
    """Record the facts first, then move the pointer: what is served is always recorded."""
    from lake.views.build import publish_pointer, remove_superseded

    recorded = ViewVersion(
        view_id=built.view_id,
        version=built.version,
        definition_version=built.definition_version,
        rows=built.rows,
        content_hash=built.content_hash,
        built_at=services.clock.now(),
        known_at=built.known_at,
        snapshot_id=built.snapshot_id,
        metadata_location=built.metadata_location,
        serving_path=built.serving_path,
        inputs=built.inputs,
        seconds=built.seconds,
    )
    with services.database.transaction() as conn:
        versions.insert(conn, recorded)
    folder = services.serving_folder(built.view_id)
    publish_pointer(folder, built.version)
    remove_superseded(folder)
    return recorded


def serve_recorded(services: Services) -> None:
    """Move the pointer of a view whose build was recorded but cut short before it was served."""
    from lake.views.build import publish_pointer, served_version
    from lake.views.errors import ServingFilesMissing

    for view_id in RECORDS:
        with services.database.reading() as conn:
            recorded = versions.current(conn, view_id)
        folder = services.serving_folder(view_id)
        if recorded is None or served_version(folder) == recorded.version:
            continue
        # on a machine that did not build it there are no files: the next build brings them
        with suppress(ServingFilesMissing):
            publish_pointer(folder, recorded.version)


def _answer(recorded: ViewVersion) -> ViewVersionAnswer:
    return ViewVersionAnswer(
        view_id=recorded.view_id,
        view_version=recorded.version,
        definition_version=recorded.definition_version,
        rows=recorded.rows,
        content_hash=recorded.content_hash,
        seconds=recorded.seconds,
        built_at=recorded.built_at,
        known_at=recorded.known_at,
        inputs=dict(recorded.inputs),
    )
