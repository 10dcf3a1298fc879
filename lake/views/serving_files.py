"""Writes the immutable serving files of a version, and moves the pointer that serves it."""

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from lake.views.errors import ServingFilesMissing, VersionIsServed
from lake.views.serving_header import ALIAS_FILE, HEADER_FILE, ServingHeader, part_file

POINTER = "current"
_PARTIAL = ".partial"
# A file that is not whole is thrown away, so nothing is gained by a journal while it is written.
_BUILD_PRAGMAS = (
    "page_size = 8192",
    "journal_mode = OFF",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
)


def version_folder(folder: Path, version: int) -> Path:
    """Where the files of one version lie inside the serving folder of a view."""
    return folder / f"v{version:06d}"


def served_version(folder: Path) -> int | None:
    """The version the pointer names, or None where nothing is served yet."""
    try:
        return int((folder / POINTER).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


class ServingWriter:
    """Writes the parts of one version beside its place, then moves all of them there at once."""

    def __init__(self, folder: Path, view_id: str, version: int) -> None:
        """Raises VersionIsServed: what is served is never changed."""
        if served_version(folder) == version:
            raise VersionIsServed(view_id=view_id, version=version)
        self._place = version_folder(folder, version)
        self._partial = self._place.with_suffix(_PARTIAL)
        shutil.rmtree(self._partial, ignore_errors=True)
        self._partial.mkdir(parents=True)

    def write_part(self, part: int, batches: Iterable[pa.RecordBatch]) -> None:
        """Write one part from batches of (number, payload), ordered by number."""
        _write_table(self._partial / part_file(part), "subject", ("number", "payload"), batches)

    def write_aliases(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the other numbers of subjects from batches of (`scheme:number`, subject)."""
        _write_table(self._partial / ALIAS_FILE, "number", ("key", "subject"), batches)

    def finish(self, header: ServingHeader) -> Path:
        """Write the header and put the whole version in its place; it is not served yet."""
        header.write(self._partial)
        for path in [*self._partial.iterdir(), self._partial]:
            _sync(path)
        # An earlier attempt with this number was never recorded: nobody can be reading it.
        shutil.rmtree(self._place, ignore_errors=True)
        self._partial.rename(self._place)
        _sync(self._place.parent)
        return self._place


def publish_pointer(folder: Path, version: int) -> None:
    """Serve this version from now on, in one step. Call it when the catalogue has recorded it.

    Raises ServingFilesMissing where the version's files are not in the folder.
    """
    if not (version_folder(folder, version) / HEADER_FILE).is_file():
        raise ServingFilesMissing(view_id=folder.name, version=version)
    new = folder / f"{POINTER}.new"
    new.write_text(str(version), encoding="ascii")
    _sync(new)
    new.replace(folder / POINTER)
    _sync(folder)


def remove_superseded(folder: Path, keep: int = 2) -> tuple[int, ...]:
    """Remove the files of versions older than the served one, save the newest `keep` of them.

    Readers that still have them open finish undisturbed (POSIX). Answers the versions removed.
    """
    served = served_version(folder)
    if served is None:
        return ()
    numbers = sorted(
        number
        for path in folder.glob("v*")
        if path.is_dir() and not path.suffix and (number := int(path.name[1:])) < served
    )
    removed = tuple(numbers[: max(0, len(numbers) - keep)])
    for number in removed:
        shutil.rmtree(version_folder(folder, number))
    return removed


def _write_table(
    path: Path, table: str, columns: tuple[str, str], batches: Iterable[pa.RecordBatch]
) -> None:
    key, value = columns
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in _BUILD_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(
            f"CREATE TABLE {table} ({key} TEXT PRIMARY KEY, {value} TEXT NOT NULL) WITHOUT ROWID"
        )
        connection.execute("BEGIN")
        insert = f"INSERT INTO {table} VALUES (?, ?)"
        connection.executemany(insert, _rows(batches))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[str, str]]:
    for batch in batches:
        yield from zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
