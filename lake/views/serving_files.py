"""Writes the immutable serving files of a version, and moves the pointer that serves it."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pyarrow as pa

from lake.checksums import sealed, sha256_of_file, unsealed
from lake.views.errors import ServingFilesMissing, VersionIsServed
from lake.views.serving_header import ALIAS_FILE, HEADER_FILE, ServingHeader, part_file

POINTER = "current"
# SHA-256 of every other file of a version: SQLite notices a flipped byte only by chance.
SUMS_FILE = "sums.json"
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

    def __init__(self, folder: Path, view_id: str, version: int, build_id: str) -> None:
        """Begin a version that is not recorded yet; what older builds left unfinished is removed.

        Only the sole writer of the view may call it. Raises VersionIsServed: what is served is
        never changed.
        """
        if served_version(folder) == version:
            raise VersionIsServed(view_id=view_id, version=version)
        self._view_id, self._version = view_id, version
        self._place = version_folder(folder, version)
        for left in [*partial_folders(folder), self._place]:
            shutil.rmtree(left, ignore_errors=True)
        # A build that was thought dead and comes back finds its own folder gone, not this one.
        self._partial = folder / f"{self._place.name}.{build_id}{_PARTIAL}"
        self._partial.mkdir(parents=True)

    def write_part(self, part: int, batches: Iterable[pa.RecordBatch]) -> None:
        """Write one part from batches of (number, payload), ordered by number."""
        _write_table(self._partial / part_file(part), "subject", ("number", "payload"), batches)

    def write_aliases(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write the other numbers of subjects from batches of (`scheme:number`, subject)."""
        _write_table(self._partial / ALIAS_FILE, "number", ("key", "subject"), batches)

    def finish(self, header: ServingHeader, check: Callable[[], None]) -> Path:
        """Write the header and put the whole version in its place; it is not served yet.

        `check` raises where the caller may write no more. What another build has put there stays:
        VersionIsServed.
        """
        header.write(self._partial)
        _write_sums(self._partial)
        for path in [*self._partial.iterdir(), self._partial]:
            _sync(path)
        check()
        try:
            self._partial.rename(self._place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise VersionIsServed(view_id=self._view_id, version=self._version) from error
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


def read_sums(folder: Path) -> dict[str, str] | None:
    """SHA-256 in hex by name of file in a version's folder; None for one written without.

    Raises ValueError where the list itself is damaged.
    """
    try:
        content = (folder / SUMS_FILE).read_bytes()
    except FileNotFoundError:
        return None
    return unsealed(content)


def count_subjects(part: Path) -> int:
    """Count the subjects in one part. Raises ValueError where it is no whole SQLite file."""
    try:
        with closing(sqlite3.connect(f"{part.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            [(count,)] = conn.execute("SELECT count(*) FROM subject")
    except sqlite3.Error as error:
        raise ValueError(part.name) from error
    return int(count)


def partial_folders(folder: Path) -> list[Path]:
    """The folders in which versions are, or were, being written."""
    return sorted(path for path in folder.glob(f"v*{_PARTIAL}") if path.is_dir())


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


def _write_sums(folder: Path) -> None:
    with ThreadPoolExecutor() as pool:
        paths = sorted(folder.iterdir())
        sums = dict(
            zip((path.name for path in paths), pool.map(sha256_of_file, paths), strict=True)
        )
    (folder / SUMS_FILE).write_bytes(sealed(sums))


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
