"""The demonstration shows the whole main job, may be run again, and finds what was spoiled."""

import csv
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from examples.demo import WORLD
from examples.office import Office, open_office
from examples.screen import Screen
from examples.world.errors import Outcome

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: what it printed, and what it left."""

    home: Path
    output: str
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(home: Path) -> Run:
    return run_demo(home)


@pytest.fixture(scope="module")
def second(first: Run) -> Run:
    return run_demo(first.home)


@pytest.fixture
def office(first: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("DATONG_HOME", str(first.home))
    with open_office("var/unused", WORLD / "code_lists") as opened:
        yield opened


def run_demo(home: Path) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        env={**os.environ, "DATONG_HOME": str(home), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=200,
    )
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads((home / "summary.json").read_text(encoding="utf-8"))
    return Run(home, done.stdout, summary)


def spoiled(home: Path) -> list[dict[str, str]]:
    with (home / "world" / "truth" / "spoiled.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_went_to_quarantine_is_what_was_spoiled(first: Run) -> None:
    lost = Counter(one["file"] for one in spoiled(first.home) if one["outcome"] == "quarantine")
    found = {name: counts["quarantined"] for name, counts in first.summary["files"].items()}
    assert {name: count for name, count in found.items() if count} == dict(lost)


def test_each_row_in_quarantine_is_one_that_the_truth_names(first: Run, office: Office) -> None:
    departments = {
        entry["file"]: entry["department"]
        for entry in json.loads((first.home / "world" / "deliveries.json").read_text("utf-8"))
    }
    expected = {
        (one["file"], int(one["row"]))
        for one in spoiled(first.home)
        if one["outcome"] == Outcome.QUARANTINE
    }
    found = {
        (name, violation["row"])
        for name, counts in first.summary["files"].items()
        for violation in office.violations(counts["delivery_id"], departments[name])
        if violation["severity"] == "error"
    }
    assert found == expected


def test_good_rows_raise_no_warning(first: Run, office: Office) -> None:
    odd = {
        (one["file"], int(one["row"]))
        for one in spoiled(first.home)
        if one["outcome"] in (Outcome.QUARANTINE, Outcome.ACCEPTED)
    }
    for entry in json.loads((first.home / "world" / "deliveries.json").read_text("utf-8")):
        counts = first.summary["files"][entry["file"]]
        for violation in office.violations(counts["delivery_id"], entry["department"]):
            assert (entry["file"], violation["row"]) in odd


def test_the_counts_add_up(first: Run) -> None:
    for counts in first.summary["files"].values():
        assert counts["rows_in"] == counts["accepted"] + counts["quarantined"]
    total = first.summary["total"]
    for name, count in total.items():
        assert count == sum(counts[name] for counts in first.summary["files"].values())
    assert total["rows_in"] > 15_000
    assert total["refused"] == 1


def test_the_hopeless_file_is_refused_with_a_reason(first: Run) -> None:
    refused = {name: c for name, c in first.summary["files"].items() if c["refused"]}
    assert list(refused) == ["marriage-2026-11.csv"]
    assert refused["marriage-2026-11.csv"]["reason"]
    assert "整批退回" in first.output


def test_the_output_is_plain_where_there_is_no_terminal(first: Run) -> None:
    assert not [c for c in first.output if ord(c) < 32 and c != "\n"]


def test_it_shows_a_lookup_a_refused_column_and_a_revoked_key(first: Run) -> None:
    assert "HTTP 200" in first.output
    assert "item-not-granted" in first.output
    assert "revoked-key" in first.output


def test_no_key_is_printed_and_the_file_of_keys_is_the_owners(first: Run) -> None:
    file = first.home / "keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for key in json.loads(file.read_text(encoding="utf-8")).values():
        assert key not in first.output


def test_no_identity_number_is_in_a_log(first: Run) -> None:
    numbers = [row["key"] for row in spoiled(first.home) if row["key"].startswith("99")]
    logs = "".join(p.read_text(encoding="utf-8") for p in (first.home / "logs").glob("*"))
    assert not [number for number in numbers if number in logs]


def test_a_file_is_kept_and_fetched_by_its_grant(first: Run) -> None:
    [(resource, told)] = first.summary["file_resources"].items()
    assert (resource, told["files"], told["version"]) == ("division-map", 1, 1)
    assert told["media_type"] == "image/png"
    fetched = (first.home / "fetched.png").read_bytes()
    assert (len(fetched), hashlib.sha256(fetched).hexdigest()) == (told["bytes"], told["sha256"])
    assert "相符 right" in first.output


def test_a_second_run_counts_the_same(first: Run, second: Run) -> None:
    assert second.summary["file_resources"] == first.summary["file_resources"]
    assert second.summary["total"] == first.summary["total"]
    assert without_new(second.summary["files"]) == without_new(first.summary["files"])
    assert second.summary["catalogue"] == first.summary["catalogue"]


def test_a_second_run_doubles_no_delivery(first: Run, second: Run) -> None:
    for name, counts in second.summary["files"].items():
        same = counts["delivery_id"] == first.summary["files"][name]["delivery_id"]
        assert same != bool(counts["refused"])


def without_new(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A refused file is tried anew and gets a new delivery id; all else must be alike."""
    return {
        name: {key: value for key, value in counts.items() if key != "delivery_id"}
        for name, counts in files.items()
    }


def test_tables_fit_a_terminal_of_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    monkeypatch.setenv("COLUMNS", "80")
    Screen(out).table(("数据项 item", "值 value"), [("姓名 name", "很长的值" * 40)])
    assert max(width(line) for line in out.getvalue().splitlines()) <= 80


def width(line: str) -> int:
    """Columns that a line takes, colours left out; a Chinese character takes two."""
    from rich.cells import cell_len
    from rich.text import Text

    return cell_len(Text.from_ansi(line).plain)
