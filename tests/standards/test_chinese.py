"""Chinese text for searches: one script, syllables, and what typed letters may be."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.chinese import make_tables
from standards.chinese.pinyin import readings, syllables
from standards.chinese.text import plain, table


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("統計資料", "统计资料"),
        ("ＧＤＰ　２０２１", "gdp 2021"),
        ("衛生健康委員會", "卫生健康委员会"),
        ("①㎡", "1m2"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_text_is_compared_in_one_form(written: str, compared: str) -> None:
    assert plain(written) == compared


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_a_text_in_that_form_stays_as_it_is(text: str) -> None:
    once = plain(plain(text))
    assert plain(once) == once


def test_every_character_of_the_table_becomes_one_that_is_not_in_it() -> None:
    pairs = {each: form for form, written in table("simplified.csv") for each in written}
    assert len(pairs) > 3500
    assert not set(pairs) & set(pairs.values())


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("重庆市", "chong qing shi"),
        ("银行行业", "yin hang hang ye"),
        ("长度与长江", "chang du yu chang jiang"),
        ("绿色", "lv se"),
        ("企业2021", "qi ye"),
        ("", ""),
    ],
)
def test_words_are_read_as_words(text: str, spoken: str) -> None:
    assert " ".join(syllables(text)) == spoken


@pytest.mark.parametrize(
    ("letters", "falls_into"),
    [
        ("qiyexinxi", [("qi", "ye", "xin", "xi")]),
        ("qiyexinx", [("qi", "ye", "xin", "x")]),
        ("zh", [("zh",)]),
        ("lue", [("lve",), ("lu", "e")]),
        ("gdp", []),
        ("", []),
    ],
)
def test_letters_fall_into_syllables(letters: str, falls_into: list[tuple[str, ...]]) -> None:
    assert list(readings(letters)) == falls_into


def test_letters_that_fall_in_two_ways_are_read_in_both() -> None:
    assert readings("xian")[0] == ("xian",)
    assert ("xi", "an") in readings("xian")
    assert {("fang", "an"), ("fan", "gan")} <= set(readings("fangan"))


@given(st.lists(st.sampled_from([row[0] for row in table("syllables.csv")]), max_size=6))
@settings(max_examples=200, deadline=None)
def test_every_reading_spells_what_was_typed(spoken: list[str]) -> None:
    letters = "".join(spoken)
    for reading in readings(letters):
        assert "".join(reading).replace("lve", "lue").replace("nve", "nue") == letters.replace(
            "lve", "lue"
        ).replace("nve", "nue")


def test_the_tables_are_what_their_maker_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = make_tables.FOLDER
    monkeypatch.setattr(make_tables, "FOLDER", tmp_path)
    make_tables.main()
    for name in (make_tables.SIMPLIFIED, make_tables.SYLLABLES, make_tables.WORDS):
        assert _rows(tmp_path / name) == _rows(kept / name)


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
