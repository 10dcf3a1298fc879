"""`record import`: a file of complete records, in batches that are whole, again without effect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.usecases import bulk_import
from api.usecases.records import published_record
from benchmarks.catalogue_home import opened_home, write_home
from benchmarks.catalogue_records import departments, grow
from tests.api.conftest import Datong
from tests.api.makers import CIVIL, World, a_record
from tests.servers.postgres import PostgresServer


@pytest.fixture
def authority(world: World) -> str:
    assert "authority" in world.keys
    return "authority"


def lines_of(folder: Path, *documents: Any) -> str:
    file = folder / "records.jsonl"
    texts = (d if isinstance(d, str) else json.dumps(d, ensure_ascii=False) for d in documents)
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return str(file)


def test_good_lines_are_published_and_bad_ones_listed_with_line_path_and_rule(
    datong: Datong, world: World, authority: str, tmp_path: Path
) -> None:
    good = a_record(resource_id="brought-good", resource_code="30700101019/7")
    good["classification"] = {"lei": "3", "xiang": "07", "mu": "001", "ximu": "01019"}
    file = lines_of(
        tmp_path,
        good,
        "",
        a_record(resource_id="brought-bad", share_type=9),
        '{"resource_id": "brought-cut", "name": ',
        a_record(resource_id="brought-good", abstract="同一文件第二次"),
        a_record(resource_id="brought-lost", provider_code="11990100799001011P"),
    )
    wanted = ("record", "import", file, "--publish", "--opinion", "迁移", "--as", authority)
    ran = datong(*wanted, "--json")
    assert ran.code == 1
    done = json.loads(ran.out)
    assert (done["lines"], done["added"], done["refused"]) == (5, 1, 4)
    errors = {each["line"]: {v["rule"] for v in each["violations"]} for each in done["errors"]}
    assert errors == {
        3: {"record.share_type.value", "record.share_method.required"} & errors[3],
        4: {"document.unreadable"},
        5: {"record.resource_id.repeated"},
        6: {"record.provider_code.unknown"},
    }
    assert "record.share_type.value" in errors[3]
    found = published_record(world.services, "brought-good")
    assert (found.resource_code, found.version) == ("30700101019/7", 1)
    again = json.loads(datong(*wanted, "--json").out)
    assert (again["added"], again["unchanged"], again["refused"]) == (0, 1, 4)
    said = datong(*wanted).out
    assert "第 4 行" in said
    assert "Traceback" not in said


def test_without_publish_they_are_the_departments_drafts(
    datong: Datong, authority: str, tmp_path: Path
) -> None:
    file = lines_of(tmp_path, a_record(resource_id="brought-draft", provider_code=CIVIL))
    ran = datong("record", "import", file, "--as", authority, "--json")
    assert (ran.code, json.loads(ran.out)["added"]) == (0, 1)
    shown = json.loads(datong("record", "show", "brought-draft", "--as", authority, "--json").out)
    assert (shown["state"], shown["department_id"]) == ("draft", "minzheng")


def test_a_file_that_cannot_be_read_is_one_error(
    datong: Datong, authority: str, tmp_path: Path
) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(b'{"name": "\xff"}\n')
    ran = datong("record", "import", str(file), "--as", authority, "--json")
    assert json.loads(ran.err)["error"]["code"] == "file-not-readable"


def test_a_code_further_down_is_not_given_to_a_record_before_it(
    datong: Datong, world: World, authority: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_import, "AT_ONCE", 2)
    classes = {"lei": "3", "xiang": "07", "mu": "001", "ximu": "7654"}
    records = [
        a_record(resource_id=f"ahead-{number}", classification=classes) for number in range(5)
    ]
    records[4]["resource_code"] = "3070017654/1"
    ran = datong(
        "record", "import", lines_of(tmp_path, *records), "--publish", "--as", authority, "--json"
    )
    assert json.loads(ran.out)["added"] == 5
    codes = [published_record(world.services, f"ahead-{n}").resource_code for n in range(5)]
    assert codes == [f"3070017654/{serial}" for serial in (2, 3, 4, 5, 1)]


class Stopped(Exception):
    """Where a test cuts an import off."""


def test_an_import_that_is_cut_short_leaves_whole_batches_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_import, "AT_ONCE", 20)
    file = Path(lines_of(tmp_path, *grow(100, portals=None)))

    def stop(done: int) -> None:
        if done == 60:
            raise Stopped

    with opened_home(tmp_path / "home", portals=None) as (services, caller):
        with pytest.raises(Stopped):
            bulk_import.import_records(services, caller, file, publish=True, progress=stop)
        done = bulk_import.import_records(services, caller, file, publish=True)
        assert (done.added, done.unchanged, done.refused) == (40, 60, 0)


_KILLED = """
import os, signal, sys
from pathlib import Path
from api.usecases import bulk_import
from benchmarks.catalogue_home import opened_home

