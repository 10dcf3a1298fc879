"""After the main job nothing is amiss, whoever looks."""

from __future__ import annotations

import json

from tests.e2e.chain import Chain, run_command

CLEAN = {"ok": True, "orphans": [], "missing": [], "changed": [], "unfinished": [], "repaired": []}


def test_fsck_finds_nothing_after_the_main_job(on_a_folder: Chain) -> None:
    done = run_command(on_a_folder, "fsck", "--json")
    assert json.loads(done.stdout) == CLEAN
    assert done.returncode == 0


def test_doctor_finds_no_error_after_the_main_job(on_a_folder: Chain) -> None:
    done = run_command(on_a_folder, "doctor", "--json")
    found = json.loads(done.stdout)
    assert found["ok"] is True
    assert [check for check in found["checks"] if not check["ok"]] == []
    assert done.returncode == 0
