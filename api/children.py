"""Processes that a parent keeps alive: started again when they die, told to end when it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence

import structlog

_ROUND = 0.2
_LONGEST_WAIT = 30.0
_LIVED_WELL = 60.0
_SECONDS_TO_END = 10.0


def datong(*arguments: str) -> list[str]:
    """The command line that runs `datong` with this interpreter."""
    return [sys.executable, "-m", "api.cli", *arguments]


class Children:
    """So many child processes as there are command lines. `watch` runs until `end` is called."""

    def __init__(self, commands: Sequence[Sequence[str]]) -> None:
        self._children = [_Child(command) for command in commands]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self.watch, name="children", daemon=True)

    def start(self) -> None:
        """Watch in a thread of its own."""
        self._thread.start()

    def watch(self) -> None:
        """Keep the children alive until `end`, then let them end."""
        while not self._ending.is_set():
            for child in self._children:
                child.look()
            self._ending.wait(_ROUND)
        for child in self._children:
            child.tell_to_end()
        for child in self._children:
            child.see_end()

    def end(self) -> None:
        """Tell the watch to end; from any thread, or a signal's handler."""
        self._ending.set()

    def join(self) -> None:
        self._thread.join()


class _Child:
    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._lived = 0.0
        self._wait = 0.0
        self._back_off = 0.5

    def look(self) -> None:
        """Start it if it is due; see whether it is still there. Called every round."""
        if self._process is None:
            self._wait -= _ROUND
            if self._wait <= 0:
                self._start()
            return
        self._lived += _ROUND
        code = self._process.poll()
        if code is None:
            return
        self._process = None
        self._put_off("child-ended", code=code)

    def _start(self) -> None:
        self._lived = 0.0
        try:
            self._process = subprocess.Popen(self._command)  # noqa: S603
        except OSError as error:  # no memory or no room for one more process: later there may be
            self._put_off("child-not-started", error=error.strerror)

    def _put_off(self, event: str, **facts: object) -> None:
        self._back_off = (
            0.5 if self._lived >= _LIVED_WELL else min(_LONGEST_WAIT, self._back_off * 2)
        )
        self._wait = self._back_off
        structlog.get_logger().warning(
            event, command=self._command[3:], again_in=self._wait, **facts
        )

    def tell_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def see_end(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
