"""Processes that do the same thing at the same moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_TREE = Path(__file__).parents[2]
_START = "\nimport sys\nsys.stdout.write('ready\\n')\nsys.stdout.flush()\nsys.stdin.readline()\n"


def run_together(
    count: int, prepare: str, act: str, *arguments: str, seconds: float = 120
) -> Sequence[str]:
    """Run one program in several processes; each waits before `act` until all are there.

    Gives what each wrote to standard output. AssertionError, with what it said, if one failed.
    """
    command = [sys.executable, "-W", "error", "-c", prepare + _START + act, *arguments]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen(command, cwd=_TREE, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        for _ in range(count)
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate()
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [(*process.communicate(timeout=seconds), process.returncode) for process in running]
    finally:
        for process in running:
            process.kill()
            process.communicate()
    for _said, errors, code in ended:
        assert code == 0, errors
    return [said for said, _errors, _code in ended]
