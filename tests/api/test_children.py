"""Processes that a parent keeps alive: what can not be started now is tried again later."""

from __future__ import annotations

import sys
from pathlib import Path

from api.children import Children
from tests.api.test_worker import until


def test_a_child_that_can_not_be_started_keeps_no_other_waiting_and_is_tried_again(
    tmp_path: Path,
) -> None:
    program, late, other = (tmp_path / name for name in ("program", "late", "other"))
    touch = [sys.executable, "-c", "import pathlib, sys; pathlib.Path(sys.argv[1]).touch()"]
    children = Children([[str(program), str(late)], [*touch, str(other)]])
    children.start()
    try:
        until(other.exists)
        program.write_text('#!/bin/sh\ntouch "$1"\n', encoding="ascii")
        program.chmod(0o700)
        until(late.exists)
    finally:
        children.end()
        children.join()
