"""Iceberg tables over PyIceberg's SQL catalogue: create, evolve, commit files, find them again.

One writer per table, by a lease that the caller holds: a commit that meets another one is
refused, never retried here, because a retried commit has been seen to lose the other's rows.
No transaction of the caller's may be open on the same SQLite file while a commit runs.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyiceberg.catalog.sql import IcebergTables, SqlCatalog, SqlCatalogBaseTable
from pyiceberg.exceptions import (
    CommitFailedException,
    NamespaceAlreadyExistsError,
    NoSuchTableError,
    TableAlreadyExistsError,
)
from pyiceberg.expressions import AlwaysTrue, BooleanExpression, In
from pyiceberg.table.snapshots import Operation
from pyiceberg.transforms import IdentityTransform
from sqlalchemy import inspect, make_url, select
from sqlalchemy.exc import IntegrityError, OperationalError

from catalog.database import ensure_schema, open_database, take_turns
from catalog.database_urls import connecting
from lake.curated import DELIVERY
from lake.errors import (
    CommitConflict,
    ObjectNotFound,
    SnapshotNotFound,
    StoreUnavailable,
    TableNotFound,
)
from lake.evolution import evolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa
    from pyiceberg.table import FileScanTask, Table

    from lake.location import StoreLocation

Identifier = tuple[str, str]

DELIVERY_PROPERTY = "datong.delivery_id"
ATTEMPT_PROPERTY = "datong.attempt"
VIEW_VERSION_PROPERTY = "datong.view_version"

_TABLE_PROPERTIES = {
    "format-version": "2",
    "write.metadata.previous-versions-max": "20",
    "write.metadata.delete-after-commit.enabled": "true",
    "commit.retry.num-retries": "0",
}
_SQLITE_BUSY_SECONDS = "30"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of a table, and the metadata file that knows it."""

    snapshot_id: int
    metadata_location: str


class Tables:
    """The Iceberg tables of one lake. Safe to share between threads; close it at the end.

    Besides what each call names, every one may raise StoreUnavailable.
    """

    def __init__(self, catalog_url: str, location: StoreLocation) -> None:
        """Open the table catalogue at a SQLAlchemy URL of its own, made if absent.

        Safe when several processes do it at the same first moment; OperationalError where the
        database is not to be reached.
        """
        self._location = location
        _make_catalogue(catalog_url)
        self._catalog = SqlCatalog(
            "datong",
            uri=_patient(catalog_url),
            pool_pre_ping="true",
            init_catalog_tables="false",
            **location.pyiceberg_properties(),
        )

    def close(self) -> None:
        """Give back the connections of the table catalogue."""
        self._catalog.close()

    def ensure_table(
        self,
        bucket: str,
        identifier: Identifier,
        schema: pa.Schema,
        prefix: str,
        *,
        partition_by: str | None = DELIVERY,
    ) -> str:
        """Make the table under a key prefix of the bucket, or let it take on the schema's columns.

        New columns and wider types evolve it; columns the schema lacks stay. Calling again, also
        after a crash, changes nothing. Returns the metadata location.
        CommitConflict; IncompatibleSchema for any other change.
        """
        with _known_errors(identifier):
            table = self._find(identifier)
            if table is None:
                place = self._location.url(bucket, prefix)
                table = self._create(identifier, schema, place, partition_by)
            evolve(table, schema)
            return table.metadata_location

    def append_files(
        self, identifier: Identifier, urls: Sequence[str], properties: Mapping[str, str]
    ) -> Snapshot:
        """Add Parquet files in one commit. A delivery already in the history is not added twice.

        `urls` as `StoreLocation.url` gives them, files without Iceberg field ids; none is a
        commit that only says the delivery was here. TableNotFound, ObjectNotFound, CommitConflict.
        """
        delivery_id = properties.get(DELIVERY_PROPERTY)
        with _known_errors(identifier):
            table = self._require(identifier)
            found = _added(table, delivery_id) if delivery_id else None
            if found is not None:
                return found
            # What is committed follows the state that was just searched, or not at all: the same
            # delivery cannot have come between. To read every manifest again would cost more
            # with each delivery.
            table.add_files(list(urls), dict(properties), check_duplicate_files=False)
            return _current(table)

    def replace_files(
        self,
        identifier: Identifier,
        urls: Sequence[str],
        properties: Mapping[str, str],
        check: Callable[[], None] | None = None,
    ) -> Snapshot:
        """Let these Parquet files be the whole table, in one commit.

        `check` raises where the caller may write no more. It is asked after the state was read
        that the commit follows: whoever took over later makes this commit a conflict.
        TableNotFound, ObjectNotFound, CommitConflict.
        """
        with _known_errors(identifier):
            table = self._require(identifier)
            if check is not None:
                check()
            with table.transaction() as transaction:
                if any(True for _ in table.scan().plan_files()):
                    transaction.delete(AlwaysTrue(), dict(properties))
                transaction.add_files(list(urls), dict(properties), check_duplicate_files=False)
            return _current(table)

    def find_delivery(self, identifier: Identifier, delivery_id: str) -> Snapshot | None:
        """Find the snapshot that added a delivery, or None; reads only the table's metadata."""
        with _known_errors(identifier):
            table = self._find(identifier)
        return None if table is None else _added(table, delivery_id)

    def properties_of(self, identifier: Identifier, snapshot_id: int) -> dict[str, str]:
        """Give the properties a snapshot was committed with. TableNotFound, SnapshotNotFound."""
        with _known_errors(identifier):
            snapshot = self._require(identifier).metadata.snapshot_by_id(snapshot_id)
        if snapshot is None or snapshot.summary is None:
            raise SnapshotNotFound(_name(identifier), snapshot_id)
        return dict(snapshot.summary.additional_properties)

    def current(self, identifier: Identifier) -> Snapshot | None:
        """Tell the newest snapshot, recorded by us or not; None for no table or an empty one."""
        with _known_errors(identifier):
            table = self._find(identifier)
        if table is None or table.metadata.current_snapshot_id is None:
            return None
        return _current(table)

    def metadata_location(self, identifier: Identifier) -> str | None:
        """Tell where the newest metadata of a table lies, or None for no table."""
        with _known_errors(identifier):
            table = self._find(identifier)
        return None if table is None else table.metadata_location

    def pointers(self) -> dict[Identifier, str]:
        """Tell of every table where its newest metadata lies, without reading that."""
        columns = (IcebergTables.table_namespace, IcebergTables.table_name)
        query = select(*columns, IcebergTables.metadata_location)
        with _known_errors(("datong", "tables")), self._catalog.engine.connect() as conn:
            return {(row[0], row[1]): str(row[2]) for row in conn.execute(query)}

    def data_files(self, identifier: Identifier, snapshot_id: int) -> list[str]:
        """List the Parquet files of one snapshot, by name, as URLs that DuckDB reads.

        TableNotFound, SnapshotNotFound.
        """
        tasks = self._plan(identifier, snapshot_id, AlwaysTrue())
        return sorted(task.file.file_path for task in tasks)

    def data_files_by_delivery(
        self,
        identifier: Identifier,
        snapshot_id: int,
        deliveries: Collection[str] | None = None,
    ) -> dict[str, list[str]]:
        """List the files of one snapshot by delivery, of all or of those named (others skipped).

        A delivery without files is not among the keys. TableNotFound, SnapshotNotFound.
        """
        wanted = AlwaysTrue() if deliveries is None else In(term=DELIVERY, literals=set(deliveries))
        found: dict[str, list[str]] = {}
        for task in self._plan(identifier, snapshot_id, wanted):
            found.setdefault(str(task.file.partition[0]), []).append(task.file.file_path)
        return {delivery: sorted(found[delivery]) for delivery in sorted(found)}

    def _plan(
        self, identifier: Identifier, snapshot_id: int, wanted: BooleanExpression
    ) -> Iterable[FileScanTask]:
        with _known_errors(identifier):
            table = self._require(identifier)
            if table.metadata.snapshot_by_id(snapshot_id) is None:
                raise SnapshotNotFound(_name(identifier), snapshot_id)
            return list(table.scan(row_filter=wanted, snapshot_id=snapshot_id).plan_files())

    def _create(
        self, identifier: Identifier, schema: pa.Schema, place: str, partition_by: str | None
    ) -> Table:
        """Make the table; should someone else do so at the same moment, theirs is as good."""
        with suppress(NamespaceAlreadyExistsError, IntegrityError):
            self._catalog.create_namespace_if_not_exists(identifier[0])
        # A crash before the last step leaves a metadata file that nothing names.
        creation = self._catalog.create_table_transaction(
            identifier, schema, location=place, properties=_TABLE_PROPERTIES
        )
        if partition_by is not None:
            with creation.update_spec() as spec:
                spec.add_field(partition_by, IdentityTransform(), partition_by)
        with suppress(TableAlreadyExistsError, CommitFailedException):
            creation.commit_transaction()
        return self._require(identifier)

    def _find(self, identifier: Identifier) -> Table | None:
        try:
            return self._catalog.load_table(identifier)
        except NoSuchTableError:
            return None

    def _require(self, identifier: Identifier) -> Table:
        table = self._find(identifier)
        if table is None:
            raise TableNotFound(_name(identifier))
        return table


