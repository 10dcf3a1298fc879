"""Walk one Iceberg table from its pointer down to each data file, held against the store."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyiceberg.manifest import ManifestFile

from ingest.fsck.checking import Checking, row_counts, sizes, sums, unreadable
from ingest.fsck.findings import NOTHING, Group, Kind, Words
from ingest.fsck.shelf import Shelf
from lake.checksums import recorded_sums, sha256_of_object, short_name
from lake.errors import ObjectNotFound
from lake.inventory import DataFile, History, KnownSnapshot, UnreadableFile


@dataclass(frozen=True, slots=True)
class WantedTable:
    """A table as the registers know it: `recorded` is the snapshot that readers see, None where
    nothing was recorded; `about` the resource or the view."""

    bucket: str
    identifier: tuple[str, str]
    about: str
    recorded: int | None

    @property
    def name(self) -> str:
        return ".".join(self.identifier)


@dataclass(frozen=True, slots=True)
class Damage:
    """A data file that is not what the table says of it; `sha256` is what it should be."""

    group: Group
    file: DataFile
    bucket: str | None
    key: str
    detail: Words
    sha256: str | None


@dataclass(slots=True)
class Walked:
    """What a walk found: every data file of the recorded snapshot, and those that are damaged.

    `whole`: all metadata could be read; without that nothing may be called superfluous. `pointer`
    is the URL of the newest metadata file.
    """

    identifier: tuple[str, str] = ("", "")
    pointer: str = ""
    history: History | None = None
    files: dict[str, DataFile] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)
    whole: bool = True


def has_moved(checking: Checking, walked: Walked) -> bool:
    """Whether somebody committed since the walk: what was in nobody's table may be in it now."""
    return checking.intake.tables.pointers().get(walked.identifier) != walked.pointer


