"""Check the serving files of a view on this machine, and the pointer to what is served."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from catalog import view_versions
from catalog.lake_errors import LeaseHeld
from catalog.view_versions import ViewVersion
from ingest.fsck.checking import REMOVED, Checking, row_counts, sums
from ingest.fsck.findings import NOTHING, Group, Kind, Words
from ingest.writer import sole_writer, view_lease
from lake.checksums import sha256_of_file
from lake.views.serving_files import (
    POINTER,
    SUMS_FILE,
    count_subjects,
    partial_folders,
    publish_pointer,
    read_sums,
    served_version,
    version_folder,
)
from lake.views.serving_header import (
    ALIAS_FILE,
    HEADER_FILE,
    ServingHeader,
    part_file,
    read_header,
)


def check_serving(
    checking: Checking, view_id: str, recorded: ViewVersion | None, *, building: bool
) -> None:
    """The recorded version is whole and is the one that is served."""
    folder = checking.serving / view_id
    if recorded is not None and _is_whole(checking, folder, recorded):
        _check_pointer(checking, folder, recorded)
    if not building:
        _check_partial(checking, folder, view_id)


def _is_whole(checking: Checking, folder: Path, recorded: ViewVersion) -> bool:
    """Tell what is wrong with the files; whether there is a version that can be pointed to."""
    place = version_folder(folder, recorded.version)
    if not place.is_dir():
        _tell(checking, Group.MISSING, place, recorded)
        return False
    listed = _listed(checking, place, recorded)
    is_same = _check_file(checking, place / HEADER_FILE, listed, recorded)
    header = _header(place)
    if header is None:
        if is_same:
            _tell(checking, Group.CHANGED, place / HEADER_FILE, recorded)
        return False
    parts = [place / part_file(part) for part in dict.fromkeys(header.parts)]
    others = [place / ALIAS_FILE] if len(header.schemes) > 1 else []
    sound = [_check_file(checking, path, listed, recorded) for path in [*parts, *others]]
    if all(sound) and not checking.options.quick:
        _check_subjects(checking, parts, recorded)
    return True


def _listed(checking: Checking, place: Path, recorded: ViewVersion) -> dict[str, str]:
    """SHA-256 by name of file; a version written without is judged by what SQLite says."""
    try:
        return read_sums(place) or {}
    except ValueError:
        _tell(checking, Group.CHANGED, place / SUMS_FILE, recorded)
        return {}


def _header(place: Path) -> ServingHeader | None:
    try:
        return read_header(place)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _check_file(
    checking: Checking, path: Path, listed: dict[str, str], recorded: ViewVersion
) -> bool:
    if not path.is_file():
        _tell(checking, Group.MISSING, path, recorded)
        return False
    expected = listed.get(path.name)
    if checking.options.quick or expected is None:
        return True
    found = sha256_of_file(path)
    if found != expected:
        _tell(checking, Group.CHANGED, path, recorded, sums(expected, found))
    return found == expected


def _check_subjects(checking: Checking, parts: list[Path], recorded: ViewVersion) -> None:
    """All parts together hold as many subjects as the build recorded."""
    count = 0
    for part in parts:
        try:
            count += count_subjects(part)
        except ValueError:
            _tell(checking, Group.CHANGED, part, recorded)
            return
    if count != recorded.rows:
        place = parts[0].parent
        _tell(checking, Group.CHANGED, place, recorded, row_counts(recorded.rows, count))


def _check_pointer(checking: Checking, folder: Path, recorded: ViewVersion) -> None:
    """What is recorded is served, and nothing else."""
    try:
        served = served_version(folder)
    except ValueError:
        served = -1
    lease = view_lease(recorded.view_id)
    if served == recorded.version or checking.is_held(lease) or _is_past(checking, recorded):
        return

    def moving() -> Words | None:
        # Alone, or the pointer might be moved back behind a build that ends at this moment.
        with suppress(LeaseHeld), sole_writer(checking.intake, lease, wait=False):
            if not _is_past(checking, recorded):
                publish_pointer(folder, recorded.version)
                number = recorded.version
                return f"已指向第 {number} 版", f"it names version {number} again"
        return None

    checking.mend(
        Group.CHANGED,
        Kind.POINTER,
        moving,
        key=str(folder / POINTER),
        about=recorded.view_id,
        detail=(f"登记的是第 {recorded.version} 版", f"version {recorded.version} is recorded"),
    )


def _is_past(checking: Checking, recorded: ViewVersion) -> bool:
    """Whether another version was recorded since this check looked."""
    with checking.intake.database.reading() as conn:
        current = view_versions.current(conn, recorded.view_id)
    return current is None or current.version != recorded.version


def _check_partial(checking: Checking, folder: Path, view_id: str) -> None:
    """A version that was being written when its build was cut off; every build begins anew."""
    for path in partial_folders(folder):
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if not checking.is_settled(modified):
            checking.tell(Group.ORPHANS, Kind.SERVING, key=str(path), about=view_id)
            continue

        def removing(path: Path = path) -> Words:
            shutil.rmtree(path)
            return REMOVED

        checking.mend(Group.ORPHANS, Kind.SERVING, removing, key=str(path), about=view_id)


def _tell(
    checking: Checking, group: Group, path: Path, recorded: ViewVersion, detail: Words = NOTHING
) -> None:
    about = recorded.view_id
    checking.tell(group, Kind.SERVING, key=str(path), about=about, detail=detail)
