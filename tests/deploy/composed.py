"""The compose files as they are written and as an engine would take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OPEN_STORE = ROOT / "deploy" / "open-store.yml"
FILES = (COMPOSE, OPEN_STORE)
EXAMPLE = ROOT / ".env.example"

_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)"
    r"|\{(?P<name>[A-Z][A-Z0-9_]*)(?::-(?P<default>[^}]*)|:\?(?P<message>[^}]*))?\})"
)


@dataclass(frozen=True, slots=True)
class Variable:
    """`${NAME:-default}` or `${NAME:?message}`, as one place of a file writes it."""

    name: str
    default: str | None
    message: str | None


def read(path: Path = COMPOSE) -> dict[str, Any]:
    """A compose file, not interpolated."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def variables(text: str) -> Iterator[Variable]:
    """Every reference in a text; ValueError for a dollar sign that begins none."""
    if "$" in _REFERENCE.sub("", text):
        raise ValueError(text)
    for found in _REFERENCE.finditer(text):
        if found["name"]:
            yield Variable(found["name"], found["default"], found["message"])


def asked_of_the_builder(document: Mapping[str, Any]) -> set[str]:
    """Names of build arguments that are taken from the environment: those without a value."""
    return {
        name
        for service in document["services"].values()
        for name, value in service.get("build", {}).get("args", {}).items()
        if value is None
    }


def interpolated(value: Any, environment: Mapping[str, str]) -> Any:
    """The same, with every reference replaced; KeyError where a needed one has no value."""

    def replace(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        given = environment.get(found["name"])
        if not given and found["message"] is not None:
            raise KeyError(found["name"])
        return given or found["default"] or ""

    return each_text(value, lambda text: _REFERENCE.sub(replace, text))


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """The same, with every text in it changed; the names in mappings stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(each, change) for each in value]
    if isinstance(value, dict):
        return {name: each_text(each, change) for name, each in value.items()}
    return value


def example() -> dict[str, str]:
    """What .env.example sets."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}
