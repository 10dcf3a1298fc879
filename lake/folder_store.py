"""The object store of the embedded default: a folder of buckets on one local file system."""

from __future__ import annotations

import os
import stat
import uuid
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from lake.errors import BucketNotFound, ObjectNotFound, StoreUnavailable
from lake.objects import (
    BLOCK_BYTES,
    ExactStream,
    ObjectInfo,
    UnfinishedUpload,
    check_bucket,
    check_key,
    check_prefix,
    write_whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# No bucket name begins with a dot, so half-written files are in nobody's listing.
_PARTIAL = ".partial"


class FolderStore:
    """Implements ObjectStore on a folder; see the port for what each call promises.

    A file is written under a hidden name, synced, and renamed: its appearance is one step.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()

    def ensure_bucket(self, bucket: str) -> None:
        """Make the bucket if there is none."""
        check_bucket(bucket)
        with _known_errors(bucket):
            _make_folders(self._root / bucket)

    def put(self, bucket: str, key: str, stream: BinaryIO, length: int | None = None) -> None:
        """Store a stream; LengthMismatch if it does not hold exactly `length` bytes."""
        target = self._writable(bucket, key)
        exact = ExactStream(stream, length)
        # Only the store's own calls are watched: if the stream breaks, its error says so itself.
        with self._appearing(target, bucket, key) as out:
            while block := exact.read(BLOCK_BYTES):
                with _known_errors(bucket, key):
                    out.write(block)

    def put_file(self, bucket: str, key: str, path: Path) -> None:
        """Store a local file."""
        with path.open("rb") as stream:
            self.put(bucket, key, stream)

    def open(self, bucket: str, key: str) -> BinaryIO:
        """Read an object from its start, to be closed by the caller; ObjectNotFound."""
        path = self._path(bucket, key)
        with _known_errors(bucket, key):
            # A folder on the way to other keys is no object.
            if not path.is_file():
                raise ObjectNotFound(bucket, key)
            return path.open("rb")

    def get_file(self, bucket: str, key: str, path: Path) -> None:
        """Write an object to a local file, which appears when it is whole; ObjectNotFound."""
        with self.open(bucket, key) as stream:
            write_whole(stream, path)

    def copy(self, bucket: str, source: str, target: str) -> None:
        """Copy within a bucket; ObjectNotFound."""
        with self.open(bucket, source) as stream:
            self.put(bucket, target, stream)

    def move(self, bucket: str, source: str, target: str) -> None:
        """Move within a bucket by renaming, whatever the size; ObjectNotFound."""
        old, new = self._path(bucket, source), self._writable(bucket, target)
        with _known_errors(bucket, source):
            if not old.is_file():
                raise ObjectNotFound(bucket, source)
            _make_folders(new.parent)
            old.replace(new)
            _sync_folder(new.parent)
            _sync_folder(old.parent)

    def stat(self, bucket: str, key: str) -> ObjectInfo | None:
        """Tell size and time of an object, or None."""
        path = self._path(bucket, key)
        with _known_errors(bucket, key):
            return _find_info(path, key)

    def list(self, bucket: str, prefix: str = "") -> Iterator[ObjectInfo]:
        """List objects whose key begins with `prefix` (not a folder), in no promised order."""
        check_bucket(bucket)
        check_prefix(prefix)
        folder, _, _ = prefix.rpartition("/")
        start = self._root / bucket / folder
        with _known_errors(bucket, prefix):
            for path, key in _walk(start, f"{folder}/" if folder else ""):
                found = _find_info(path, key) if key.startswith(prefix) else None
                # A file may go between the listing and the look at it.
                if found is not None:
                    yield found

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object; one that is not there is no error."""
        path = self._path(bucket, key)
        with _known_errors(bucket, key):
            if path.is_file():
                path.unlink(missing_ok=True)
                _sync_folder(path.parent)

    def remove_if_unchanged(self, bucket: str, key: str, info: ObjectInfo) -> bool:
        """Remove an object if it is still the one that `info` tells of; say whether it was.

        It is taken aside in one step and looked at again there, so what another program puts in
        its place meanwhile stays.
        """
        path = self._path(bucket, key)
        with _known_errors(bucket, key):
            if not _is_same(path, info):
                return False
            aside = self._new_partial(bucket)
            try:
                path.rename(aside)
            except FileNotFoundError:
                return False
            unchanged = _is_same(aside, info)
            if not unchanged:
                _put_back(aside, path)
            aside.unlink()
            _sync_folder(path.parent)
            return unchanged

    def list_uploads(self, bucket: str, before: datetime) -> Iterator[UnfinishedUpload]:
        """List half-written files of a bucket that were begun, or last written to, before."""
        check_bucket(bucket)
        with _known_errors(bucket):
            for path, name in _walk(self._root / _PARTIAL / bucket, ""):
                found = _find_info(path, name)
                if found is not None and found.modified < before:
                    yield UnfinishedUpload(bucket, "", name, found.modified)

    def abort_upload(self, upload: UnfinishedUpload) -> None:
        """Remove a half-written file; one that is not there is no error."""
        check_bucket(upload.bucket)
        check_key(upload.upload_id)
        with _known_errors(upload.bucket, upload.upload_id):
            (self._root / _PARTIAL / upload.bucket / upload.upload_id).unlink(missing_ok=True)

    def local_path(self, bucket: str, key: str) -> Path | None:
        """Name the local file that is this object, to read only, whether or not it is there."""
        return self._path(bucket, key)

    def _path(self, bucket: str, key: str) -> Path:
        check_bucket(bucket)
        check_key(key)
        return self._root / bucket / key

    def _writable(self, bucket: str, key: str) -> Path:
        path = self._path(bucket, key)
        if not (self._root / bucket).is_dir():
            raise BucketNotFound(bucket)
        return path

    def _new_partial(self, bucket: str) -> Path:
        """Name a hidden file beside the buckets, on the same file system as they are."""
        folder = self._root / _PARTIAL / bucket
        _make_folders(folder)
        return folder / uuid.uuid4().hex

    @contextmanager
    def _appearing(self, target: Path, bucket: str, key: str) -> Iterator[BinaryIO]:
        """Give a hidden file to write to, which becomes `target` in one step at the end."""
        with _known_errors(bucket, key):
            partial = self._new_partial(bucket)
        try:
            with _known_errors(bucket, key):
                out = partial.open("wb")
            with out:
                yield out
                with _known_errors(bucket, key):
                    _sync(out)
            with _known_errors(bucket, key):
                _make_folders(target.parent)
                partial.replace(target)
                _sync_folder(target.parent)
        finally:
            partial.unlink(missing_ok=True)


def _walk(folder: Path, prefix: str) -> Iterator[tuple[Path, str]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            # It may lead out of the bucket, or back into it for ever.
            continue
        if path.is_dir():
            yield from _walk(path, f"{prefix}{path.name}/")
        else:
            yield path, f"{prefix}{path.name}"


def _find_info(path: Path, key: str) -> ObjectInfo | None:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    # A file written anew is another file or has another time.
    etag = f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_size:x}"
    return ObjectInfo(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC), etag)


def _is_same(path: Path, info: ObjectInfo) -> bool:
    found = _find_info(path, info.key)
    return found is not None and found.etag == info.etag


def _put_back(aside: Path, path: Path) -> None:
    """Give a file its name again, unless a newer one has it by now."""
    with suppress(FileExistsError):
        path.hardlink_to(aside)


def _make_folders(folder: Path) -> None:
    """Make a folder and its parents so that they outlive a crash."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _known_errors(bucket: str, key: str = "") -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectNotFound(bucket, key) from error
    except OSError as error:
        raise StoreUnavailable(key or bucket, error.strerror or type(error).__name__) from error
