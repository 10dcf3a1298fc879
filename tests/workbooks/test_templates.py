"""The templates: what they offer, what they hold to, and that the same one is written each time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook

from catalog.workbooks.delivery_template import ROWS, write_delivery_template
from catalog.workbooks.grids import read_grids
from catalog.workbooks.reading import read_workbook
from catalog.workbooks.record_workbook import (
    EXAMPLE,
    LIST_ROWS,
    write_records,
    write_template,
)
from catalog.workbooks.writing import WordLists, new_book, within
from standards.records import Record, read_record
from tests.workbooks.filling import fill_in
from tests.workbooks.makers import a_record, an_item, code_lists, judge, tables

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(path: Path) -> dict[str, ElementTree.Element]:
    """Every XML part of a workbook by its name."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: ElementTree.fromstring(archive.read(name))  # noqa: S314 (written by ourselves)
            for name in archive.namelist()
            if name.endswith(".xml")
        }


def validations(path: Path, sheet: int = 1) -> list[ElementTree.Element]:
    return list(parts(path)[f"xl/worksheets/sheet{sheet}.xml"].iter(f"{_MAIN}dataValidation"))


def names(path: Path) -> Mapping[str, str]:
    found = parts(path)["xl/workbook.xml"].iter(f"{_MAIN}definedName")
    return {each.attrib["name"]: each.text or "" for each in found}


