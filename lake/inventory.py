"""Lists what an Iceberg table says it consists of, to be held against what the store holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.exceptions import ValidationError
from pyiceberg.io import load_file_io
from pyiceberg.manifest import ManifestFile, read_manifest_list
from pyiceberg.serializers import FromInputFile
from pyiceberg.table.snapshots import Operation

from lake.errors import LakeError, StoreUnavailable
from lake.location import LocationKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from lake.location import StoreLocation

    Read = TypeVar("Read")


class UnreadableFile(LakeError):
    """A file of a table cannot be read for what it should be; `reason` is the reader's word."""

    url: str
    reason: str

    ZH = "数据表的文件 {url} 无法读取（{reason}），请运行 datong fsck，并从备份恢复"
    EN = "the file {url} of a table cannot be read ({reason}); run datong fsck, restore a backup"


_AVRO = b"Obj\x01"
_MARKER = 16
# What bytes that make no sense lead a reader to: errors of data, none of a store that is away.
_DAMAGED = (
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    EOFError,
    ValidationError,
    pa.ArrowException,
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file as a manifest tells of it: size in bytes, rows, value of the one partition."""

    url: str
    size: int
    rows: int
    partition: str | None


@dataclass(frozen=True, slots=True)
class KnownSnapshot:
    """A snapshot in the history of a table, with the properties that it was committed with.

    `appends`: it holds all that its parent holds.
    """

    snapshot_id: int
    parent_id: int | None
    manifest_list: str
    appends: bool
    properties: Mapping[str, str]


@dataclass(frozen=True)
class History:
    """What one metadata file says: snapshots from old to new, and the metadata files it keeps."""

    current_id: int | None
    snapshots: tuple[KnownSnapshot, ...]
    metadata_files: tuple[str, ...]

    def find(self, snapshot_id: int | None) -> KnownSnapshot | None:
        return None if snapshot_id is None else self._by_id.get(snapshot_id)

    @cached_property
    def _by_id(self) -> dict[int, KnownSnapshot]:
        return {each.snapshot_id: each for each in self.snapshots}

    def covered_by(self, snapshot_id: int | None) -> frozenset[int]:
        """The ancestors of a snapshot after which nothing was taken away: it names their files."""
        covered = set()
        snapshot = self.find(snapshot_id)
        while snapshot is not None and snapshot.appends and snapshot.parent_id is not None:
            covered.add(snapshot.parent_id)
            snapshot = self.find(snapshot.parent_id)
        return frozenset(covered)

    def since(self, snapshot_id: int | None) -> tuple[KnownSnapshot, ...]:
        """The snapshots that are neither this one nor an ancestor of it."""
        parents = {each.snapshot_id: each.parent_id for each in self.snapshots}
        before: set[int] = set()
        while snapshot_id is not None and snapshot_id not in before:
            before.add(snapshot_id)
            snapshot_id = parents.get(snapshot_id)
        return tuple(each for each in self.snapshots if each.snapshot_id not in before)


class TableFiles:
    """Reads the files of Iceberg tables at one location.

    Every call raises FileNotFoundError where the file is gone, UnreadableFile where it is damaged,
    StoreUnavailable.
    """

    def __init__(self, location: StoreLocation) -> None:
        self._location = location
        self._io = load_file_io(location.pyiceberg_properties(), location.url("datong", "any"))

    def history(self, metadata_url: str) -> History:
        """Read a metadata file."""
        file = self._io.new_input(metadata_url)
        metadata = _read(metadata_url, lambda: FromInputFile.table_metadata(file))
        snapshots = tuple(
            KnownSnapshot(
                each.snapshot_id,
                each.parent_snapshot_id,
                each.manifest_list,
                each.summary is not None and each.summary.operation is Operation.APPEND,
                {} if each.summary is None else dict(each.summary.additional_properties),
            )
            for each in metadata.snapshots
        )
        log = tuple(entry.metadata_file for entry in metadata.metadata_log)
        return History(metadata.current_snapshot_id, snapshots, log)

    def manifests(self, snapshot: KnownSnapshot) -> list[ManifestFile]:
        """Read the manifest list of a snapshot."""
        url = snapshot.manifest_list
        self._check_container(url)
        return _read(url, lambda: list(read_manifest_list(self._io.new_input(url))))

    def data_files(self, manifest: ManifestFile) -> list[DataFile]:
        """Read a manifest: the files that it adds or keeps, not those it takes out."""
        self._check_container(manifest.manifest_path)
        entries = _read(manifest.manifest_path, lambda: manifest.fetch_manifest_entry(self._io))
        return [
            DataFile(
                file.file_path,
                file.file_size_in_bytes,
                file.record_count,
                str(file.partition[0]) if len(file.partition) else None,
            )
            for file in (entry.data_file for entry in entries)
        ]

    def _check_container(self, url: str) -> None:
        """Avro ends with the marker that its header gave; its readers look at neither end."""
        with self._io.new_input(url).open() as stream:
            content = stream.read()
        if not content.startswith(_AVRO) or content.count(content[-_MARKER:]) < 2:
            raise UnreadableFile(url, "Avro")

    def rows_in(self, url: str) -> int:
        """Count the rows of a Parquet file by its footer."""

        def footer() -> int:
            with self._io.new_input(url).open() as stream, pq.ParquetFile(stream) as file:
                return int(file.metadata.num_rows)

        return _read(url, footer)

    def tally(self, url: str, column: str | None = None) -> tuple[int, dict[str, int]]:
        """Read a Parquet file to the last value: its rows, and how often each value of `column`."""

        def whole() -> tuple[int, dict[str, int]]:
            rows, counts = 0, Counter[str]()
            with self._io.new_input(url).open() as stream, pq.ParquetFile(stream) as file:
                for batch in file.iter_batches(batch_size=10_000):
                    rows += batch.num_rows
                    if column is not None:
                        counts.update(batch.column(column).to_pylist())
            return rows, dict(counts)

        return _read(url, whole)

    def place(self, url: str) -> tuple[str, str] | None:
        """Say which object a URL is, as (bucket, key); None where it lies outside this location."""
        start = "s3://"
        if self._location.kind is LocationKind.FOLDER:
            start = f"file://{self._location.root}/"
        if not url.startswith(start):
            return None
        bucket, _, key = url.removeprefix(start).partition("/")
        return bucket, key


def _read(url: str, reading: Callable[[], Read]) -> Read:
    try:
        return reading()
    except FileNotFoundError:
        raise
    except OSError as error:
        # Arrow says so of bytes that it cannot unpack, and of a store that is away.
        if error.errno is not None or "AWS Error" in str(error):
            raise StoreUnavailable(url, error.strerror or "S3") from error
        raise UnreadableFile(url, type(error).__name__) from error
    except _DAMAGED as error:
        raise UnreadableFile(url, type(error).__name__) from error