bulk_import.AT_ONCE = bulk_import.WORTH_A_PROCESS = 100

def die(done):
    if done >= 200:
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    with opened_home(Path(sys.argv[1]), portals=None) as (services, caller):
        file = Path(sys.argv[2])
        bulk_import.import_records(services, caller, file, publish=True, progress=die)
"""


def children_of(parent: int) -> set[int]:
    import psutil

    with suppress(psutil.NoSuchProcess):
        return {child.pid for child in psutil.Process(parent).children()}
    return set()


def test_a_process_that_is_killed_leaves_whole_batches_and_no_other_process(
    tmp_path: Path,
) -> None:
    """The lines are checked in a process beside it, which ends with the one that asks."""
    import psutil

    program = tmp_path / "killed.py"
    program.write_text(_KILLED, encoding="utf-8")
    file = lines_of(tmp_path, *grow(250, portals=None))
    home = tmp_path / "home"
    tree = Path(__file__).parents[2]
    running = subprocess.Popen(
        [sys.executable, str(program), str(home), file],
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        stderr=subprocess.DEVNULL,
    )
    seen: set[int] = set()
    while running.poll() is None:
        seen |= children_of(running.pid)
        time.sleep(0.02)
    assert running.returncode < 0
    assert seen  # it was checked by another process
    gone, alive = psutil.wait_procs(list(_still(seen)), timeout=10)
    del gone
    assert alive == []
    with opened_home(home, portals=None) as (services, caller):
        done = bulk_import.import_records(services, caller, Path(file), publish=True)
    assert (done.unchanged, done.added) == (200, 50)


def _still(pids: set[int]) -> Iterator[Any]:
    import psutil

    for pid in pids:
        if psutil.pid_exists(pid):
            yield psutil.Process(pid)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(migrated=False) as url:
        yield url


def test_a_home_is_filled_with_a_grown_catalogue(tmp_path: Path, database_url: str | None) -> None:
    done = write_home(tmp_path / "home", 200, database_url=database_url, portals=None)
    assert (done.added, done.refused, done.errors) == (200, 0, [])
    again = write_home(tmp_path / "home", 200, database_url=database_url, portals=None)
    assert (again.added, again.unchanged) == (0, 200)


def test_a_longer_catalogue_begins_with_the_shorter_one() -> None:
    short, long = list(grow(50, portals=None)), list(grow(120, portals=None))
    assert long[:50] == short
    assert list(grow(50, seed=6, portals=None)) != short
    ids = [each["resource_id"] for each in long]
    assert len(set(ids)) == len(ids)
    known = {each["code"]: each["name"] for each in departments(None)}
    assert all(known[each["provider_code"]] == each["provider_name"] for each in long)


def kinds(documents: Sequence[dict[str, Any]]) -> set[str]:
    return {each["kind"] for each in documents}


def test_the_grown_records_are_of_every_kind() -> None:
    documents = list(grow(300, portals=None))
    assert kinds(documents) == {"table", "file", "interface"}
    assert {each["share_type"] for each in documents} == {1, 2, 3}
