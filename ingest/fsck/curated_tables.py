"""Check the curated tables of one bucket, and put back data files that can be made again."""

from __future__ import annotations

import sqlalchemy as sa

from catalog import curated, deliveries
from catalog.curated import CuratedTable
from catalog.deliveries import UNFINISHED, Delivery, DeliveryState
from ingest.fsck.checking import Checking, row_counts
from ingest.fsck.findings import Group, Kind, Words
from ingest.fsck.rebuild import rebuilt
from ingest.fsck.shelf import Shelf
from ingest.fsck.table_files import Damage, TableWalk, Walked, WantedTable
from lake.checksums import sha256_of_file
from lake.iceberg import DELIVERY_PROPERTY
from lake.layout import curated_prefix

RESTORED: Words = (
    "已由原始文件重建，内容与原来逐字节相同",
    "made again from the raw file, the same to the last byte",
)


def check_curated(checking: Checking, shelf: Shelf) -> dict[str, Walked]:
    """Check every registered table that lies in the bucket of the shelf; its walk, by prefix.

    Of one that could not be walked to the end, all is taken off the shelf.
    """
    found = {}
    with checking.intake.database.reading() as conn:
        registered = curated.list_tables(conn)
    for table in registered:
        if table.bucket == shelf.bucket:
            checking.intake.progress(f"标准库 curated {table.identifier}", None)
            prefix = f"{curated_prefix(table.resource_id, table.generation)}/"
            walked = _check_table(checking, shelf, table)
            if walked.whole:
                found[prefix] = walked
            else:
                shelf.forget_below(prefix)
    return found


def check_unregistered(checking: Checking, shelf: Shelf) -> None:
    """A table of the bucket that no register knows is told once, and its files not again."""
    with checking.intake.database.reading() as conn:
        known = {table.identifier for table in curated.list_tables(conn)}
        begun = {each.resource_id for each in deliveries.unfinished(conn)}
    for identifier, pointer in sorted(checking.intake.tables.pointers().items()):
        bucket, key = checking.files.place(pointer) or ("", "")
        name, prefix = ".".join(identifier), key.rpartition("metadata/")[0]
        if bucket != shelf.bucket or name in known or not prefix:
            continue
        shelf.forget_below(prefix)
        # A load makes its table first and registers it then.
        if prefix.split("/")[1] not in begun:
            checking.tell(Group.ORPHANS, Kind.TABLE, bucket=bucket, key=prefix, about=name)


def _check_table(checking: Checking, shelf: Shelf, table: CuratedTable) -> Walked:
    # The register first and the table after it: what is recorded is in the history by then.
    with checking.intake.database.reading() as conn:
        table, loaded = _registered(conn, table)
    namespace, _, name = table.identifier.partition(".")
    wanted = WantedTable(table.bucket, (namespace, name), table.resource_id, table.snapshot_id)
    pointer = checking.intake.tables.pointers().get(wanted.identifier)
    if pointer is None:
        if table.snapshot_id is not None:
            about, key = table.resource_id, table.identifier
            checking.tell(Group.MISSING, Kind.TABLE, key=key, about=about)
        return Walked(whole=False)
    walked = TableWalk(checking, shelf, wanted).walk(pointer)
    _mend(checking, walked.damage)
    if walked.whole:
        _check_rows(checking, table, loaded, walked)
        _check_later(checking, wanted, walked)
    return walked


def _registered(conn: sa.Connection, table: CuratedTable) -> tuple[CuratedTable, list[Delivery]]:
    current = curated.require_table(conn, table.resource_id, table.generation)
    return current, deliveries.loaded_of(conn, table.resource_id, table.generation)


