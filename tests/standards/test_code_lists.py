"""Code lists: the shipped ones are whole and sourced, a department's own are added to them."""

import pickle
from pathlib import Path

import pytest

from standards.code_lists import CodeListError, UnknownCodeList, load_code_lists
from standards.elements import load_elements
from standards.identifiers import IdentifierKind, check_identifier
from standards.schema_check import load_schema

LISTS = load_code_lists()


@pytest.mark.parametrize("list_id", LISTS)
def test_every_shipped_list_says_its_source_and_edition(list_id: str) -> None:
    found = LISTS.require(list_id)
    assert found.id == list_id
    assert found.source
    assert found.edition
    assert found.entries
    assert all(entry.code == entry.code.strip() and entry.name for entry in found.entries)
    assert not set(found.aliases) & set(found.codes)


def test_every_code_list_of_an_element_is_shipped() -> None:
    named = {element.code_list for element in load_elements().values()} - {None}
    assert named <= set(LISTS)


def test_an_element_is_long_enough_for_each_code_of_its_list() -> None:
    for element in load_elements().values():
        if element.code_list is not None:
            longest = max(map(len, LISTS.require(element.code_list).codes))
            assert element.length is not None
            assert element.length >= longest, element.id


@pytest.mark.parametrize(
    ("list_id", "text", "code"),
    [
        ("sex", "1", "1"),
        ("sex", "男", "1"),
        ("marital_status", "4", "40"),
        ("ethnicity", "毛难族", "36"),
        ("ethnicity", "崩龙", "46"),
        ("ethnicity", "汉", "01"),
        ("industry", "A0111", "0111"),
        ("industry", "A", "A"),
        ("country", "156", "CHN"),
        ("currency", "人民币", "CNY"),
        ("sex", "女 ", None),
    ],
)
def test_codes_aliases_and_names_lead_to_a_code(list_id: str, text: str, code: str | None) -> None:
    assert LISTS.require(list_id).resolve(text) == code


def test_the_standards_counts_are_met() -> None:
    assert len(LISTS["ethnicity"].entries) == 56 + 2
    by_length = [len(code) for code in LISTS["industry"].codes]
    assert [by_length.count(length) for length in (1, 2, 3, 4)] == [20, 97, 473, 1381]
    assert LISTS["industry"].find("A") != LISTS["industry"].find("01")


def test_retired_divisions_are_kept_with_a_note() -> None:
    divisions = LISTS.require("division")
    retired = divisions.find("110103")
    assert retired is not None
    assert retired.name == "崇文区"
    assert "已停用" in retired.note
    current = divisions.find("110105")
    assert current is not None
    assert current.note == ""
    assert all(len(code) == 6 and code.isdigit() for code in divisions.codes)


def test_the_national_code_needs_no_division() -> None:
    code = "12100000400000624D"
    regions = LISTS.require("division").codes
    assert check_identifier(IdentifierKind.USCC, code, regions).warnings == ()


@pytest.mark.parametrize(
    ("list_id", "key"),
    [
        ("share_method", "share_method"),
        ("update_cycle", "update_cycle"),
        ("open_type", "open_type"),
        ("share_type", "share_type"),
        ("net_type", "net_type"),
        ("use_scene", "use_scene"),
        ("level_type", "level_type"),
        ("data_processing", "data_processing"),
        ("data_range", "data_range"),
        ("data_kind", "data_kind"),
        ("sync_mechanism", "sync_mechanism"),
        ("update_cycle", "sync_frequency"),
    ],
)
def test_the_schema_and_the_code_list_name_the_same_values(list_id: str, key: str) -> None:
    properties = load_schema("record")["properties"]
    assert isinstance(properties, dict)
    part = properties[key]
    values = part["enum"] if "enum" in part else part["items"]["enum"]
    assert {str(value) for value in values} == set(LISTS[list_id].codes)


def test_what_is_no_fact_of_a_standard_is_marked_as_proposed() -> None:
    assert "提议" in LISTS["theme_gb21063_4"].source
    assert len(LISTS["theme_gb21063_4"].entries) == 20
    assert LISTS["theme_gb21063_4"].aliases == {"ZC": "03"}
    assert LISTS["legal_basis"].edition == "提议"


def test_a_local_file_adds_to_a_shipped_list(tmp_path: Path) -> None:
    text = (
        'extends: division\nsource: 示例\nentries: {"990100": 样例市}\naliases: {样例: "990100"}\n'
    )
    (tmp_path / "sample.yaml").write_text(text, encoding="utf-8")
    divisions = load_code_lists(tmp_path).require("division")
    assert divisions.find("990100") is not None
    assert divisions.find("110105") is not None
    assert divisions.resolve("样例") == "990100"
    assert "示例" in divisions.source
    assert LISTS.require("division").find("990100") is None


def test_a_local_file_may_bring_a_list_of_its_own(tmp_path: Path) -> None:
    text = "id: street\ntitle: 街道\nsource: 本市\nedition: '1'\nentries: {a: 甲, b: {name: 乙}}\n"
    (tmp_path / "street.yaml").write_text(text, encoding="utf-8")
    assert load_code_lists(tmp_path).require("street").codes == ("a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: sex\ntitle: t\nsource: s\nedition: e\nentries: {a: b}\n", "extends"),
        ('extends: sex\nentries: {"1": 女}\n', "代码重复"),
        ("extends: sex\nentrys: {a: b}\n", "entrys"),
        ("extends: sex\naliases: {a: '7'}\n", "别名"),
        ("id: x\nentries: {a: b}\n", "title"),
        ("id: x\nid: y\n", "重复"),
    ],
)
def test_a_file_that_contradicts_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CodeListError, match=rf"bad\.yaml.*{said}"):
        load_code_lists(tmp_path)


def test_an_unknown_list_names_the_nearest() -> None:
    with pytest.raises(UnknownCodeList, match="ethnicity") as caught:
        LISTS.require("etnicity")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)  # noqa: S301
    assert LISTS.find("etnicity") is None
