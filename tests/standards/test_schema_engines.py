"""The fast engine judges, the reference explains and is right where they differ."""

import logging
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema_rs import Draft202012Validator as FastValidator

from standards import schema_engines
from standards.record_check import check_record, check_records
from standards.schema_check import check_many, check_schema, is_valid
from standards.schema_engines import fast_verdict, load_schema, reference_faults
from standards.violations import Violation, errors_of
from tests.standards.makers import Document, a_record, an_item, code_lists

scalars = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0, 1.5, "1", ""])
nested = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=4,
)


@given(values=st.lists(nested, max_size=4))
def test_what_is_unique_is_unique_for_all_three(values: list[object]) -> None:
    schema = {"uniqueItems": True}
    plain = Draft202012Validator(schema).is_valid(values)
    linear = not list(schema_engines._unique_items(None, True, values, schema))
    assert linear == FastValidator(schema).is_valid(values)
    # the library sorts first: of [[true, 1], [true, true], [true, 1]] it sees no two alike, for
    # they compare as equal and lie in any order; what it does see is there
    assert plain or not linear


def test_a_long_list_of_what_cannot_be_sorted_is_judged_at_once() -> None:
    columns = [[number] for number in range(4_000)]
    start = time.perf_counter()
    found = check_schema("record", a_record(ignored_columns=[*columns, [1]]))
    assert time.perf_counter() - start < 3
    assert "record.ignored_columns.unique" in {violation.rule for violation in found}


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf")])
@pytest.mark.parametrize("place", ["value", "key"])
def test_what_json_cannot_hold_is_refused_and_can_be_told(value: object, place: str) -> None:
    if place == "key" and not isinstance(value, str):
        return
    facts = {"keywords": ["a", value]} if place == "value" else {"delivery": {str(value): 1}}
    [violation] = check_record(a_record(**facts), code_lists())
    assert violation.rule == "record.unwritable"
    assert violation.path == ("keywords/1" if place == "value" else "delivery")
    assert str(violation.as_json()).encode()
    assert [*check_records([a_record(**facts)], code_lists())] == [(violation,)]


def test_where_the_fast_engine_cannot_read_the_reference_judges() -> None:
    half = a_record(name="\ud800")
    assert fast_verdict("record", half) is None
    assert is_valid("record", half)
    assert check_schema("record", half) == ()
    assert list(check_many("record", [half], explained=0)) == [()]


@pytest.fixture
def stricter_fast_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast engine that refuses level 3, which the reference accepts."""
    schema = load_schema("record")
    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties["level"]["maximum"] = 2
    fast = FastValidator(schema)
    monkeypatch.setattr(schema_engines, "_fast", lambda _name: fast)


@pytest.mark.usefixtures("stricter_fast_engine")
def test_a_difference_is_logged_without_values_and_the_reference_wins(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    assert check_record(a_record(level=3, name="张三"), code_lists()) == ()
    [line] = caplog.messages
    assert "record" in line
    assert "maximum" in line
    assert "张三" not in line


def test_the_reference_is_asked_about_the_first_invalid_ones_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def counted(name: str, document: Document) -> Iterator[object]:
        asked.append(document["level"])
        return reference_faults(name, document)

    monkeypatch.setattr("standards.schema_check.reference_faults", counted)
    documents = [a_record(level=level) for level in (1, 7, 8, 2, 9)]
    found = list(check_many("record", documents, explained=2))
    assert asked == [7, 8]
    assert [bool(violations) for violations in found] == [False, True, True, False, True]
    assert _told(found[4]) == _told(check_schema("record", documents[4]))


def _told(violations: tuple[Violation, ...]) -> list[dict[str, object]]:
    return [violation.as_json() for violation in violations]


def items(**facts: object) -> list[Document]:
    return [an_item(**{"id": f"i{n}", "name": f"项{n}", **facts}) for n in range(1_500)]


@pytest.mark.parametrize(
    ("many", "count", "seconds"),
    [
        (items(), 0, 1),
        (items(length="5", data_type=3), 3_000, 3),
        (items(lenght=3), 1_500, 3),
        (items(code_list="etnicity", element="person.nmae"), 4_499, 3),
    ],
)
def test_a_record_of_many_items_is_checked_quickly(
    many: list[Document], count: int, seconds: float
) -> None:
    check_record(a_record(level=9), code_lists())
    start = time.perf_counter()
    found = check_record(a_record(items=many), code_lists())
    assert time.perf_counter() - start < seconds
    assert len(errors_of(found)) == count
