"""The packages import only downward, and what must be said of every member is said."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure

from api.usecases.rights import PUBLIC, RIGHTS, UseCase
from catalog.life_cycle import TRANSITIONS
from catalog.roles import Role
from standards.identifiers import IdentifierKind
from tests.architecture.sources import PACKAGES, ROOT

# Complete but for these members, each for a reason.
BUT_FOR: dict[str, frozenset[StrEnum]] = {
    # what is public needs no role
    "RIGHTS": frozenset(PUBLIC),
    # the rules of a citizen number depend on the day, so they are called with it
    "_PLAIN_RULES": frozenset({IdentifierKind.CITIZEN}),
    # an organisation code names no division
    "_REGION_START": frozenset({IdentifierKind.ORG_CODE}),
}
# One runs inside Alembic alone, the other is the command itself.
NOT_IMPORTABLE = {"catalog.migrations.env", "api.cli.__main__"}


def modules() -> Iterator[str]:
    for package in PACKAGES:
        found = importlib.import_module(package)
        yield package
        for info in pkgutil.walk_packages(found.__path__, f"{package}."):
            if info.name not in NOT_IMPORTABLE:
                yield info.name


def mappings_over_closed_sets() -> Iterator[tuple[str, type[StrEnum], Mapping[Any, Any]]]:
    """Each mapping at the top of a module whose keys are members of one StrEnum."""
    seen: set[int] = set()
    for module in modules():
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, Mapping) and value and id(value) not in seen:
                [kind, *others] = {type(key) for key in value}
                if not others and issubclass(kind, StrEnum):
                    seen.add(id(value))
                    yield name, kind, value


def test_the_contracts_of_imports_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    configure()
    held = use_cases.lint_imports(cache_dir=None, no_logo=True)
    assert held, capsys.readouterr().out


def test_a_mapping_over_a_closed_set_names_every_member() -> None:
    found = {name: (kind, mapping) for name, kind, mapping in mappings_over_closed_sets()}
    missing = {
        name: set(kind) - set(mapping) - BUT_FOR.get(name, frozenset())
        for name, (kind, mapping) in found.items()
    }
    assert {name: members for name, members in missing.items() if members} == {}
    # the search itself works, and no exception has outlived what it was for
    assert {"ROLE_NAMES", "STATE_NAMES", *BUT_FOR} <= found.keys()
    for name, members in BUT_FOR.items():
        assert not members & found[name][1].keys(), name


def test_every_role_may_do_something_and_every_use_case_is_somebodys() -> None:
    assert frozenset().union(*RIGHTS.values()) == set(Role)
    assert set(RIGHTS) | PUBLIC == set(UseCase)
    assert all(RIGHTS.values())


def test_a_role_of_the_life_cycle_may_call_for_its_actions() -> None:
    assert {transition.role for transition in TRANSITIONS.values()} <= RIGHTS[UseCase.RECORD_DO]
