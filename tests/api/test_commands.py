"""The command line: what it shows, what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli.main import app
from api.logs import log_file
from tests.api.conftest import Datong
from tests.api.makers import (
    ANNA,
    World,
)

CONTRACT = {
    "init", "serve", "worker", "doctor", "fsck", "deliver", "statistics", "lookup", "search",
    "job list", "job show", "job cancel",
    "department add", "department list", "department provision", "department change",
    "department show",
    "account add", "account issue-key", "account revoke-key", "account list",
    "element propose", "element do", "element show", "element list", "element history",
    "system add", "system list", "system show", "system history",
    "draft import", "draft harvest", "draft list", "draft show", "draft template", "draft claim",
    "draft drop",
    "record contract", "record import", "record check", "record draft", "record similar",
    "record add", "record do", "record show", "record list", "record history", "record diff",
    "record queue", "record bindings", "record publish-due",
    "template record", "template delivery",
    "notice list", "notice read",
    "negative list", "negative confirm",
    "delivery show", "delivery violations",
    "view build", "view show",
    "quality show", "quality list", "quality refresh",
    "file list", "file get",
    "grant add", "grant revoke", "grant list",
    "audit list",
    "search-index rebuild",
    "demand add", "demand list", "demand show",
    "identifier check",
}  # fmt: skip
NO_ACCOUNT = {
    "init", "serve", "worker", "doctor", "fsck", "record check", "record contract", "record draft",
    "template record", "template delivery", "identifier check", "search",
}  # fmt: skip


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words."""
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {sub}", each) for sub, each in inner.items())


def test_the_commands_are_those_of_the_contract_and_no_others() -> None:
    assert {name for name, _ in commands()} == CONTRACT


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_a_command_takes_json_and_an_account(name: str, command: Any) -> None:
    options = {option for parameter in command.params for option in parameter.opts}
    assert ("--json" in options) == (name not in {"serve", "worker"})
    assert ("--as" in options) == (name not in NO_ACCOUNT)


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_help_is_in_chinese_and_in_english(name: str, command: Any) -> None:
    del name
    first = command.help.splitlines()[0]
    assert any("\u4e00" <= character <= "\u9fff" for character in first)
    assert any(character.isascii() and character.isalpha() for character in first)
    for parameter in command.params:
        assert parameter.name == "help" or getattr(parameter, "help", None), parameter.name


def test_help_is_quick() -> None:
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "api.cli", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    assert min(times) < 1.0


def test_nothing_heavy_is_imported_before_a_command_needs_it() -> None:
    heavy = ("duckdb", "pyarrow", "pyiceberg", "sqlalchemy", "fastapi", "minio", "polars")
    code = f"import sys, api.cli.main; sys.exit(bool(set({heavy!r}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("module", ["api.usecases.records", "api.usecases.deliveries"])
def test_no_command_waits_for_what_init_or_a_check_alone_needs(module: str) -> None:
    heavy = ("jsonschema", "alembic")
    code = f"import sys, {module}; sys.exit(bool(set({heavy!r}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("deliver", "no-such-file.csv", "--resource", "r", "--mode", "full", "--data-time", "d"),
        ("lookup", "person"),
        ("serve", "--port", "99999"),
        ("identifier", "check"),
        ("identifier", "check", "--kind", "passport"),
        ("record", "do", "bless", "population", "--as", "gongan-steward"),
        ("record", "list", "--state", "lost"),
        ("account", "add", "new", "--department", "gongan", "--kind", "robot", "--role", "clerk",
         "--as", "admin"),
        ("account", "add", "new", "--department", "gongan", "--kind", "person", "--role", "king",
         "--as", "admin"),
        ("deliver", __file__, "--resource", "r", "--mode", "all", "--data-time", "2026-01-01",
         "--as", "gongan-clerk"),
        ("deliver", __file__, "--resource", "r", "--mode", "full", "--data-time", "2026-02-30",
         "--as", "gongan-clerk"),
        ("deliver", __file__, "--resource", "r", "--mode", "full", "--data-time", "2026-01-01",
         "--rows", "-1"),
        ("lookup", "person", "--scheme", "citizen", "--number", "1", "--purpose", "p",
         "--items", " , ", "--as", "hall-app"),
        ("audit", "list", "--since", "yesterday", "--as", "auditor"),
    ],
)  # fmt: skip
def test_a_wrong_use_exits_2(datong: Datong, arguments: tuple[str, ...]) -> None:
    ran = datong(*arguments)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_a_reader_that_has_seen_enough_gets_no_traceback(tmp_path: Path) -> None:
    numbers = tmp_path / "numbers.txt"
    numbers.write_text("110105194912310021\n" * 20_000, encoding="ascii")
    asked = [sys.executable, "-m", "api.cli", "identifier", "check", "--kind", "citizen", "--json"]
    with (
        numbers.open("rb") as lines,
        subprocess.Popen(
            asked, stdin=lines, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running,
    ):
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


def test_an_unforeseen_error_is_one_sentence_and_a_place_in_the_log(
    datong: Datong, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError(f"inner workings of {ANNA}")

    monkeypatch.setattr("api.usecases.departments.list_departments", fail)
    ran = datong("department", "list", "--json")
    assert (ran.code, ran.out) == (1, "")
    error = json.loads(ran.err)["error"]
    path = log_file(world.services.settings.logs)
    assert error["code"] == "unexpected"
    assert str(path) in error["en"]
    assert "inner" not in ran.err
    kept = path.read_text(encoding="utf-8")
    assert "inner workings" in kept
    assert ANNA not in kept


def test_a_home_that_was_never_prepared_says_what_to_run(
    datong: Datong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATONG_HOME", str(tmp_path / "new"))
    ran = datong("department", "list")
    assert ran.code == 1
    assert "datong init" in ran.err
    assert not (tmp_path / "new").exists()


def test_init_shows_the_key_once_and_changes_nothing_again(
    datong: Datong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATONG_HOME", str(tmp_path / "new"))
    first = json.loads(datong("init", "--json").out)
    assert first["account"] == "admin"
    assert first["key"].startswith("dt_")
    assert json.loads(datong("init", "--json").out)["key"] is None
    published = json.loads(datong("record", "list", "--json").out)
    assert [each["resource_id"] for each in published] == ["legal-entity", "person"]


def test_a_key_in_the_environment_names_the_account(
    datong: Datong, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATONG_KEY", world.keys["auditor"])
    assert datong("audit", "list", "--limit", "1", "--json").code == 0
    ran = datong("view", "build", "person", "--json")
    assert "role-not-allowed" in ran.err
    assert datong("grant", "list", "--as", "hall-app", "--json").code == 0
