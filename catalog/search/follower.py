"""Keeps the index of a machine up with the catalogue: reads what changed, and writes it down.

Of all processes of a machine one writes, the holder of a lock; the others look from time to time
whether it is free. Each step is short, so that who searches meanwhile, or waits for a change to
show, hardly notices the catalogue being read in for the first time.
"""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from catalog.clock import Clock
from catalog.database import Database
from catalog.search import source
from catalog.search.place import Lock, Place, State
from catalog.search.schema import layout
from catalog.search.writer import IndexWriter

CHANGES_A_STEP = 1000
RECORDS_A_STEP = 500
MOST_UNSAVED = 10_000


class Follower:
    """Used by one thread. `catalogue` tells which catalogue the index must be of."""

    def __init__(
        self, database: Database, place: Place, clock: Clock, catalogue: Callable[[], str]
    ) -> None:
        self._database, self._place, self._clock = database, place, clock
        self._catalogue = catalogue
        self._lock = Lock(place.writer_lock)
        self._open: tuple[IndexWriter, State] | None = None
        self._saved: State | None = None

    @property
    def writes(self) -> bool:
        """Whether it is this one that writes."""
        return self._lock.held()

    def step(self) -> bool:
        """Do some of what there is to do; True while there is more.

        Does nothing where another process writes.
        """
        if not self._lock.held():
            self._open = None
            if not self._lock.take():
                return False
        writer, state = self._ready()
        with self._database.reading() as conn:
            changes = source.changes_after(conn, state.mark, CHANGES_A_STEP)
            changed = {resource_id for _, resource_id in changes}
            published = source.published_of(conn, changed)
        writer.replace(changed, published)
        mark = state.mark.after((number for number, _ in changes), self._clock.now())
        state = self._filled_further(writer, replace(state, mark=mark))
        behind = len(changes) >= CHANGES_A_STEP
        if writer.unsaved >= MOST_UNSAVED or (not behind and (changed or state.complete)):
            self._save(writer, state)
        self._open = writer, state
        return behind or not state.complete

    def catch_up(self) -> bool:
        """Go on until there is nothing more to do; False where another process writes."""
        while self.step():
            pass
        return self.writes

    def close(self) -> None:
        """Let another process write from here on."""
        self._open = None
        self._lock.release()

    def _ready(self) -> tuple[IndexWriter, State]:
        """The index in use; a new one where there is none that can be used."""
        if self._place.aside_state.exists():
            self._open = None
            self._place.take_over(self._fits)
        if self._open is not None and self._place.holds(self._open[1]):
            return self._open
        self._open = None
        self._saved = found = self._place.read_state()
        if found is not None and self._fits(found) and self._place.holds(found):
            try:
                return IndexWriter(self._place.folder(found.folder)), found
            except (ValueError, OSError):  # it is damaged, and nothing in it is there only
                pass
        return self._begin()

    def _fits(self, state: State) -> bool:
        """Whether it is an index of this catalogue as we write one, and no copy from later on."""
        if state.layout != layout() or state.catalogue != self._catalogue():
            return False
        with self._database.reading() as conn:
            return state.mark.sequence <= source.newest_change(conn)

    def _begin(self) -> tuple[IndexWriter, State]:
        folder = self._place.new_folder()
        writer = IndexWriter(self._place.folder(folder), new=True)
        with self._database.reading() as conn:
            mark = source.mark_now(conn, self._clock.now())
        state = State(folder, layout(), self._catalogue(), mark, filled_to="")
        self._place.write_state(state)
        return writer, state

    def _filled_further(self, writer: IndexWriter, state: State) -> State:
        """Take in the next records of the catalogue, until all of them are there."""
        if state.filled_to is None:
            return state
        with self._database.reading() as conn:
            found = source.records_after(conn, state.filled_to, RECORDS_A_STEP)
        ids = [record.resource_id for record in found]
        writer.replace(ids, found)  # one that was changed meanwhile is there already
        return replace(state, filled_to=ids[-1] if len(ids) == RECORDS_A_STEP else None)

    def _save(self, writer: IndexWriter, state: State) -> None:
        if writer.unsaved:
            writer.save()
        if state != self._saved:
            self._place.write_state(state)
        self._saved = state


def make_aside(
    database: Database,
    place: Place,
    clock: Clock,
    catalogue: str,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Make the whole index anew beside the one in use; the number of its records.

    The next step of whoever writes puts it in use.
    """
    folder = _emptied(place.aside)
    writer = IndexWriter(folder, new=True)
    with database.reading() as conn:
        mark = source.mark_now(conn, clock.now())
    with _without_collecting():
        done = _add_all(database, writer, progress)
    writer.save()
    writer.finish()
    place.write_aside(State("", layout(), catalogue, mark, filled_to=None))
    return done


def _add_all(database: Database, writer: IndexWriter, progress: Callable[[int], None]) -> int:
    done, last = 0, ""
    while True:
        with database.reading() as conn:
            found = source.records_after(conn, last, RECORDS_A_STEP)
        writer.add(found)
        done += len(found)
        progress(done)
        if len(found) < RECORDS_A_STEP:
            return done
        last = found[-1].resource_id


@contextmanager
def _without_collecting() -> Iterator[None]:
    """What is made of a record is let go of with it: looking for cycles costs a seventh more."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
