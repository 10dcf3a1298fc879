"""One build of a view: what it reads, fixed before it begins, and the build itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from catalog import curated, deliveries, departments, records, view_definitions
from catalog import view_versions as versions

if TYPE_CHECKING:
    from datetime import datetime

    from api.bootstrap import Services
    from catalog.curated import CuratedTable
    from catalog.deliveries import Delivery
    from catalog.records import PublishedRecord
    from lake.views.build import BuiltView, Progress, SourceTable
    from standards.records import Record
    from standards.views import ViewDefinition

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


def plan_build(services: Services, view_id: str) -> Plan:
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

    for published in records.delivered_tables(conn):
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


def build_version(
    services: Services,
    view_id: str,
    plan: Plan,
    progress: Callable[[str, float | None], None],
    check: Callable[[], None],
) -> BuiltView:
    """Build what is planned; `check` raises where another one builds this view by now."""
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
                build_id=services.ids.new(),
                sources=plan.sources,
                salt=plan.salt,
                target=target,
                known_at=plan.known_at,
                on_progress=_reporter(progress),
                on_step=services.on_step,
                check=check,
            )


def _reporter(progress: Callable[[str, float | None], None]) -> Callable[[Progress], None]:
    def report(step: Progress) -> None:
        progress(_STEPS[step.step], step.done / step.total if step.total else None)

    return report
