"""Where the index of a machine lies: which folder is the one in use, and who writes to it.

`state.json` names the folder and says how far it has come, in one file that is replaced whole: so
an index and its mark move together. It is written after the commit it speaks of; a process that
dies in between applies the same changes once more, which changes nothing. Locks are the operating
system's and end with their process.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.search.marks import Mark, mark_of

_LIVE = "index-"


@dataclass(frozen=True, slots=True)
class State:
    """An index: its folder, how it is laid out, whose catalogue it shows and up to which change.

    `filled_to` is the last record taken over while the whole catalogue is being read in, and None
    once it has been.
    """

    folder: str
    layout: str
    catalogue: str
    mark: Mark
    filled_to: str | None

    @property
    def complete(self) -> bool:
        return self.filled_to is None


@dataclass(frozen=True, slots=True)
class Place:
    """The folder that holds everything of the search of one machine; it may be deleted."""

    home: Path

    @property
    def state_file(self) -> Path:
        return self.home / "state.json"

    @property
    def writer_lock(self) -> Path:
        return self.home / "writer.lock"

    @property
    def rebuild_lock(self) -> Path:
        return self.home / "rebuild.lock"

    @property
    def aside(self) -> Path:
        """Where an index is made anew while the one in use goes on."""
        return self.home / "aside"

    @property
    def aside_state(self) -> Path:
        """There once the index that was made aside is whole."""
        return self.aside / "state.json"

    def folder(self, name: str) -> Path:
        return self.home / name

    def read_state(self) -> State | None:
        return _read(self.state_file)

    def holds(self, state: State) -> bool:
        """Whether the index of a state is there, and the state was not deleted."""
        return self.state_file.exists() and (self.folder(state.folder) / "meta.json").exists()

    def write_state(self, state: State) -> None:
        _write(self.state_file, state)

    def write_aside(self, state: State) -> None:
        _write(self.aside_state, state)

    def new_folder(self) -> str:
        """Make the next folder for an index, and remove whatever came before it."""
        self.home.mkdir(parents=True, exist_ok=True)
        name = self._next_name()
        for folder in self.home.glob(f"{_LIVE}*"):
            shutil.rmtree(folder, ignore_errors=True)
        self.folder(name).mkdir(exist_ok=True)
        return name

    def take_over(self, fits: Callable[[State], bool]) -> None:
        """Put the index that was made aside in use if it fits, and remove the one before it.

        Who searches the old one has its files open and goes on until it looks again.
        """
        made = _read(self.aside_state)
        if made is None or not fits(made):
            shutil.rmtree(self.aside, ignore_errors=True)
            return
        name = self._next_name()
        self.aside_state.unlink()
        self.aside.rename(self.folder(name))
        self.write_state(replace(made, folder=name))
        for folder in self.home.glob(f"{_LIVE}*"):
            if folder.name != name:
                shutil.rmtree(folder, ignore_errors=True)

    def _next_name(self) -> str:
        numbers = (folder.name.removeprefix(_LIVE) for folder in self.home.glob(f"{_LIVE}*"))
        return f"{_LIVE}{max((int(n) for n in numbers if n.isdigit()), default=0) + 1}"


class Lock:
    """A lock of the operating system on a file, which ends with the process that holds it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Try to be its holder; nobody is waited for."""
        if self.held():
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        # the file may have been deleted between opening and locking it
        return self.held()

    def held(self) -> bool:
        """Whether it is ours: a file that was deleted meanwhile keeps nobody else away."""
        if self._file is None:
            return False
        try:
            there = self._path.stat()
        except FileNotFoundError:
            self.release()
            return False
        if there.st_ino != os.fstat(self._file).st_ino:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _read(path: Path) -> State | None:
    """The state in a file; None where there is none that we understand."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return State(
            folder=str(document["folder"]),
            layout=str(document["layout"]),
            catalogue=str(document["catalogue"]),
            mark=mark_of(document["mark"]),
            filled_to=document["filled_to"],
        )
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, state: State) -> None:
    document = {
        "folder": state.folder,
        "layout": state.layout,
        "catalogue": state.catalogue,
        "mark": state.mark.as_json(),
        "filled_to": state.filled_to,
    }
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_text(json.dumps(document), encoding="utf-8")
    new.replace(path)
