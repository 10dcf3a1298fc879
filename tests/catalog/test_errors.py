"""Every known error: two sentences that name its facts, and a way through pickle."""

from __future__ import annotations

import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

import catalog
from catalog.errors import InvalidDocument, KnownError, NotInState, StaleRevision
from catalog.life_cycle import Action, State
from standards.violations import Severity, Violation

VIOLATION = Violation("name", None, "required", Severity.ERROR, "text", "缺少名称", "no name")
BASES = {"CatalogError", "DemandError", "KeyRefused", "RightRefused", "InvalidDocument"}


def every_error(base: type[KnownError] = KnownError) -> Iterator[type[KnownError]]:
    for module in pkgutil.walk_packages(catalog.__path__, "catalog."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    for error in base.__subclasses__():
        if error.__module__.startswith("catalog."):
            yield error
            yield from every_error(error)


def an_error(kind: type[KnownError]) -> KnownError:
    facts: dict[str, Any] = {
        field.name: f"<{field.name}>"
        for field in fields(kind)  # type: ignore[arg-type]
    }
    if issubclass(kind, InvalidDocument):
        facts["violations"] = (VIOLATION,)
    return kind(**facts)


ERRORS = sorted({kind for kind in every_error() if kind.__name__ not in BASES}, key=str)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_speaks_chinese_and_english_and_names_its_facts(kind: type[KnownError]) -> None:
    error = an_error(kind)
    assert any("\u4e00" <= sign <= "\u9fff" for sign in error.zh)
    assert error.en.isascii()
    assert str(error) == f"{error.zh} · {error.en}"
    named = [fact for fact in error.facts.values() if isinstance(fact, str)]
    told = error.zh + error.en
    assert all(fact in told for fact in named)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_goes_through_pickle_whole(kind: type[KnownError]) -> None:
    error = an_error(kind)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is kind
    assert again.facts == error.facts
    assert str(again) == str(error)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ERRORS]
    assert len(codes) == len(set(codes))
    assert StaleRevision.code == "stale-revision"


def test_facts_are_given_by_name_or_in_order() -> None:
    assert str(StaleRevision("household", expected=3, found=4)) == (
        "household 已被他人更改（预期修订 3，现为 4）；请重新读取后再操作 · "
        "household was changed by someone else (expected revision 3, found 4); read it again"
    )


def test_words_with_a_chinese_name_are_shown_with_it() -> None:
    error = NotInState("household", State.DELETED, action=Action.AGREE, possible=())
    assert error.zh == "household 当前为已删除（deleted），不能同意（agree）；现在可以：—"
    assert error.en == "household is in state deleted, which has no agree; possible now: —"
