"""docs/deploy.md gives commands that are there, of services and files that are there."""

from __future__ import annotations

import re

import typer.main

from api.cli.main import app
from tests.deploy.composed import FILES, ROOT, read

PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
SERVICES = read(FILES[0])["services"]


def test_the_services_that_the_page_names_are_there() -> None:
    calls = re.findall(r"docker compose (\w+)((?: [^\n`#|]*)?)", PAGE)
    assert {verb for verb, _ in calls} == {"build", "run", "up", "exec", "stop", "cp", "config"}
    for verb, rest in calls:
        words = rest.split()
        if verb == "stop":
            assert set(words) <= SERVICES.keys()
        elif verb in {"run", "exec"}:
            assert SERVICES.keys() & set(words), rest
        elif verb == "cp":
            [source] = [word for word in words if ":" in word]
            name, _, path = source.partition(":")
            mounted = {each.partition(":")[2] for each in SERVICES[name]["volumes"]}
            assert path in mounted


def test_the_commands_that_the_page_names_are_there() -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    named = re.findall(r"datong ([a-z]+)(?: ([a-z]+))?", PAGE)
    assert len(named) >= 4
    for first, second in named:
        assert first in known
        assert not second or second in getattr(known[first], "commands", {}), (first, second)
