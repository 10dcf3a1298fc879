"""Reads the index of a machine as it is now, whoever writes it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog.search.place import Place, State
from catalog.search.schema import layout, open_index

if TYPE_CHECKING:
    import tantivy

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index as it was at one commit; it stays so, also when its files are deleted."""

    key: tuple[int, int]
    state: State
    index: tantivy.Index
    searcher: tantivy.Searcher


class Reader:
    """Gives the newest state of the index; safe to share between threads.

    Whether there is a newer one is asked of the file system, which takes microseconds: so a change
    is found as soon as it is written, in every process.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None

    def newest(self) -> Snapshot | None:
        """What can be searched now; None where there is no index yet, or none of our layout."""
        known = self._snapshot
        if known is not None and known.key == self._key():
            return known
        with self._lock:
            self._snapshot = self._renewed(self._snapshot)
            return self._snapshot

    def _renewed(self, known: Snapshot | None) -> Snapshot | None:
        for _ in range(_TRIES):
            key = self._key()
            if known is not None and known.key == key:
                return known
            state = self._place.read_state()
            if key is None or state is None or state.layout != layout():
                return None
            try:
                return self._opened(key, state, known)
            except (ValueError, OSError):  # another index took its place just now
                known = None
        return None

    def _opened(self, key: tuple[int, int], state: State, known: Snapshot | None) -> Snapshot:
        if known is not None and known.state.folder == state.folder:
            index = known.index
            index.reload()
        else:
            index = open_index(self._place.folder(state.folder))
        return Snapshot(key, state, index, index.searcher())

    def _key(self) -> tuple[int, int] | None:
        try:
            there = self._place.state_file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return there.st_ino, there.st_mtime_ns
