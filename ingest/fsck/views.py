"""Check the base views: the tables of the recorded version, its serving files, its pointer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog import jobs, view_versions
from catalog.jobs import JobKind
from catalog.view_versions import ViewVersion
from ingest.fsck.checking import Checking, row_counts
from ingest.fsck.findings import Group, Kind
from ingest.fsck.leftovers import check_metadata, check_staged, check_uploads, tell
from ingest.fsck.serving import check_serving
from ingest.fsck.shelf import Shelf
from ingest.fsck.table_files import TableWalk, Walked, WantedTable, has_moved
from ingest.writer import view_lease
from lake.errors import LakeError
from lake.iceberg import VIEW_VERSION_PROPERTY
from lake.inventory import History, KnownSnapshot
from lake.layout import BASE_BUCKET, BASE_NAMESPACE, view_prefix
from lake.objects import ObjectInfo
from lake.views.commit import snapshots_of

# The rows of a view and, beside them, what explains its codes and where sources differ.
_TABLES = ("{}", "{}_deliveries", "{}_differences")
_FILE = re.compile(r"(curated/([^/]+)/)(?:metadata/.+|data/v([0-9]+)[^/]*/.+)")


@dataclass(frozen=True, slots=True)
class _View:
    """A view, its recorded version, and whether a living build is at the next one."""

    view_id: str
    recorded: ViewVersion | None
    building: bool

    @property
    def version(self) -> int:
        return 0 if self.recorded is None else self.recorded.version


def check_views(checking: Checking) -> None:
    """Check every view, and the bucket of the platform that holds their tables."""
    checking.intake.progress("基础库 views", None)
    shelf = Shelf(checking.intake.store, BASE_BUCKET)
    owners: dict[str, tuple[_View, Walked]] = {}
    for view_id in checking.views:
        view = _look(checking, view_id)
        unrecorded = False
        for pattern in _TABLES:
            table = pattern.format(view_id)
            walked, later = _check_table(checking, shelf, view, table)
            unrecorded |= later
            if walked.whole:
                owners[f"{view_prefix(table)}/"] = view, walked
            else:
                shelf.forget_below(f"{view_prefix(table)}/")
        if unrecorded and not view.building:
            checking.tell(Group.UNFINISHED, Kind.VIEW_BUILD, about=view_id)
        check_serving(checking, view_id, view.recorded, building=view.building)
    _check_unknown_tables(checking, shelf)
    for info in shelf.left():
        _check_left(checking, shelf, info, owners)
    check_uploads(checking, BASE_BUCKET)


def _look(checking: Checking, view_id: str) -> _View:
    with checking.intake.database.reading() as conn:
        recorded = view_versions.current(conn, view_id)
        job = jobs.of_subject(conn, JobKind.VIEW, view_id)
    # A job that waits for a worker will build it; whoever is at it holds the lease.
    building = checking.is_held(view_lease(view_id)) or (job is not None and job.live)
    return _View(view_id, recorded, building)


def _check_table(checking: Checking, shelf: Shelf, view: _View, table: str) -> tuple[Walked, bool]:
    """Walk one table of a view; also whether it holds a version that was never recorded."""
    identifier = (BASE_NAMESPACE, table)
    pointer = checking.intake.tables.pointers().get(identifier)
    if pointer is None:
        if view.recorded is not None:
            name = ".".join(identifier)
            checking.tell(Group.MISSING, Kind.TABLE, key=name, about=view.view_id)
        return Walked(whole=view.recorded is None), False
    recorded = _snapshot_of(checking, view, table, pointer)
    wanted = WantedTable(BASE_BUCKET, identifier, view.view_id, recorded)
    walked = TableWalk(checking, shelf, wanted).walk(pointer)
    for each in walked.damage:
        checking.tell(
            each.group,
            Kind.VIEW_DATA,
            bucket=each.bucket,
            key=each.key,
            about=view.view_id,
            detail=each.detail,
        )
    if walked.whole and table == view.view_id:
        _check_rows(checking, view, walked)
    return walked, _is_ahead(walked.history, view.version)


def _snapshot_of(checking: Checking, view: _View, table: str, pointer: str) -> int | None:
    """The recorded snapshot of the rows, and those of the other tables that it names."""
    recorded = None if view.recorded is None else view.recorded.snapshot_id
    if recorded is None or table == view.view_id:
        return recorded
    try:
        named = snapshots_of(checking.intake.tables, view.view_id, recorded).get(table)
        history = checking.files.history(pointer)
    except (LakeError, FileNotFoundError):
        return None  # told where the rows, or this table, are walked
    if named is not None:
        return named
    # a version from before the rows named them: the newest commit for it
    made = (each for each in reversed(history.snapshots) if _version_of(each) == view.version)
    return next((each.snapshot_id for each in made), None)


def _version_of(snapshot: KnownSnapshot) -> int:
    return int(snapshot.properties.get(VIEW_VERSION_PROPERTY, "0"))


def _is_ahead(history: History | None, version: int) -> bool:
    return history is not None and any(_version_of(each) > version for each in history.snapshots)


def _check_rows(checking: Checking, view: _View, walked: Walked) -> None:
    rows = sum(file.rows for file in walked.files.values())
    if view.recorded is not None and rows != view.recorded.rows:
        checking.tell(
            Group.CHANGED,
            Kind.VIEW_ROWS,
            bucket=BASE_BUCKET,
            key=f"{BASE_NAMESPACE}.{view.view_id}",
            about=view.view_id,
            detail=row_counts(view.recorded.rows, rows),
        )


def _check_unknown_tables(checking: Checking, shelf: Shelf) -> None:
    known = {pattern.format(view_id) for view_id in checking.views for pattern in _TABLES}
    for (namespace, name), pointer in sorted(checking.intake.tables.pointers().items()):
        bucket, key = checking.files.place(pointer) or ("", "")
        if bucket != BASE_BUCKET or (namespace == BASE_NAMESPACE and name in known):
            continue
        prefix = key.rpartition("metadata/")[0]
        shelf.forget_below(prefix)
        about = f"{namespace}.{name}"
        checking.tell(Group.ORPHANS, Kind.TABLE, bucket=bucket, key=prefix, about=about)


def _check_left(
    checking: Checking, shelf: Shelf, info: ObjectInfo, owners: dict[str, tuple[_View, Walked]]
) -> None:
    if info.key.startswith("staging/"):
        check_staged(checking, BASE_BUCKET, info)
        return
    place = _FILE.fullmatch(info.key)
    view, walked = owners.get("" if place is None else place[1], (None, Walked()))
    if place is None or view is None:
        tell(checking, BASE_BUCKET, info, Kind.OBJECT)
    elif has_moved(checking, walked):
        return
    elif place[3] is None:
        check_metadata(checking, BASE_BUCKET, info, walked, view.view_id, is_held=view.building)
    elif view.building:
        return
    elif checking.is_settled(info.modified) and int(place[3]) <= view.version + 1:
        # Of no version that any snapshot knows; every version is made anew from curated tables.
        checking.remove(Kind.VIEW_DATA, BASE_BUCKET, info, view.view_id)
    else:
        tell(checking, BASE_BUCKET, info, Kind.VIEW_DATA, view.view_id)
