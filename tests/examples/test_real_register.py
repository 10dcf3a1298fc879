"""The real enterprise register goes the whole way; run where the data is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import require_part

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Any:
    if not all((DATA / name).is_dir() for name in ("enterprise-cn", "catalog-cn")):
        require_part("data", f"no enterprise-cn or catalog-cn in {DATA.name}")
    home = tmp_path_factory.mktemp("real")
    done = subprocess.run(
        [sys.executable, "-m", "examples.real", str(DATA)],
        cwd=ROOT,
        env={**os.environ, "DATONG_HOME": str(home), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads((home / "summary.json").read_text(encoding="utf-8"))


def test_nearly_every_row_of_the_register_is_accepted(summary: Any) -> None:
    total = summary["total"]
    assert total["rows_in"] == 40_652
    assert total["accepted"] >= 40_600
    assert total["accepted"] + total["quarantined"] == total["rows_in"]
    assert total["refused"] == 0
    assert len(summary["files"]) == 12


def test_the_numbers_are_those_that_were_counted_elsewhere(summary: Any) -> None:
    found = summary["identifiers"]
    lengths = {name: count for name, count in found.items() if name.startswith("len")}
    assert lengths == {"len18": 40_479, "len15": 154, "len13": 17, "len12": 2}
    assert found["pass_as_written"] == 40_465
    assert found["pass_after_upper"] == 40_477
    assert found["repeated"] == 0


def test_lower_case_codes_are_accepted_with_a_warning(summary: Any) -> None:
    rules = [counts["rules"] for counts in summary["files"].values()]
    assert sum(rule.get("identifier.normalised", 0) for rule in rules) == 12
    assert sum(rule.get("identifier.uscc.check", 0) for rule in rules) == 2


def test_every_accepted_row_is_a_subject_of_the_view(summary: Any) -> None:
    assert summary["catalogue"]["views"]["legal_entity"]["rows"] == summary["total"]["accepted"]


def test_every_record_of_the_portals_is_a_draft_or_is_listed(summary: Any) -> None:
    found = summary["catalogue"]["imported"]
    assert found["records"] == found["drafts"] + found["listed"] == 16_725
    assert found["listed_for"] == {"no_department": 1_841}
    assert found["kept"] == {"added": found["drafts"], "changed": 0, "unchanged": 0, "settled": 0}
    assert len(found["portals"]) == 13
    assert found["unmapped_keys"] == {}


def test_what_is_repeated_and_what_no_table_knows_is_counted(summary: Any) -> None:
    found = summary["catalogue"]["imported"]
    assert found["duplicates"]["identical"] == 4
    assert found["duplicates"]["repeated_titles_as_written"] == 348
    assert found["unknown_spellings"]["update_cycle"] == {"自定义": 1}
    assert found["unknown_spellings"]["openness"]["L1"] == 4
    assert found["decisions"]["share_type"] == found["drafts"]
