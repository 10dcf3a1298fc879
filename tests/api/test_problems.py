"""Every known error has its place in the one table, and says itself in both languages."""

from __future__ import annotations

import re

import pytest

import api.errors
import ingest.deliver
import ingest.raw
import lake.errors
import lake.views.errors
from api.problems import (
    Problem,
    _table,
    code_of,
    extension_of,
    known_bases,
    problem_of,
    sentences_of,
)
from catalog.errors import KnownError
from catalog.grant_errors import ItemNotGranted
from standards.documents import DocumentError

TABLE = list(_table().items())


def leaves(base: type[KnownError]) -> list[type[KnownError]]:
    """The errors that are raised: those without errors below them."""
    below = [leaf for each in base.__subclasses__() for leaf in leaves(each)]
    return below or [base]


@pytest.mark.parametrize("error", leaves(KnownError), ids=lambda error: error.__name__)
def test_every_known_error_has_its_place(error: type[KnownError]) -> None:
    table = _table()
    assert any(above in table for above in error.__mro__), "add it to the table of problems"


@pytest.mark.parametrize(("error", "problem"), TABLE, ids=[error.__name__ for error, _ in TABLE])
def test_a_problem_is_well_formed(error: type[Exception], problem: Problem) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.slug)
    assert problem.status in {401, 403, 404, 409, 422, 500, 501, 502, 503}
    assert problem.zh
    assert problem.en
    assert issubclass(error, known_bases())


def test_there_is_none_and_you_may_not_differ() -> None:
    by_status: dict[int, set[str]] = {}
    for problem in _table().values():
        by_status.setdefault(problem.status, set()).add(problem.slug)
    assert not by_status[403] & by_status[404]


def test_an_error_carries_the_facts_that_its_problem_names() -> None:
    error = ItemNotGranted("grant-1", resource="person", item="phone")
    assert extension_of(error) == {"item": "phone"}
    assert code_of(error) == "item-not-granted"
    zh, en = sentences_of(error)
    assert "phone" in zh
    assert "phone" in en


def test_an_error_of_the_standards_is_known_too() -> None:
    error = DocumentError("缺少冒号", "a colon is missing", 3)
    assert code_of(error) == "unreadable-document"
    assert sentences_of(error) == ("第 3 行：缺少冒号", "line 3: a colon is missing")


def test_what_nobody_foresaw_has_no_problem() -> None:
    assert problem_of(ZeroDivisionError()) is None
    assert code_of(ZeroDivisionError()) == "unexpected"


@pytest.mark.parametrize("error", leaves(api.errors.ApiError), ids=lambda error: error.__name__)
def test_our_own_errors_say_themselves_in_both_languages(error: type[KnownError]) -> None:
    fields = error.__dataclass_fields__  # type: ignore[attr-defined]
    facts = {name: "字" if name.endswith("_zh") else "x" for name in fields}
    zh, en = sentences_of(error(**facts))
    assert any("\u4e00" <= character <= "\u9fff" for character in zh)
    assert not any("\u4e00" <= character <= "\u9fff" for character in en)


def test_imports_above_know_the_errors_of_every_package() -> None:
    packages = {leaf.__module__.split(".")[0] for leaf in leaves(KnownError)}
    assert packages >= {"api", "catalog", "ingest", "lake"}
    assert ingest.deliver
    assert ingest.raw
    assert lake.errors
