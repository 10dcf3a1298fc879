"""Answers for one subject at a time, out of the immutable serving files of a view's version."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from lake.curated import bucket_of_text
from lake.views.cell_text import CellTexts, in_china
from lake.views.errors import SchemeNotInView, ServingFilesMissing, ViewNotServed
from lake.views.served_rows import Row, subject_of
from lake.views.serving_files import POINTER, publish_pointer, version_folder
from lake.views.serving_header import ALIAS_FILE, ServingHeader, part_file, read_header
from lake.views.subject import Cell, Difference, Subject
from standards.identifiers import IdentifierKind, check_identifier

__all__ = [
    "Cell",
    "Difference",
    "SchemeNotInView",
    "ServedVersion",
    "ServingReader",
    "Subject",
    "VersionRemoved",
    "ViewNotServed",
    "publish_pointer",
]

T = TypeVar("T")
_Pointer: TypeAlias = tuple[bytes, int, int]
_TRIES = 5  # a version is kept until two newer ones are served: to lose one twice is next to never


class VersionRemoved(Exception):
    """The files of a version went away before they were opened: a newer one is served."""


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """One opened version: its header, and where its files are."""

    header: ServingHeader
    folder: Path
    kinds: dict[str, IdentifierKind]
    places: dict[str, int]  # attribute -> place in the rows
    known_at: str  # as answers show it
    cells: CellTexts

    def kind_of(self, scheme: str) -> IdentifierKind:
        """The kind of the numbers of a scheme. Raises SchemeNotInView."""
        kind = self.kinds.get(scheme)
        if kind is None:
            raise SchemeNotInView(self.header.view_id, scheme, tuple(self.kinds))
        return kind


class ServingReader:
    """Looks subjects up in the version the pointer names; safe to share between threads.

    Each thread has its own connections. A moved pointer is seen at the next lookup.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = str(folder / POINTER)
        self._opened: tuple[_Pointer, ServedVersion] | None = None
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def version(self) -> int:
        """The version served now. Raises ViewNotServed."""
        return self.current().header.version

    @property
    def header(self) -> ServingHeader:
        """The header of the version served now. Raises ViewNotServed."""
        return self.current().header

    def lookup(
        self, scheme: str, number: str, attributes: Collection[str] | None = None
    ) -> Subject | None:
        """The subject known by this number, or None; cells of the asked attributes (all: None).

        The number is normalised first (GB 11643 15-digit numbers are upgraded). A number that
        several subjects share finds none of them. Raises SchemeNotInView, ViewNotServed.
        """
        return self.answer(scheme, number, attributes)[1]

    def answer(
        self, scheme: str, number: str, attributes: Collection[str] | None = None
    ) -> tuple[ServingHeader, Subject | None]:
        """What `lookup` says, beside the header of the version that said it, found or not."""

        def ask(version: ServedVersion) -> tuple[ServingHeader, Subject | None]:
            normalised = check_identifier(version.kind_of(scheme), number).normalised
            found = self.find(version, scheme, normalised) if normalised else None
            if found is None:
                return version.header, None
            subject = subject_of(version.header, *found, version.places, attributes)
            return version.header, subject

        return self.with_current(ask)

    def with_current(self, ask: Callable[[ServedVersion], T]) -> T:
        """What `ask` gets from the version served now, or from the one that took its place.

        Raises ServingFilesMissing where the pointer names a version without its files.
        """
        for _ in range(_TRIES):
            version = self.current()
            try:
                return ask(version)
            except VersionRemoved:
                continue
        raise ServingFilesMissing(version.header.view_id, version.header.version)

    def current(self) -> ServedVersion:
        """The version that the pointer names. Raises ViewNotServed, ServingFilesMissing."""
        for _ in range(_TRIES):
            pointer = self._read_pointer()
            opened = self._opened
            if opened is not None and opened[0] == pointer:
                return opened[1]
            try:
                return self._open(pointer)
            except FileNotFoundError:  # newer ones have taken its place since
                continue
        raise ServingFilesMissing(view_id=self._folder.name, version=int(pointer[0]))

    def find(self, version: ServedVersion, scheme: str, number: str) -> tuple[str, Row] | None:
        """The number a subject is filed under and its row, by a normalised number.

        Raises VersionRemoved where the version's files are gone: ask the current one.
        """
        row = self._row(version, number)
        if row is not None and version.header.schemes[row[1]][0] == scheme:
            return number, row
        if len(version.kinds) == 1:
            return None
        alias = (
            self._connection(version, ALIAS_FILE)
            .execute("SELECT subject FROM number WHERE key = ?", (f"{scheme}:{number}",))
            .fetchone()
        )
        if alias is None:
            return None
        row = self._row(version, alias[0])
        return None if row is None else (alias[0], row)

    def close(self) -> None:
        """Close the connections of the calling thread."""
        for connection in self._connections().values():
            connection.close()
        self._local.connections = {}

    def _read_pointer(self) -> _Pointer:
        """What the pointer says, and which file it is.

        The time of a file is too coarse to tell two pointers apart that were moved one right
        after the other, and the system gives the number of a removed file to the next one.
        """
        try:
            descriptor = os.open(self._pointer, os.O_RDONLY)
        except FileNotFoundError:
            raise ViewNotServed(view_id=self._folder.name) from None
        try:
            status = os.fstat(descriptor)
            return os.read(descriptor, 32), status.st_ino, status.st_mtime_ns
        finally:
            os.close(descriptor)

    def _open(self, pointer: _Pointer) -> ServedVersion:
        with self._lock:
            opened = self._opened
            if opened is None or opened[0] != pointer:
                opened = self._opened = pointer, _read_version(self._folder, int(pointer[0]))
            return opened[1]

    def _row(self, version: ServedVersion, number: str) -> Row | None:
        part = version.header.parts[bucket_of_text(number)]
        found = (
            self._connection(version, part_file(part))
            .execute("SELECT payload FROM subject WHERE number = ?", (number,))
            .fetchone()
        )
        if found is None:
            return None
        row: Row = json.loads(found[0])
        return row

    def _connections(self) -> dict[str, sqlite3.Connection]:
        connections: dict[str, sqlite3.Connection] | None
        connections = getattr(self._local, "connections", None)
        if connections is None:
            connections = self._local.connections = {}
        return connections

    def _connection(self, version: ServedVersion, name: str) -> sqlite3.Connection:
        if getattr(self._local, "version", None) is not version:
            self.close()
            self._local.version = version
        connections = self._connections()
        connection = connections.get(name)
        if connection is None:
            path = version.folder / name
            uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            try:
                connection = connections[name] = sqlite3.connect(uri, uri=True)
            except sqlite3.OperationalError as error:
                if path.exists():
                    raise
                raise VersionRemoved from error
        return connection


def _read_version(folder: Path, number: int) -> ServedVersion:
    place = version_folder(folder, number)
    header = read_header(place)
    kinds = {scheme: IdentifierKind(kind) for scheme, kind in header.schemes}
    places = {attribute: at for at, (attribute, _) in enumerate(header.attributes)}
    known_at = in_china(header.known_at)
    return ServedVersion(header, place, kinds, places, known_at, CellTexts(header, places))
