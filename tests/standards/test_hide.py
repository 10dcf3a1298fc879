"""No identity number stays in what others read, however it was typed; dates and ids of ours do."""

import hashlib
import re
import uuid

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
    "990101 - 19900307 - 0015",
    "9901 0119 9003 0700 15",
    "9 9 0 1 0 1 1 9 9 0 0 3 0 7 0 0 1 5",
    "９９０１０１－１９９００３０７－００１５",
    "990101_19900307_0015",
    "990101/19900307/0015",
    "990101\t19900307\r\n0015",
    "990101\u200b19900307\u20100015",
    "2026-990101-19900307-0015-2",
    "110105-19491231-002x",
    "11010519491231002 X",
]


@pytest.mark.parametrize("number", IN_GROUPS)
def test_a_number_in_groups_is_masked_as_well(number: str) -> None:
    for hide in (without_numbers, without_long_numbers):
        shown = hide(f"张三 {number}的资料.xlsx")
        assert not re.search("[0-9０-９]{4}", shown.replace("2026", ""))
        assert shown.startswith("张三 ")
        assert shown.endswith("的资料.xlsx")


@pytest.mark.parametrize("text", ["990101 900307 001", "330106-20260131-0001"])
def test_what_only_reads_like_a_number_is_masked_in_logs_alone(text: str) -> None:
    assert without_numbers(f"({text})") == "(‹number›)"
    assert without_long_numbers(f"({text})") == f"({text})"


@pytest.mark.parametrize("around", ["sfz{}", "{}anna", "{0}{0}", "abc12345-1234-1234-1234-{}"])
def test_letters_and_digits_beside_a_number_hide_it_from_nobody(around: str) -> None:
    for hide in (without_numbers, without_long_numbers):
        assert ANNA not in hide(around.format(ANNA))


@pytest.mark.parametrize("text", ["1 " * 500_000, "9-" * 500_000, "1" * 1_000_000])
def test_a_text_without_end_is_cut(text: str) -> None:
    assert len(without_numbers(text)) < 10_000


@pytest.mark.parametrize("number", [each for each in NUMBERS if sum(map(str.isdigit, each)) > 12])
def test_a_number_in_the_name_of_a_file_is_masked(number: str) -> None:
    assert number not in without_long_numbers(f"张三{number}.csv")


@pytest.mark.parametrize(
    "name",
    [
        "2026-01-01_20260131.csv",
        "household-20261125-103000.csv",
        "household-20261125103000.csv",
        "household-20261125103000123.csv",
        "330106_20260131_0001.csv",
        "330106-2026-11-25-10-30.csv",
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
    for number in (12345678901234567890123456789012, 2**122 - 7):
        ours = str(uuid.UUID(int=number))
        assert without_numbers(ours) == without_long_numbers(ours) == ours
    digest = hashlib.sha256(b"12").hexdigest()
    assert without_numbers(digest) == without_long_numbers(digest) == digest
