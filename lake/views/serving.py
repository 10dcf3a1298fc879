"""Answers for one subject at a time, out of the immutable serving files of a view's version."""

import json
import os
import re
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.curated import bucket_of_text
from lake.views.errors import CorruptServingRow, SchemeNotInView, ViewNotServed
from lake.views.serving_files import POINTER, publish_pointer, version_folder
from lake.views.serving_header import (
    ALIAS_FILE,
    DERIVED,
    ServingHeader,
    part_file,
    read_header,
    registering_character,
)
from lake.views.subject import Cell, Difference, JsonValue, Subject
from standards.identifiers import IdentifierKind, check_identifier

__all__ = [
    "Cell",
    "Difference",
    "SchemeNotInView",
    "ServingReader",
    "Subject",
    "ViewNotServed",
    "publish_pointer",
]


_WHOLE = re.compile(r"-?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class _Version:
    """One opened version: its header, and where its files are."""

    header: ServingHeader
    folder: Path
    kinds: dict[str, IdentifierKind]
    places: dict[str, int]  # attribute -> place in the rows


class ServingReader:
    """Looks subjects up in the version the pointer names; safe to share between threads.

    Each thread has its own connections. A moved pointer is seen at the next lookup.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = str(folder / POINTER)
        self._stamp: tuple[int, int] | None = None
        self._version: _Version | None = None
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def version(self) -> int:
        """The version served now. Raises ViewNotServed."""
        return self._current().header.version

    @property
    def header(self) -> ServingHeader:
        """The header of the version served now. Raises ViewNotServed."""
        return self._current().header

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
        version = self._current()
        kind = version.kinds.get(scheme)
        if kind is None:
            raise SchemeNotInView(
                view_id=version.header.view_id, scheme=scheme, known=tuple(version.kinds)
            )
        normalised = check_identifier(kind, number).normalised
        row = self._find(version, scheme, normalised) if normalised else None
        if row is None:
            return version.header, None
        return version.header, _subject(version, *row, attributes)

    def close(self) -> None:
        """Close the connections of the calling thread."""
        for connection in self._connections().values():
            connection.close()
        self._local.connections = {}

    def _current(self) -> _Version:
        try:
            status = os.stat(self._pointer)  # noqa: PTH116 (the hot path: Path.stat costs double)
        except FileNotFoundError:
            raise ViewNotServed(view_id=self._folder.name) from None
        stamp = (status.st_ino, status.st_mtime_ns)
        version = self._version
        if version is None or stamp != self._stamp:
            with self._lock:
                version = self._open()
                self._version, self._stamp = version, stamp
        return version

    def _open(self) -> _Version:
        number = int(Path(self._pointer).read_text(encoding="ascii"))
        folder = version_folder(self._folder, number)
        header = read_header(folder)
        kinds = {scheme: IdentifierKind(kind) for scheme, kind in header.schemes}
        places = {attribute: place for place, (attribute, _) in enumerate(header.attributes)}
        return _Version(header, folder, kinds, places)

    def _find(self, version: _Version, scheme: str, number: str) -> tuple[str, list[Any]] | None:
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

    def _row(self, version: _Version, number: str) -> list[Any] | None:
        part = version.header.parts[bucket_of_text(number)]
        found = (
            self._connection(version, part_file(part))
            .execute("SELECT payload FROM subject WHERE number = ?", (number,))
            .fetchone()
        )
        return None if found is None else json.loads(found[0])

    def _connections(self) -> dict[str, sqlite3.Connection]:
        connections: dict[str, sqlite3.Connection] | None
        connections = getattr(self._local, "connections", None)
        if connections is None:
            connections = self._local.connections = {}
        return connections

    def _connection(self, version: _Version, name: str) -> sqlite3.Connection:
        if getattr(self._local, "version", None) is not version:
            self.close()
            self._local.version = version
        connections = self._connections()
        connection = connections.get(name)
        if connection is None:
            uri = f"{(version.folder / name).absolute().as_uri()}?mode=ro&immutable=1"
            connection = connections[name] = sqlite3.connect(uri, uri=True)
        return connection


def _subject(
    version: _Version, number: str, row: list[Any], attributes: Collection[str] | None
) -> Subject:
    header = version.header
    asked = version.places if attributes is None else attributes
    differing: dict[int, dict[int, str]] = {}
    for place, source, text in row[6] or ():
        differing.setdefault(place, {})[source] = text
    duty = header.registrars.get(registering_character(header.schemes[row[1]][1], number), "")
    cells = {
        attribute: _cell(header, row, place, differing.get(place), duty)
        for attribute in asked
        if (place := version.places.get(attribute)) is not None
    }
    scheme = header.schemes[row[1]][0]
    return Subject(row[0], scheme, number, header.version, header.known_at, cells)


def _cell(
    header: ServingHeader,
    row: list[Any],
    place: int,
    differing: dict[int, str] | None,
    duty: str,
) -> Cell:
    attribute, data_type = header.attributes[place]
    winner, mask, deliveries = row[3][place], row[4][place], row[5]
    value = _value(data_type, row[2][place])
    differ: tuple[Difference, ...] = ()
    if differing:
        differ = tuple(
            Difference(
                header.sources[k], _value(data_type, text), *_delivery(header, deliveries, k)
            )
            for k, text in sorted(differing.items())
        )
    if winner is None or winner == DERIVED:
        return Cell(value, None, None, None, None if winner is None else "derived", (), differ)
    rules = header.rules[attribute]
    rule = (rules.get(duty) or rules[""])[str(winner)]
    others = mask & ~(1 << winner)
    agree: tuple[str, ...] = ()
    if others:
        agree = tuple(
            source
            for k, source in enumerate(header.sources)
            if others >> k & 1 and not (differing and k in differing)
        )
    source = header.sources[winner]
    return Cell(value, source, *_delivery(header, deliveries, winner), rule, agree, differ)


def _delivery(header: ServingHeader, deliveries: list[int | None], source: int) -> tuple[str, str]:
    number = deliveries[source]
    if number is None:
        raise CorruptServingRow(view_id=header.view_id, version=header.version)
    return header.deliveries[number]


def _value(data_type: str, text: str | None) -> JsonValue:
    """Canonical text as JSON says it; a value foreign to its type stays the text it was."""
    if text is None:
        return None
    if data_type == "I" and _WHOLE.fullmatch(text):
        return int(text)
    if data_type == "L" and text in ("true", "false"):
        return text == "true"
    return text