def _added(table: Table, delivery_id: str) -> Snapshot | None:
    for snapshot in reversed(table.metadata.snapshots):
        summary = snapshot.summary
        if (
            summary is not None
            and summary.operation is Operation.APPEND
            and summary.additional_properties.get(DELIVERY_PROPERTY) == delivery_id
        ):
            return Snapshot(snapshot.snapshot_id, table.metadata_location)
    return None


def _current(table: Table) -> Snapshot:
    snapshot_id = table.metadata.current_snapshot_id
    if snapshot_id is None:
        raise SnapshotNotFound(_name(table.name()), 0)
    return Snapshot(snapshot_id, table.metadata_location)


def _name(identifier: tuple[str, ...]) -> str:
    return ".".join(identifier)


def _make_catalogue(catalog_url: str) -> None:
    """Make PyIceberg's own tables where they are missing, one process at a time.

    PyIceberg looks first and then makes them, and fails where another was faster.
    """
    database = open_database(catalog_url)
    tables = SqlCatalogBaseTable.metadata
    try:
        with database.reading() as conn:
            if set(tables.tables) <= set(inspect(conn).get_table_names()):
                return
        with database.transaction() as conn:
            ensure_schema(conn)
            take_turns(conn, "tables")
            tables.create_all(conn)
    finally:
        database.dispose()


def _patient(catalog_url: str) -> str:
    """Let SQLite wait for another process instead of failing after five seconds."""
    url = make_url(catalog_url)
    if url.get_backend_name() != "sqlite":
        url = connecting(url)
    elif "timeout" not in url.query:
        url = url.update_query_dict({"timeout": _SQLITE_BUSY_SECONDS})
    return url.render_as_string(hide_password=False)


@contextmanager
def _known_errors(identifier: Identifier) -> Iterator[None]:
    try:
        yield
    except CommitFailedException as error:
        raise CommitConflict(_name(identifier)) from error
    except FileNotFoundError as error:
        raise ObjectNotFound(_name(identifier), str(error)) from error
    except (OSError, OperationalError) as error:
        raise StoreUnavailable(_name(identifier), type(error).__name__) from error