class TableWalk:
    """One walk. Metadata that is damaged is told at once, data files are left to the caller."""

    def __init__(self, checking: Checking, shelf: Shelf, wanted: WantedTable) -> None:
        self._checking, self._shelf, self._wanted = checking, shelf, wanted
        self._files = checking.files
        self._walked = Walked(wanted.identifier)
        self._manifests: dict[str, list[DataFile]] = {}
        self._sums: dict[str, str] = {}

    def walk(self, pointer: str) -> Walked:
        """Go down from the metadata file that the table catalogue points to."""
        self._walked.pointer = pointer
        history = self._history(pointer)
        if history is None:
            self._walked.whole = False
            return self._walked
        self._walked.history = history
        self._older_metadata(pointer, history)
        recorded = self._wanted.recorded
        if recorded is not None and history.find(recorded) is None:
            self._tell(Group.CHANGED, Kind.TABLE, self._wanted.name, _not_in_history(recorded))
            self._walked.whole = False
            return self._walked
        # What was committed and not recorded yet is seen by nobody: it is known, but not judged.
        later = {each.snapshot_id for each in history.since(recorded)}
        # To read every list costs with the square of the commits: 25 s for a thousand of them.
        covered = history.covered_by(recorded) if self._checking.options.quick else frozenset()
        judged: dict[str, DataFile] = {}
        for snapshot in history.snapshots:
            if snapshot.snapshot_id in covered:
                if self._take(snapshot.manifest_list) is None:
                    self._metadata_damage(Group.MISSING, snapshot.manifest_list, judged=True)
                self._sums |= recorded_sums(snapshot.properties)
                continue
            files = self._snapshot(snapshot, judged=snapshot.snapshot_id not in later)
            if snapshot.snapshot_id in later:
                self._forget(files)
            else:
                judged |= files
                self._sums |= recorded_sums(snapshot.properties)
            if snapshot.snapshot_id == recorded:
                self._walked.files = files
        for file in judged.values():
            self._judge(file)
        return self._walked

    def _history(self, pointer: str) -> History | None:
        try:
            found = self._files.history(pointer)
        except FileNotFoundError:
            self._tell(Group.MISSING, Kind.METADATA, pointer)
            return None
        except UnreadableFile as error:
            self._tell(Group.CHANGED, Kind.METADATA, pointer, unreadable(error))
            return None
        self._take(pointer)
        return found

    def _older_metadata(self, pointer: str, history: History) -> None:
        for url in history.metadata_files:
            if url == pointer:
                continue
            if self._take(url) is None:
                if self._is_still_kept(url):
                    self._tell(Group.MISSING, Kind.METADATA, url)
            elif not self._checking.options.quick:
                self._read_older(url)

    def _read_older(self, url: str) -> None:
        try:
            self._files.history(url)
        except FileNotFoundError:
            return  # it left the log a moment ago
        except UnreadableFile as error:
            self._tell(Group.CHANGED, Kind.METADATA, url, unreadable(error))

    def _is_still_kept(self, url: str) -> bool:
        """A commit in between may have removed the oldest of them."""
        pointer = self._checking.intake.tables.pointers().get(self._wanted.identifier)
        try:
            return pointer is None or url in self._files.history(pointer).metadata_files
        except (FileNotFoundError, UnreadableFile):
            return False

    def _snapshot(self, snapshot: KnownSnapshot, *, judged: bool) -> dict[str, DataFile]:
        url = snapshot.manifest_list
        self._take(url)
        try:
            manifests = self._files.manifests(snapshot)
        except FileNotFoundError:
            self._metadata_damage(Group.MISSING, url, judged=judged)
            return {}
        except UnreadableFile as error:
            self._metadata_damage(Group.CHANGED, url, unreadable(error), judged=judged)
            return {}
        found = [file for each in manifests for file in self._manifest(each, judged=judged)]
        return {file.url: file for file in found}

    def _manifest(self, manifest: ManifestFile, *, judged: bool) -> list[DataFile]:
        url = manifest.manifest_path
        if url not in self._manifests:
            self._manifests[url] = []
            size = self._take(url)
            if size is not None and size != manifest.manifest_length:
                detail = sizes(manifest.manifest_length, size)
                self._metadata_damage(Group.CHANGED, url, detail, judged=judged)
                return []
            try:
                self._manifests[url] = self._files.data_files(manifest)
            except FileNotFoundError:
                self._metadata_damage(Group.MISSING, url, judged=judged)
            except UnreadableFile as error:
                self._metadata_damage(Group.CHANGED, url, unreadable(error), judged=judged)
        return self._manifests[url]

    def _metadata_damage(
        self, group: Group, url: str, detail: Words = NOTHING, *, judged: bool
    ) -> None:
        self._walked.whole = False
        if judged:
            self._tell(group, Kind.METADATA, url, detail)

    def _forget(self, files: dict[str, DataFile]) -> None:
        for url in files:
            place = self._files.place(url)
            if place is not None and place[0] == self._shelf.bucket:
                self._shelf.forget(place[1])

    def _judge(self, file: DataFile) -> None:
        bucket, key = self._files.place(file.url) or (None, file.url)
        expected = self._sums.get(short_name(file.url))
        wrong = self._wrong(file, key, expected)
        if wrong is not None:
            self._walked.damage.append(Damage(wrong[0], file, bucket, key, wrong[1], expected))

    def _wrong(self, file: DataFile, key: str, expected: str | None) -> tuple[Group, Words] | None:
        size = self._take(file.url)
        if size is None:
            return Group.MISSING, NOTHING
        if size != file.size:
            return Group.CHANGED, sizes(file.size, size)
        if self._checking.options.quick:
            return None
        try:
            if expected is not None:
                found = sha256_of_object(self._checking.intake.store, self._shelf.bucket, key)
                return None if found == expected else (Group.CHANGED, sums(expected, found))
            rows = self._files.rows_in(file.url)
        except (FileNotFoundError, ObjectNotFound):
            return Group.MISSING, NOTHING
        except UnreadableFile as error:
            return Group.CHANGED, unreadable(error)
        return None if rows == file.rows else (Group.CHANGED, row_counts(file.rows, rows))

    def _take(self, url: str) -> int | None:
        place = self._files.place(url)
        if place is None or place[0] != self._shelf.bucket:
            return None
        return self._shelf.take(place[1])

    def _tell(self, group: Group, kind: Kind, url: str, detail: Words = NOTHING) -> None:
        bucket, key = self._files.place(url) or (None, url)
        about = self._wanted.about
        self._checking.tell(group, kind, bucket=bucket, key=key, about=about, detail=detail)


def _not_in_history(snapshot_id: int) -> Words:
    return (
        f"登记的快照 {snapshot_id} 不在其历史中",
        f"the recorded snapshot {snapshot_id} is not in its history",
    )