def column_formats(path: Path, sheet: int = 1) -> dict[int, str]:
    """The number format of each column, from 1."""
    found = parts(path)
    own = {
        each.attrib["numFmtId"]: each.attrib["formatCode"]
        for each in found["xl/styles.xml"].iter(f"{_MAIN}numFmt")
    }
    [cells] = found["xl/styles.xml"].iter(f"{_MAIN}cellXfs")
    codes = [own.get(xf.attrib["numFmtId"], xf.attrib["numFmtId"]) for xf in cells]
    return {
        place: "@" if codes[int(each.attrib["style"])] == "49" else codes[int(each.attrib["style"])]
        for each in found[f"xl/worksheets/sheet{sheet}.xml"].iter(f"{_MAIN}col")
        if "style" in each.attrib
        for place in range(int(each.attrib["min"]), int(each.attrib["max"]) + 1)
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "record.xlsx"
    write_template(path, code_lists())
    return path


def a_published_record(**facts: object) -> Record:
    items = [
        an_item(id="id_number", name="公民身份号码", length=18, key=True, identifier="citizen"),
        an_item(id="name", name="姓名", nullable=False),
        an_item(id="sex", name="性别", length=1, code_list="sex"),
        an_item(id="division", name="区划", length=6, code_list="division"),
        an_item(id="born_on", name="出生日期", data_type="D", length=..., minimum="1900-01-01"),
        an_item(id="seen_at", name="办理时间", data_type="T", length=...),
        an_item(id="children", name="子女数", data_type="I", length=..., minimum=0, maximum=20),
        an_item(id="height", name="身高", data_type="N", length=4, scale=2),
        an_item(id="capital", name="出资额", data_type="N", length=18, scale=6),
        an_item(id="insured", name="是否参保", data_type="L", length=...),
        an_item(id="note", name="备注", data_type="M", length=..., description="其他情况"),
    ]
    return read_record(a_record(items=items, **facts))


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "delivery.xlsx"
    write_delivery_template(path, a_published_record(), code_lists())
    return path


def test_the_same_template_is_the_same_file(template: Path, delivery: Path, tmp_path: Path) -> None:
    write_template(tmp_path / "record.xlsx", code_lists())
    write_delivery_template(tmp_path / "delivery.xlsx", a_published_record(), code_lists())
    assert (tmp_path / "record.xlsx").read_bytes() == template.read_bytes()
    assert (tmp_path / "delivery.xlsx").read_bytes() == delivery.read_bytes()


def test_every_column_of_the_record_template_has_a_note_and_its_drop_down(template: Path) -> None:
    found = tables()
    for sheet, table in ((1, found.records), (2, found.items)):
        asked = [column for column in table.columns if not column.given_by_platform]
        notes = list(parts(template)[f"xl/comments{sheet}.xml"].iter(f"{_MAIN}comment"))
        assert len(notes) == len(asked) + (0 if table.is_records else 1)
        offered = [each for each in validations(template, sheet) if each.attrib["type"] == "list"]
        assert len(offered) == sum(bool(column.shown) for column in asked)
        known = names(template)
        for each in offered:
            [source] = each.iter(f"{_MAIN}formula1")
            assert (source.text or "").lstrip("=") in known


def test_the_words_of_a_drop_down_are_those_of_its_list(template: Path) -> None:
    area = names(template)["list_共享类型"]
    sheet, column, first, last = re.fullmatch(
        r"'?([^'!]+)'?!\$([A-Z]+)\$(\d+):\$\2\$(\d+)", area
    ).groups()  # type: ignore[union-attr]
    with CalamineWorkbook.from_path(str(template)) as book:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    place = 0
    for letter in column:
        place = place * 26 + ord(letter) - 64
    words = [row[place - 1] for row in rows[int(first) - 1 : int(last)]]
    assert words == ["无条件共享", "有条件共享", "不予共享"]


def test_code_and_number_columns_of_the_record_template_are_text(template: Path) -> None:
    columns = [c for c in tables().records.columns if not c.given_by_platform]
    formats = column_formats(template)
    for place, column in enumerate(columns, start=1):
        is_number = column.shape in {"integer", "number"} and not column.shown
        assert (formats.get(place) == "@") != is_number, column.head


def test_an_empty_template_holds_no_record_and_its_example_is_a_valid_one(
    template: Path, tmp_path: Path
) -> None:
    empty = read_workbook(template, code_lists())
    assert [each.rule for each in empty.faults] == ["workbook.no_record"]
    assert judge(EXAMPLE) == ()
    write_records(tmp_path / "example.xlsx", [EXAMPLE], code_lists())
    [cells] = read_workbook(tmp_path / "example.xlsx", code_lists()).records
    assert cells.document == EXAMPLE
    shown = {grid.name for grid in read_grids(template)}
    assert {"记录", "信息项", "说明", "示例记录", "示例信息项"} <= shown
    assert "代码表" not in shown


def test_what_is_filled_into_the_record_template_is_the_record(
    template: Path, tmp_path: Path
) -> None:
    entries = {"记录": {}, "信息项": {}}
    written = tmp_path / "written.xlsx"
    write_records(written, [EXAMPLE], code_lists())
    for grid in read_grids(written):
        for row in range(1, len(grid.rows)):
            for column in range(grid.width):
                if grid.cell(row, column) != "":
                    address = grid.place(row, column).partition("!")[2]
                    entries[grid.name][address] = grid.cell(row, column)
    filled = fill_in(template, tmp_path / "filled.xlsx", entries)
    read = read_workbook(filled, code_lists())
    assert read.faults == ()
    [cells] = read.records
    assert cells.document == EXAMPLE
    assert cells.check(judge) == ()


def test_the_columns_of_a_delivery_have_the_formats_that_lose_nothing(delivery: Path) -> None:
    formats = column_formats(delivery)
    kinds = [formats.get(place) for place in range(1, 12)]
    day, moment = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
    assert kinds == ["@", "@", "@", "@", day, moment, None, None, "@", "@", "@"]


def test_a_delivery_offers_its_codes_however_many_they_are(delivery: Path) -> None:
    codes = code_lists()["division"].codes
    assert len("".join(codes)) > 255
    assert names(delivery)["list_division"].endswith(f"${len(codes) + 1}")
    sources = {
        each.attrib["sqref"].rstrip("0123456789").split(":")[0]: each
        for each in validations(delivery)
    }
    [sex] = sources["C2"].iter(f"{_MAIN}formula1")
    assert sex.text == "list_sex"
    assert {each.attrib["sqref"] for each in validations(delivery)} == {
        f"{letter}2:{letter}{ROWS + 1}" for letter in "ABCDEFGHIJK"
    }


def test_notes_and_drop_downs_keep_to_the_limits_of_the_format(
    template: Path, delivery: Path
) -> None:
    limits = {"promptTitle": 32, "errorTitle": 32, "prompt": 255, "error": 255}
    for path, sheets in ((template, 5), (delivery, 1)):
        found = [each for sheet in range(1, sheets + 1) for each in validations(path, sheet)]
        assert found
        for each in found:
            for name, most in limits.items():
                assert len(each.attrib.get(name, "").encode("utf-16-le")) // 2 <= most
            last = re.sub("[A-Z]", "", each.attrib["sqref"].rpartition(":")[2])
            assert int(last) <= LIST_ROWS + 1


def test_what_the_writer_would_leave_out_with_a_warning_is_an_error(tmp_path: Path) -> None:
    def write() -> None:
        with new_book(tmp_path / "a.xlsx") as book:
            rule = {"validate": "list", "source": ["一" * 100, "二" * 100, "三" * 100]}
            book.add_worksheet().data_validation(0, 0, 9, 0, rule)

    with pytest.raises(UserWarning, match="255"):
        write()


def test_a_list_is_written_once_and_two_may_not_share_a_name(tmp_path: Path) -> None:
    with new_book(tmp_path / "a.xlsx") as book:
        book.add_worksheet("数据")
        words = WordLists(book)
        assert words.add("类型", "t", ["a"]) == words.add("类型", "t", ["a"]) == "=list_类型"
        with pytest.raises(ValueError, match="类型"):
            words.add("类型", "t", ["b"])
        words.write(visible=True)
    assert names(tmp_path / "a.xlsx") == {"list_类型": "代码表!$A$2"}


@pytest.mark.parametrize(("text", "most", "cut"), [("abc", 3, "abc"), ("abcd", 3, "ab…")])
def test_a_text_is_cut_where_the_format_would_drop_it(text: str, most: int, cut: str) -> None:
    assert within(text, most) == cut
    assert len(within("𠮷" * most, most).encode("utf-16-le")) // 2 <= most


def test_a_long_name_of_an_item_still_has_its_note(tmp_path: Path) -> None:
    items = [an_item(name="一个很长的信息项名称" * 9, pattern="[0-9]{1,400}" * 30, data_type="C")]
    record = read_record(a_record(items=items))
    write_delivery_template(tmp_path / "a.xlsx", record, code_lists())
    [only] = validations(tmp_path / "a.xlsx")
    assert only.attrib["promptTitle"].endswith("…")
