"""No identity number stays in what others read, however it was typed; dates and ids of ours do."""

import pytest

from standards.identifiers.hide import without_long_numbers, without_numbers

ANNA = "990101199003070015"

NUMBERS = [
    ANNA,
    "99010119900307001x",
    "130503670401001",
    "91420000757013137P",
    "110108000000016",
    "1101082003126",
    "757013137",
    "９９０１０１１９９００３０７００１５",
    "99010119900307００１Ｘ",
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_masked_wherever_it_stands(number: str) -> None:
    for text in (number, f"could not convert '{number}'", f"姓名{number}性别", f"a,{number},b"):
        assert number not in without_numbers(text)


IN_GROUPS = [
    "990101 19900307 0015",
    "990101-19900307-0015",
    "9901 0119 9003 0700 15",
    "990101－19900307－００1Ｘ",
    "990101_19900307_001x",
    "990101·900307·001",
    "2026-990101-19900307-0015-2",
]


@pytest.mark.parametrize("number", IN_GROUPS)
def test_a_number_in_groups_is_masked_as_well(number: str) -> None:
    for hide in (without_numbers, without_long_numbers):
        shown = hide(f"张三 {number}的资料.xlsx")
        assert "0307" not in shown
        assert "990101" not in shown
        assert shown.startswith("张三 ")
        assert shown.endswith("的资料.xlsx")


@pytest.mark.parametrize("number", [each for each in NUMBERS if sum(map(str.isdigit, each)) > 12])
def test_a_number_in_the_name_of_a_file_is_masked(number: str) -> None:
    assert number not in without_long_numbers(f"张三{number}.csv")


@pytest.mark.parametrize(
    "name",
    [
        "2026-01-01_20260131.csv",
        "household-20261125-103000.csv",
        "报表 2026-11-25 10.30.15.xlsx",
        "receipts/0199f3c2-7a10-7cc0-8b1e-5a64d1c0ffee.json",
        "v2.0.1-2026.csv",
        "2026年第１１期.csv",
    ],
)
def test_dates_and_versions_in_the_name_of_a_file_stay(name: str) -> None:
    assert without_long_numbers(name) == name


def test_an_id_of_ours_and_plain_words_stay() -> None:
    text = "delivery 0199f3c2-7a10-7cc0-8b1e-5a64d1c0ffee of population: 1234 rows in part-00001"
    assert without_numbers(text) == text
