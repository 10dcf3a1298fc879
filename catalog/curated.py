"""The register of curated tables: which Iceberg snapshot of which table readers may see."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from catalog.lake_errors import CuratedTableNotFound, StaleFence
from catalog.tables import curated_tables as table


@dataclass(frozen=True, slots=True)
class CuratedTable:
    """The table of one generation of a resource; no snapshot: nothing was recorded yet."""

    resource_id: str
    generation: int
    bucket: str
    identifier: str
    snapshot_id: int | None = None
    metadata_location: str | None = None


_SELECT = sa.select(
    table.c.resource_id,
    table.c.generation,
    table.c.bucket,
    table.c.identifier,
    table.c.snapshot_id,
    table.c.metadata_location,
)


def register_table(conn: sa.Connection, curated: CuratedTable) -> CuratedTable:
    """Register a table before its first load; one that is there already is answered as it is."""
    found = find_table(conn, curated.resource_id, curated.generation)
    if found is not None:
        return found
    values = {
        "resource_id": curated.resource_id,
        "generation": curated.generation,
        "bucket": curated.bucket,
        "identifier": curated.identifier,
        "fence": 0,
    }
    try:
        with conn.begin_nested():
            conn.execute(sa.insert(table).values(values))
    except sa.exc.IntegrityError:
        if find_table(conn, curated.resource_id, curated.generation) is None:
            raise
    return require_table(conn, curated.resource_id, curated.generation)


def find_table(conn: sa.Connection, resource_id: str, generation: int) -> CuratedTable | None:
    row = conn.execute(_SELECT.where(_is(resource_id, generation))).first()
    return None if row is None else CuratedTable(*row)


def require_table(conn: sa.Connection, resource_id: str, generation: int) -> CuratedTable:
    """The registered table, or CuratedTableNotFound."""
    found = find_table(conn, resource_id, generation)
    if found is None:
        raise CuratedTableNotFound(resource_id, generation=generation)
    return found


def list_tables(conn: sa.Connection) -> list[CuratedTable]:
    """Every registered table, by resource and generation."""
    query = _SELECT.order_by(table.c.resource_id, table.c.generation)
    return [CuratedTable(*row) for row in conn.execute(query)]


def record_snapshot(
    conn: sa.Connection,
    resource_id: str,
    generation: int,
    snapshot_id: int,
    metadata_location: str,
    fence: int,
) -> None:
    """Make a snapshot the one that readers see.

    `fence` is the number of the writer's lease; a writer older than the last one that recorded
    is refused with StaleFence.
    """
    statement = sa.update(table).where(_is(resource_id, generation), table.c.fence <= fence)
    values = {
        "snapshot_id": snapshot_id,
        "metadata_location": metadata_location,
        "fence": fence,
    }
    if conn.execute(statement.values(**values)).rowcount == 1:
        return
    require_table(conn, resource_id, generation)
    newest = conn.execute(sa.select(table.c.fence).where(_is(resource_id, generation))).scalar_one()
    raise StaleFence(f"{resource_id} g{generation}", fence=fence, newest=newest)


def _is(resource_id: str, generation: int) -> sa.ColumnElement[bool]:
    return (table.c.resource_id == resource_id) & (table.c.generation == generation)
