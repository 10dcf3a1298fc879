"""List what lies in incoming/ of a department: files with their manifests, manifests alone."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from ingest.dropped.names import (
    described_by,
    file_name_of,
    folder_of,
    is_nameable,
    is_unfinished,
)
from ingest.intake import Intake
from lake.layout import INCOMING, bucket_of
from lake.objects import ObjectInfo


@dataclass(frozen=True, slots=True)
class Found:
    """An object in incoming/. Of a local file also its inode and the nanosecond of its last
    change, which no program can set back; of others both are 0."""

    bucket: str
    info: ObjectInfo
    inode: int = 0
    changed_ns: int = 0

    @property
    def key(self) -> str:
        return self.info.key

    @property
    def mark(self) -> str:
        """Name this very object: another one under the same key has another mark."""
        info, moment = self.info, self.info.modified.isoformat()
        parts = (self.bucket, info.key, info.etag, str(info.size), moment, str(self.changed_ns))
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A file in incoming/ and the manifests beside it: none, one, or too many."""

    department_id: str
    found: Found
    manifests: tuple[Found, ...] = ()

    @property
    def bucket(self) -> str:
        return self.found.bucket

    @property
    def key(self) -> str:
        return self.found.key

    @property
    def folder(self) -> str | None:
        return folder_of(self.key)

    @property
    def name(self) -> str:
        return file_name_of(self.key)


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies in one incoming/; `others` has an unfinished name, or one that nobody can use."""

    files: tuple[DroppedFile, ...]
    lone_manifests: tuple[Found, ...]
    others: tuple[Found, ...]


def list_dropped(intake: Intake, department_id: str) -> Listing:
    """List one department's incoming/, oldest file first; empty where there is no bucket."""
    files: list[Found] = []
    manifests: defaultdict[str, list[Found]] = defaultdict(list)
    others: list[Found] = []
    bucket = bucket_of(department_id)
    for info in intake.store.list(bucket, INCOMING):
        if is_unfinished(info.key) or not is_nameable(info.key):
            others.append(Found(bucket, info))
            continue
        found = _found(intake, bucket, info)
        about = described_by(info.key)
        if found is not None:
            (files if about is None else manifests[about]).append(found)
    files.sort(key=lambda found: (found.info.modified, found.key))
    with_manifests = tuple(
        DroppedFile(department_id, found, tuple(manifests.pop(found.key, []))) for found in files
    )
    lone = tuple(found for several in manifests.values() for found in several)
    return Listing(with_manifests, lone, tuple(others))


def _found(intake: Intake, bucket: str, info: ObjectInfo) -> Found | None:
    path = intake.store.local_path(bucket, info.key)
    if path is None:
        return Found(bucket, info)
    try:
        status = path.lstat()
    except OSError:
        return None  # gone since it was listed
    return Found(bucket, info, status.st_ino, status.st_ctime_ns)
