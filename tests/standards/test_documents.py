"""What a document's author wrote is what is read."""

import pickle

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from standards import documents
from standards.documents import DocumentError, canonical_json, load_document, load_with_lines
from standards.violations import Severity, Violation, placed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("07", "07"),
        ("7", 7),
        ("-3", -3),
        ("0", 0),
        ("0.5", 0.5),
        ("1e5", "1e5"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ("true", True),
        ("false", False),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("N/A", "N/A"),
        ("NaN", "NaN"),
        ("null", None),
        ("", None),
        ('"true"', "true"),
        ("'7'", "7"),
        ("11010519491231002X", "11010519491231002X"),
    ],
)
@pytest.mark.parametrize("loader", ["C", "Python"])
def test_a_plain_scalar_is_read_by_the_core_schema_alone(
    monkeypatch: pytest.MonkeyPatch, loader: str, written: str, read: object
) -> None:
    if loader == "Python":
        monkeypatch.setattr(documents, "_LOADER", yaml.BaseLoader)
    assert load_document(f"a: {written}\n") == {"a": read}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert load_document("1: a\ntrue: b\n07: c\n") == {"1": "a", "true": "b", "07": "c"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a:\n  b: 1\n  b: 2\n", 3),
        ('{"a": 1,\n "a": 2}', 2),
        ('{"a": 1,\n "b": NaN}', 2),
        ('{"a": -Infinity}', 1),
        ("a: 1\nb: .nan\n", 2),
        ("a: .inf\n", 1),
        ("a: 1\nb: [1, 2\n", 3),
        ("- a\n- b\n", 1),
        ("", 1),
        ("a: &x [1]\nb: *x\n", 1),
        ("a: !!python/object:os.system x\n", 1),
        ("a: 1\nb: !date 2026-01-01\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: \x07\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ('{"a": "\\ud800"}', 1),
        ("? [1]\n: 2\n", 1),
    ],
)
def test_a_document_that_means_nothing_certain_is_refused_with_its_line(
    text: str, line: int
) -> None:
    with pytest.raises(DocumentError, match=rf"第 {line} 行：.* / line {line}: ") as caught:
        load_document(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    "text",
    [
        "a: [1\n", "a: {b: 1\n", "a:\n\t- b\n", "a: 1\n\tb: 2\n", 'a: "x\n', "a: b: c\n",
        "a: b\nc\nd: e\n",
        "a: - b\n", "a:\n  - b\n c\n", "a: 1\n---\nb: 2\n", "a: @x\n", "a: 'x'y\n",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_document_is_said_in_chinese(text: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load_document(text)
    reason = caught.value.zh.removeprefix("不是合法的 YAML 或 JSON：")
    assert "\u4e00" <= reason[0] <= "\u9fff"


def test_a_very_deep_document_is_refused() -> None:
    with pytest.raises(DocumentError):
        load_document("a: " + "[" * 100_000)
    with pytest.raises(DocumentError):
        load_document('{"a": ' + "[" * 100_000)


def test_an_error_survives_pickling() -> None:
    error = DocumentError("错", "wrong", 3)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


def test_a_byte_order_mark_is_no_part_of_the_document() -> None:
    assert load_document("\ufeffa: 1\n") == {"a": 1}
    assert load_document('\ufeff{"a": 1}') == {"a": 1}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(value=json_values)
def test_canonical_json_reads_back_and_is_one_text_for_one_value(value: object) -> None:
    text = canonical_json({"a": value})
    read = load_document(text)
    assert read == {"a": value}
    assert canonical_json(read) == text


def test_canonical_json_sorts_keys_and_keeps_characters() -> None:
    assert canonical_json({"b": 1, "a": "姓名"}) == '{"a":"姓名","b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


WRITTEN = """\
name: 甲
classification: {lei: "3",
  mu: "001"}
items:
  - {id: a, length: 1}
  -
    id: b
    length: "5"
    aliases: [x,
      y]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("name", 1),
        ("classification/lei", 2),
        ("classification/mu", 3),
        ("items", 4),
        ("items/0/length", 5),
        ("items/1", 7),
        ("items/1/length", 8),
        ("items/1/aliases/1", 10),
        ("items/1/name", 7),  # what is missing is told where it should stand
        ("items/9/name", 4),
        ("abstract", 1),
        ("", 1),
    ],
)
def test_each_part_knows_its_line_or_that_of_what_holds_it(path: str, line: int) -> None:
    document, lines = load_with_lines(WRITTEN)
    assert document == load_document(WRITTEN)
    assert lines.of(path) == line


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,\n"b": {"c": [1,\n2]}}',
        '\ufeff\n{\n\t"a": 1,\n\t"b": {"c":\t[1,\n\t2]}}'.replace("\n{\n", "{", 1),
        '{"a": "\\ud83d\\ude00 \\\\ud83d",\n"b": {"c": ["\\/",\n2]}}',
    ],
)
def test_json_knows_its_lines_too(text: str) -> None:
    document, lines = load_with_lines(text)
    assert document == load_document(text)
    assert [lines.of(path) for path in ("a", "b/c/0", "b/c/1")] == [1, 2, 3]


def test_json_that_yaml_cannot_read_has_one_line() -> None:
    text = '{"a": 1,\n"b": "\x7f"}'
    document, lines = load_with_lines(text)
    assert document == {"a": 1, "b": "\x7f"}
    assert lines.of("b") in (1, 2)


@given(value=json_values)
def test_lines_cost_the_document_nothing(value: object) -> None:
    text = canonical_json({"a": value})
    assert load_with_lines(text)[0] == load_document(text)


def test_a_violation_says_its_place_in_the_file() -> None:
    _, lines = load_with_lines(WRITTEN)
    violation = Violation("items/1/length", "5", "r", Severity.ERROR, "e", "z", "n")
    assert "place" not in violation.as_json()
    [told] = placed([violation], lines.place)
    assert told.as_json() == {**violation.as_json(), "place": "第 8 行"}
    [cell] = placed([violation], {"items/1/length": "信息项!C7"}.get)
    assert cell.place == "信息项!C7"
    [nowhere] = placed([violation], {}.get)
    assert nowhere == violation
