"""Ten thousand records, right and wrong: both engines say the same, and every rule is met."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from standards.record_check import check_record, check_records
from standards.schema_check import violations_of
from standards.schema_engines import fast_faults, is_valid, reference_faults
from standards.violations import Severity, Violation, errors_of
from tests.conftest import require_part
from tests.standards.makers import Document, code_lists
from tests.standards.mutants import PORTALS, mutant, real_titles

MUTANTS = 10_000
HITS = 100
SEED = 20_250_801

Rule = Callable[[Document, set[str]], bool]


def _is_hit(*rules: str, share_type: int | None = None) -> Rule:
    def hit(record: Document, found: set[str]) -> bool:
        asked = share_type is None or record.get("share_type") == share_type
        return asked and not found.isdisjoint(f"record.{rule}" for rule in rules)

    return hit


# domain.md 1.8, rule by rule: those that JSON Schema can say, then those of the function
BY_SCHEMA: dict[str, Rule] = {
    "1 conditional sharing needs its condition": _is_hit("share_condition.required", share_type=2),
    "2 no sharing needs basis and reason": _is_hit(
        "share_condition.required",
        "non_share_reason_type.required",
        "share_method.absent",
        share_type=3,
    ),
    "3 what is shared needs a method": _is_hit("share_method.required"),
    "4 conditional opening needs its condition": _is_hit("open_condition.required"),
    "5 a table needs items": _is_hit("items.required"),
    "7 the grammar of the resource code": _is_hit("resource_code.format"),
    "8 nothing secret": _is_hit("secrecy"),
    "11 no item is shared more freely": _is_hit("items.share_type.looser"),
}
BY_FUNCTION: dict[str, Rule] = {
    "5 item names are unique": _is_hit("items.name.unique"),
    "6 the provider's code": _is_hit("provider_code.check"),
    "6 a code that is no department's (warning)": _is_hit("provider_code.category"),
    "7 the front part is the classification": _is_hit("resource_code.classification"),
    "9 the platform sets the publish date": _is_hit("publish_date.given"),
    "10 no real time by files (warning)": _is_hit("update_cycle.realtime"),
}
RULES = BY_SCHEMA | BY_FUNCTION


def test_the_titles_are_real_where_the_data_is_asked_for() -> None:
    if not PORTALS.is_dir() and "data" in os.environ.get("DATONG_TEST_REQUIRE", ""):
        require_part("data", f"no {PORTALS.name} of catalog-cn")
    assert len(real_titles()) == (16_725 if PORTALS.is_dir() else 4)


@pytest.fixture(scope="module")
def judged() -> list[tuple[Document, tuple[Violation, ...]]]:
    """Each mutant with its violations, after both engines were asked about it."""
    return list(_judged())


def _judged() -> Iterator[tuple[Document, tuple[Violation, ...]]]:
    random, titles, lists = Random(SEED), real_titles(), code_lists()
    for _ in range(MUTANTS):
        record = mutant(random, titles)
        slow = violations_of("record", reference_faults("record", record))
        assert is_valid("record", record) == (slow == ()), record
        if slow:
            fast = violations_of("record", fast_faults("record", record))
            assert _places(fast) == _places(slow), record
        yield record, check_record(record, lists, imported=True)


def _places(found: tuple[Violation, ...]) -> set[tuple[str, str]]:
    return {(violation.path, violation.rule) for violation in found}


def test_both_engines_agree_and_every_rule_is_hit_often(
    judged: list[tuple[Document, tuple[Violation, ...]]],
) -> None:
    hits: Counter[str] = Counter()
    for record, violations in judged:
        found = {violation.rule for violation in violations}
        hits.update(name for name, is_hit in RULES.items() if is_hit(record, found))
    invalid = sum(bool(errors_of(violations)) for _, violations in judged)
    print(f"\n{len(judged)} mutants, {invalid} invalid")  # noqa: T201
    for name in RULES:
        print(f"{hits[name]:6} {name}")  # noqa: T201
    assert len(judged) == MUTANTS
    assert 0.3 * MUTANTS <= invalid <= 0.9 * MUTANTS
    assert {name: hits[name] for name in RULES if hits[name] < HITS} == {}


def test_a_warning_makes_no_mutant_invalid(
    judged: list[tuple[Document, tuple[Violation, ...]]],
) -> None:
    warned = [
        (record, violations)
        for record, violations in judged
        if violations and all(each.severity is Severity.WARNING for each in violations)
    ]
    assert len(warned) >= HITS
    for record, violations in warned:
        assert errors_of(violations) == ()
        assert is_valid("record", record)


def test_an_import_of_many_finds_what_each_record_alone_has(
    judged: list[tuple[Document, tuple[Violation, ...]]],
) -> None:
    """Also those that only the fast engine explains."""
    some = judged[:2_000]
    together = check_records((record for record, _ in some), code_lists(), explained=10)
    for (record, alone), found in zip(some, together, strict=True):
        assert _places(found) == _places(alone), record
