"""What a column holds is recognised by its values, and nothing is proposed that would lose some."""

from __future__ import annotations

import pytest

from standards.code_lists import load_code_lists
from standards.elements import load_elements
from standards.recognise import Column, Holding, length_of, recognise
from standards.recognise_codes import find_codes
from standards.recognise_numbers import find_numbers
from standards.recognise_types import find_type
from tests.api.makers import a_citizen_number

USCC = ["12100000400000624D", "11990100000000019F", "11990100000000027A"]
LISTS = load_code_lists()


def counts(*values: str) -> dict[str, int]:
    return {value: values.count(value) for value in values}


def held(head: str, *cells: str | None, stored: str | None = None) -> Holding:
    [found] = recognise([Column(head, cells, stored)], LISTS, load_elements())
    return found


@pytest.mark.parametrize(
    ("head", "values", "data_type"),
    [
        ("数量", ["1", "20", "-3"], "I"),
        ("数量", ["007", "8"], "C"),  # a leading zero is lost in a number
        ("数量", ["1234567890123456"], "C"),  # more digits than a spreadsheet keeps
        ("联系电话", ["13800000000", "13900000000"], "C"),  # nobody adds them up
        ("邮编", ["100000"], "C"),
        ("温度", ["36.5", "37"], "N"),
        ("缴费基数", ["4800.00", "5000"], "Y"),
        ("质量", ["1e-3", "2"], "B"),
        ("日期", ["2026-01-31", "2026-02-28"], "D"),
        ("日期", ["20260131", "20260228"], "D"),
        ("日期", ["2026-02-30"], "C"),  # no such day
        ("日期", ["2026/1/5"], "C"),  # a delivery takes no such date
        ("序列", ["20261399", "20260131"], "C"),
        ("时间", ["2026-01-31 08:30:00", "2026-01-31T09:00:00"], "T"),
        ("是否在册", ["0", "1"], "L"),
        ("在册", ["0", "1"], "I"),
        ("在册", ["是", "否"], "L"),
        ("经营范围", ["甲" * 2001], "M"),
        ("名称", ["甲", "乙"], "C"),
        ("空列", [], "C"),
    ],
)
def test_the_type_is_one_that_loses_nothing(head: str, values: list[str], data_type: str) -> None:
    assert find_type(head, counts(*values)).data_type == data_type


def test_one_slip_in_fifty_is_told_and_does_not_change_the_type() -> None:
    days = [f"2026-01-{day:02d}" for day in range(1, 32)] * 4
    found = find_type("日期", counts(*days, "不明", "2026-02-30"))
    assert (found.data_type, found.misfits) == ("D", 2)
    assert find_type("日期", counts(*days[:31], "不明", "去年")).data_type == "C"


def test_identity_numbers_are_known_by_their_check_digits() -> None:
    citizens = [a_citizen_number(n) for n in range(20)]
    found = find_numbers(counts(*citizens, citizens[0][:17] + "?"))
    assert found is not None
    assert ([k.value for k in found.kinds], found.length, found.misfits) == (["citizen"], 18, 1)
    wrong = [number[:17] + ("0" if number[17] != "0" else "1") for number in citizens]
    assert find_numbers(counts(*wrong)) is None
    credit = find_numbers(counts(*USCC))
    assert credit is not None
    assert [kind.value for kind in credit.kinds] == ["uscc"]


def test_old_registration_numbers_beside_credit_codes_are_legal() -> None:
    old = ["110108000000016", "440301103097413", "110000009907914"]
    found = find_numbers(counts(*USCC * 4, *old))
    assert found is not None
    assert [kind.value for kind in found.kinds] == ["uscc", "reg_no"]


def test_plain_numbers_are_not_taken_for_identity_numbers() -> None:
    assert find_numbers(counts(*(f"{number:09d}" for number in range(100)))) is None
    assert find_numbers(counts(*(f"{number:018d}" for number in range(100)))) is None


def test_a_code_list_is_known_by_head_and_content() -> None:
    sex = find_codes("性别", counts("1", "2"), LISTS, "sex")
    assert sex is not None
    assert (sex.list_id, sex.as_names) == ("sex", False)
    names = find_codes("性别", counts("男", "女"), LISTS, "sex")
    assert names is not None
    assert (names.list_id, names.as_names) == ("sex", True)
    assert find_codes("民族代码", counts("01", "03"), LISTS) is not None


def test_short_codes_prove_nothing_without_a_head() -> None:
    assert find_codes("等次", counts("1", "2", "3"), LISTS) is None
    assert find_codes("某列", counts("01", "02", "03"), LISTS) is None


def test_long_codes_prove_a_list_by_themselves() -> None:
    codes = [code for code in LISTS["division"].codes if len(code) == 6][:30]
    found = find_codes("某列", counts(*codes), LISTS)
    assert found is not None
    assert found.list_id == "division"
    words = find_codes("某列", counts("汉族", "回族", "满族"), LISTS)
    assert words is not None
    assert (words.list_id, words.as_names) == ("ethnicity", True)


def test_an_element_is_proposed_by_name_and_content_only_together() -> None:
    assert held("身份证号码", a_citizen_number(1)).element is not None
    assert held("身份证号码", "无此人").element is None
    by_name = held("性别", "男", "女", "男")
    assert (by_name.code_list, by_name.data_type) == (None, "C")


def test_words_for_nothing_are_told_apart_from_values() -> None:
    found = held("曾用名", "无", None, "某某", "N/A", " ")
    assert found.null_values == ("N/A", "无")
    assert found.share_known == 0.2


def test_the_key_is_an_identity_number_before_any_other_column() -> None:
    rows = 50
    columns = [
        Column("序号", [str(n) for n in range(rows)]),
        Column("登记编号", [f"{n:06d}" for n in range(rows)]),
        Column("公民身份号码", [a_citizen_number(n) for n in range(rows)]),
        Column("姓名", [f"某{n}" for n in range(rows)]),
    ]
    found = recognise(columns, LISTS, load_elements())
    assert [each.head for each in found if each.key] == ["公民身份号码"]
    found = recognise([columns[0], columns[1], columns[3]], LISTS, load_elements())
    assert [each.head for each in found if each.key] == ["登记编号"]
    found = recognise([columns[0], columns[3]], LISTS, load_elements())
    assert [each.head for each in found if each.key] == []


def test_a_table_of_organisations_has_elements_of_organisations() -> None:
    about = [Column("统一社会信用代码", USCC), Column("联系电话", ["1"] * 3)]
    _, phone = recognise(about, LISTS, load_elements())
    assert phone.element is not None
    assert phone.element.id == "entity.phone"
    people = [Column("公民身份号码", [a_citizen_number(n) for n in range(3)]), about[1]]
    _, phone = recognise(people, LISTS, load_elements())
    assert phone.element is not None
    assert phone.element.id == "person.phone"


def test_a_length_has_room_and_never_less_than_its_element() -> None:
    cells = ["甲乙丙", "丁"]
    assert length_of(held("姓名", *cells), cells) == (100, None)
    assert length_of(held("批注", *cells), cells) == (10, None)
    codes = [f"A{n:05d}" for n in range(10)]
    assert length_of(held("档案号", *codes), codes) == (6, None)
