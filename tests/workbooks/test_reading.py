"""Records read from workbooks: the same verdict by every road, and the cell of each fault."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
import yaml

from catalog.workbooks.errors import WorkbookUnreadable
from catalog.workbooks.reading import ReadWorkbook, RecordCells, read_workbook
from catalog.workbooks.record_workbook import write_records
from standards.documents import load_document
from standards.violations import Violation
from tests.workbooks.makers import (
    PROVIDER,
    Document,
    a_record,
    an_item,
    code_lists,
    fill_sheet,
    judge,
    provincial_rows,
    write_sheet,
)


def read(path: Path) -> ReadWorkbook:
    return read_workbook(path, code_lists())


def verdict(violations: Sequence[Violation]) -> list[tuple[str, str, str]]:
    return sorted((each.path, each.rule, each.severity) for each in violations)


def checked(cells: RecordCells) -> tuple[Violation, ...]:
    return cells.check(judge)


FULL = a_record(
    uses=["work_reference"],
    data_kind=[1, 16],
    is_certificate=True,
    category_gb21063_4=[{"name": "矿藏", "code": "ZCC00"}],
    expectations={
        "rows": {"minimum": 10, "reason": "每年不少于"},
        "fill_rates": [{"item": "name", "minimum": 0.95, "reason": "登记时必填"}],
    },
    metadata_contact={"name": "数据科", "phone": "0100-1234567"},
    source_system="户籍系统",
)
CASES: dict[str, Document] = {
    "valid": a_record(),
    "every kind of field": FULL,
    "missing": a_record(abstract=..., share_method=..., update_cycle=...),
    "outside the list": a_record(share_type=7, update_cycle="天天", open="也许"),
    "wrong code": a_record(provider_code="12100000400000624E"),
    "wrong items": a_record(
        items=[
            an_item(data_type="X"),
            an_item(id="Name2"),
            an_item(id="third", name="第三", code_list="no_such", length=0),
        ]
    ),
    "platform's own": a_record(publish_date="2026-01-01"),
    "not shared without a basis": a_record(share_type=3),
    "secret": a_record(secrecy=True),
    "an interface": a_record(
        kind="interface",
        format={"category": 7, "type": "api"},
        interface={
            "url": "/persons",
            "method": "POST",
            "parameters": [
                {"name": "number", "place": "body", "required": True},
                {"name": "as_of", "place": "query", "data_type": "D"},
            ],
            "limits": {"calls_per_day": 1000},
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_is_the_same_by_every_road(name: str, tmp_path: Path) -> None:
    document = CASES[name]
    by_api = judge(document)
    by_json = judge(load_document(json.dumps(document, ensure_ascii=False)))
    by_yaml = judge(load_document(yaml.safe_dump(document, allow_unicode=True)))
    write_records(tmp_path / "two.xlsx", [document], code_lists())
    [own] = read(tmp_path / "two.xlsx").records
    assert verdict(by_api) == verdict(by_json) == verdict(by_yaml)
    if "publish_date" not in document:  # which our own template does not ask for
        assert verdict(checked(own)) == verdict(by_api)
        assert all(each.place for each in checked(own))


@pytest.mark.parametrize("repeated", [True, False], ids=["repeated", "once"])
@pytest.mark.parametrize(
    "name", [n for n in CASES if n not in {"every kind of field", "an interface"}]
)
def test_the_provincial_layout_gives_the_same_verdict(
    name: str, repeated: bool, tmp_path: Path
) -> None:
    document = CASES[name]
    rows = provincial_rows([document], repeated=repeated)
    if "publish_date" in document:
        for row, cell in zip(rows, ["发布日期", document["publish_date"]], strict=False):
            row.append(cell)
    titles: list[list[object]] = [
        ["某省政务信息资源目录编制模板"],
        [],
        ["填报单位：", "某市公安局"],
    ]
    read_back = read(write_sheet(tmp_path / "p.xlsx", [*titles, *rows], name="公安局"))
    assert read_back.faults == ()
    [cells] = read_back.records
    assert cells.document == document
    assert verdict(checked(cells)) == verdict(judge(document))
    assert all(str(each.place).startswith("公安局!") for each in checked(cells))


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    documents = [a_record(), a_record(resource_id="other", name="另一条", keywords=["甲"])]
    width = len(provincial_rows(documents, repeated=True)[0])
    for seed in range(3):
        order = random.Random(seed).sample(range(width), width)
        rows = provincial_rows(documents, repeated=seed != 1, order=order)
        found = read(write_sheet(tmp_path / f"{seed}.xlsx", rows))
        assert [each.document for each in found.records] == documents
        assert found.faults == ()


def mutant(number: int, rng: random.Random) -> dict[str, object]:
    """A full record with a few fields lost or holding what a cell and YAML say in the same way."""
    document = json.loads(json.dumps(FULL))
    for _ in range(rng.randint(1, 3)):
        holders = [document, document.get("classification", {}), *document["items"]]
        holder = rng.choice([each for each in holders if each])
        key = rng.choice([each for each in holder if each not in {"resource_id", "items"}])
        if isinstance(holder[key], dict | list) or rng.random() < 0.3:
            del holder[key]
        else:
            holder[key] = rng.choice([2, 7, -1, 0.5, "x", "乙", "monthly", "2026-01-01", "a b"])
    return {**document, "resource_id": f"mutant-{number}"}


def test_two_hundred_mutants_get_the_same_verdict_from_a_workbook(tmp_path: Path) -> None:
    rng = random.Random(20261125)
    mutants = [mutant(number, rng) for number in range(200)]
    write_records(tmp_path / "many.xlsx", mutants, code_lists())
    found = read(tmp_path / "many.xlsx")
    assert found.faults == ()
    verdicts = [verdict(judge(each)) for each in mutants]
    assert [verdict(checked(each)) for each in found.records] == verdicts
    assert sum(map(bool, verdicts)) > 150


def test_a_fault_points_at_its_cell(tmp_path: Path) -> None:
    document = a_record(share_type=9, items=[an_item(), an_item(id="b", name="乙", length=0)])
    write_records(tmp_path / "two.xlsx", [document], code_lists())
    [cells] = read(tmp_path / "two.xlsx").records
    places = {each.path: each.place for each in checked(cells)}
    assert places["share_type"] == "记录!N2"
    assert places["items/1/length"] == "信息项!E3"


def test_a_missing_value_points_at_the_empty_cell_and_a_missing_column_at_the_row(
    tmp_path: Path,
) -> None:
    rows = [
        ["序号", "资源标识", "信息资源名称", "信息资源摘要"],
        [1, "some-resource", "某资源", ""],
    ]
    found = read(write_sheet(tmp_path / "a.xlsx", rows, name="表一"))
    assert found.faults == ()
    places = {each.path: each.place for each in checked(found.records[0])}
    assert places["abstract"] == "表一!D2"
    assert places["provider_code"] == "表一!B2"


def test_an_unknown_head_is_an_error_that_names_the_nearest(tmp_path: Path) -> None:
    rows = provincial_rows([a_record()], repeated=True)
    rows[0][rows[0].index("信息资源摘要")] = "信息资源概要"
    [fault] = read(write_sheet(tmp_path / "a.xlsx", rows)).faults
    assert (fault.rule, fault.expected) == ("workbook.head.unknown", "信息资源摘要")
    assert fault.place == "Sheet1!F1"
    assert "信息资源摘要" in fault.zh


def test_heads_carry_marks_notes_pinyin_and_english_names(tmp_path: Path) -> None:
    rows = [
        ["*资源标识", "信息资源名称（必填项）", "部门名称\n(必填)", "涉密属性_shemishuxing",
         "provider_code", "信息项名称：", "数据长度（必填项）"],
        ["some-id", "名称", "某局", "非涉密", PROVIDER, "姓名", "50"],
    ]  # fmt: skip
    found = read(write_sheet(tmp_path / "a.xlsx", rows))
    assert found.faults == ()
    assert found.records[0].document == {
        "resource_id": "some-id",
        "name": "名称",
        "provider_name": "某局",
        "secrecy": False,
        "provider_code": PROVIDER,
        "items": [{"name": "姓名", "length": 50}],
    }


def test_a_header_of_two_rows_and_merged_cells_are_understood(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["2026 年政务信息资源目录"],
        ["资源标识", "信息资源名称", "信息资源分类", "", "", "信息资源格式", "", "信息项信息", ""],
        ["", "", "类", "项", "目", "分类", "类型", "信息项名称", "数据类型"],
        ["some-id", "名称", "3", "07", "001", "电子表格", "csv", "姓名", "字符型"],
        ["", "", "", "", "", "", "", "出生日期", "日期型"],
        ["other-id", "另一条", "3", "07", "002", "电子表格", "csv", "姓名", "字符型"],
    ]
    merged = [(0, 0, 0, 8), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 4), (1, 5, 1, 6), (1, 7, 1, 8)]
    merged += [(3, column, 4, column) for column in range(7)]
    found = read(write_sheet(tmp_path / "a.xlsx", rows, merged=merged))
    assert found.faults == ()
    first, second = (each.document for each in found.records)
    assert first["classification"] == {"lei": "3", "xiang": "07", "mu": "001"}
    assert first["format"] == {"category": 2, "type": "csv"}
    assert first["items"] == [
        {"name": "姓名", "data_type": "C"},
        {"name": "出生日期", "data_type": "D"},
    ]
    assert second["resource_id"] == "other-id"


def test_a_number_where_text_is_due_is_told_as_such(tmp_path: Path) -> None:
    rows = provincial_rows([a_record()], repeated=True)
    for row in rows[1:]:
        row[rows[0].index("信息资源提供方代码")] = 119901007990010399.0
    [cells] = read(write_sheet(tmp_path / "a.xlsx", rows)).records
    [told] = [each for each in checked(cells) if each.path == "provider_code"]
    assert told.rule == "record.provider_code.type"
    assert (told.place, "文本格式" in told.zh) == ("Sheet1!D2", True)


def test_a_failed_formula_is_a_violation_and_no_missing_value(tmp_path: Path) -> None:
    rows = provincial_rows([a_record()], repeated=False)
    place = rows[0].index("信息资源摘要")
    rows[1][place] = {"formula": "#REF!"}
    [cells] = read(write_sheet(tmp_path / "a.xlsx", rows)).records
    [told] = [each for each in checked(cells) if each.path == "abstract"]
    assert (told.rule, told.value, told.place) == ("workbook.cell.error", "#REF!", "Sheet1!F2")


def test_two_rows_of_one_record_may_not_disagree(tmp_path: Path) -> None:
    rows = provincial_rows([a_record()], repeated=True)
    rows[3][rows[0].index("共享类型")] = "无条件共享"
    [cells] = read(write_sheet(tmp_path / "a.xlsx", rows)).records
    [told] = cells.faults
    assert (told.rule, told.path, told.place) == (
        "workbook.cell.differs",
        "share_type",
        "Sheet1!N4",
    )
    assert told.expected == "Sheet1!N2"


def test_rows_of_no_record_and_rows_twice_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        heads = ["资源标识", "信息资源名称"]
        fill_sheet(book.add_worksheet("记录"), [heads, ["one", "甲"], ["one", "甲"], ["two", "乙"]])
        items = [["资源标识", "信息项名称"], ["three", "姓名"], ["one", "姓名"]]
        fill_sheet(book.add_worksheet("信息项"), items)
    found = read(path)
    assert [each.rule for each in found.faults] == [
        "workbook.record.repeated",
        "workbook.row.no_record",
    ]
    assert found.faults[1].place == "信息项!A2"
    assert found.records[0].document["items"] == [{"name": "姓名"}]


def test_items_may_name_their_record_instead_of_its_id(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        items = [["信息资源名称", "信息项名称", "共享类型"], ["甲", "姓名", "不予共享"]]
        fill_sheet(book.add_worksheet("信息项"), items)
        fill_sheet(book.add_worksheet("记录"), [["资源标识", "信息资源名称"], ["one", "甲"]])
    [cells] = read(path).records
    assert cells.document["items"] == [{"name": "姓名", "share_type": 3}]


def test_records_without_ids_are_told_apart_by_name_and_provider(tmp_path: Path) -> None:
    rows = [
        ["信息资源名称", "信息资源提供方", "信息项名称"],
        ["甲", "民政局", "一"],
        ["甲", "民政局", "二"],
        ["甲", "公安局", "三"],
        ["", "", "四"],
    ]
    found = read(write_sheet(tmp_path / "a.xlsx", rows))
    assert [each.document["items"] for each in found.records] == [
        [{"name": "一"}, {"name": "二"}],
        [{"name": "三"}, {"name": "四"}],
    ]


def test_what_is_no_workbook_or_holds_no_record_says_so(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(WorkbookUnreadable):
        read(tmp_path / "broken.xlsx")
    empty = read(write_sheet(tmp_path / "empty.xlsx", [["说明"], ["没有表头"]]))
    assert [each.rule for each in empty.faults] == ["workbook.no_record"]


def test_a_number_of_somebody_in_a_head_is_not_repeated(tmp_path: Path) -> None:
    number = "990101199003070018"
    rows = [["资源标识", "信息资源名称", number], ["one", "甲", "x"]]
    [fault] = read(write_sheet(tmp_path / "a.xlsx", rows)).faults
    assert number not in fault.zh + fault.en + str(fault.value)