def _check_rows(
    checking: Checking, table: CuratedTable, loaded: list[Delivery], walked: Walked
) -> None:
    """Each loaded delivery has as many rows in the table as were accepted, and no other has any."""
    rows: dict[str, int] = {}
    for file in walked.files.values():
        rows[str(file.partition)] = rows.get(str(file.partition), 0) + file.rows
    known = {each.delivery_id: each.accepted or 0 for each in loaded}
    for delivery_id, accepted in known.items():
        if rows.get(delivery_id, 0) != accepted:
            checking.tell(
                Group.CHANGED,
                Kind.CURATED_ROWS,
                bucket=table.bucket,
                key=table.identifier,
                about=delivery_id,
                detail=row_counts(accepted, rows.get(delivery_id, 0)),
            )
    for delivery_id in sorted(rows.keys() - known.keys()):
        # Readers name the deliveries that they want: these rows are seen by nobody.
        if not _is_unfinished(checking, delivery_id):
            checking.tell(
                Group.ORPHANS,
                Kind.CURATED_ROWS,
                bucket=table.bucket,
                key=table.identifier,
                about=delivery_id,
                detail=_count(rows[delivery_id]),
            )


def _check_later(checking: Checking, wanted: WantedTable, walked: Walked) -> None:
    """A commit after the recorded one belongs to a delivery that is at this step, or to nobody."""
    history = walked.history
    if history is None:
        return
    for snapshot in history.since(wanted.recorded):
        delivery_id = snapshot.properties.get(DELIVERY_PROPERTY)
        delivery = None if delivery_id is None else checking.delivery(delivery_id)
        if delivery is None or delivery.state is DeliveryState.REFUSED:
            checking.tell(
                Group.ORPHANS,
                Kind.SNAPSHOT,
                bucket=wanted.bucket,
                key=f"{wanted.name}/{snapshot.snapshot_id}",
                about=delivery_id or wanted.about,
            )


def _is_unfinished(checking: Checking, delivery_id: str) -> bool:
    delivery = checking.delivery(delivery_id)
    return delivery is not None and delivery.state in (*UNFINISHED, DeliveryState.LOADED)


def _count(rows: int) -> Words:
    return f"{rows} 行", f"{rows} rows"


def _mend(checking: Checking, damage: list[Damage]) -> None:
    by_delivery: dict[str, list[Damage]] = {}
    for each in damage:
        by_delivery.setdefault(str(each.file.partition), []).append(each)
    for delivery_id, damaged in by_delivery.items():
        restored: set[str] = set()
        if not checking.options.dry_run:
            restored = _restore(checking, delivery_id, damaged)
        for each in damaged:
            checking.tell(
                each.group,
                Kind.CURATED_DATA,
                RESTORED if each.key in restored else None,
                bucket=each.bucket,
                key=each.key,
                about=delivery_id,
                detail=each.detail,
            )


def _restore(checking: Checking, delivery_id: str, damaged: list[Damage]) -> set[str]:
    """Put back the files that come out of the raw bytes as they were, to the last byte.

    Iceberg has written down the size of each file and the commit its SHA-256: another one with the
    same rows would be refused by readers. Nothing is put back that differs in a single byte.
    """
    delivery = checking.delivery(delivery_id)
    wanted = {each.sha256: each for each in damaged if each.sha256 and each.bucket}
    if delivery is None or not wanted:
        return set()
    restored: set[str] = set()
    for parts in dict.fromkeys((checking.intake.threads, _parts(damaged), 1)):
        with rebuilt(checking.intake, delivery, parts) as checked:
            for path in () if checked is None else checked.good:
                each = wanted.get(sha256_of_file(path))
                if each is not None:
                    checking.intake.store.put_file(str(each.bucket), each.key, path)
                    restored.add(each.key)
        if len(restored) == len(wanted):
            break
    return restored


def _parts(damaged: list[Damage]) -> int:
    """How many files the load wrote at least, by the number in the name of the last one."""
    numbers = [each.key.removesuffix(".parquet").rpartition("-")[2] for each in damaged]
    return 1 + max((int(number) for number in numbers if number.isdigit()), default=0)
