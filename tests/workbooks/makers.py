"""Makers for the tests of workbooks: records with every field, and sheets as others lay out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from catalog.workbooks.columns import Column, RecordTables
from catalog.workbooks.record_workbook import shown_value
from standards.code_lists import CodeLists, load_code_lists
from standards.documents import as_mapping, as_sequence
from standards.record_check import check_record
from standards.violations import Violation

PROVIDER = "12100000400000624D"  # a vector of GB 32100-2015
Document = Mapping[str, object]


def code_lists() -> CodeLists:
    return load_code_lists()


def tables() -> RecordTables:
    return RecordTables(code_lists())


def judge(document: Document) -> tuple[Violation, ...]:
    return check_record(document, code_lists())


def an_item(**facts: object) -> dict[str, object]:
    return {"id": "name", "name": "姓名", "data_type": "C", "length": 50, **facts}


def a_record(**facts: object) -> dict[str, object]:
    document: dict[str, object] = {
        "resource_id": "hukou-person",
        "kind": "table",
        "name": "户籍人口信息",
        "provider_code": PROVIDER,
        "provider_name": "某市公安局",
        "abstract": "户籍人口的基本信息",
        "classification": {"lei": "3", "xiang": "07", "mu": "001"},
        "format": {"category": 2, "type": "csv"},
        "items": [
            an_item(id="id_number", name="公民身份号码", length=18, key=True, identifier="citizen"),
            an_item(),
            an_item(id="born_on", name="出生日期", data_type="D", length=..., minimum="1900-01-01"),
        ],
        "share_type": 2,
        "share_condition": "按用途申请授权",
        "share_method": "query",
        "open": False,
        "open_type": "not_open",
        "update_cycle": "monthly",
        "keywords": ["户籍", "人口"],
        "null_values": ["无", "N/A, 不详"],
        **facts,
    }
    return {key: _without_gaps(value) for key, value in document.items() if value is not ...}


def _without_gaps(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_gaps(each) for each in value]
    if isinstance(value, dict):
        return {key: each for key, each in value.items() if each is not ...}
    return value


def write_sheet(
    path: Path,
    rows: Sequence[Sequence[object]],
    *,
    name: str = "Sheet1",
    merged: Iterable[tuple[int, int, int, int]] = (),
) -> Path:
    """A sheet as it stands: text as text, numbers as numbers, formulas as {"formula": shown}."""
    with xlsxwriter.Workbook(str(path)) as book:
        fill_sheet(book.add_worksheet(name), rows, merged)
    return path


def fill_sheet(
    sheet: Any, rows: Sequence[Sequence[object]], merged: Iterable[tuple[int, int, int, int]] = ()
) -> None:
    for area in merged:
        sheet.merge_range(*area, "")
    for line, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, dict):
                sheet.write_formula(line, place, "=1/0", None, cell["formula"])
            elif isinstance(cell, str):
                if cell:
                    sheet.write_string(line, place, cell)
            elif cell is not None:
                sheet.write(line, place, cell)


def provincial_rows(
    documents: Iterable[Document], *, repeated: bool, order: Sequence[int] | None = None
) -> list[list[object]]:
    """One row an item, with the heads of the 1272 guide; record cells in each row or the first."""
    found = tables()
    columns = [
        (table.path, column)
        for table in (found.records, found.items)
        for column in table.columns
        if not column.given_by_platform
    ]
    if order is not None:
        columns = [columns[place % len(columns)] for place in order]
    rows: list[list[object]] = [[column.head for _, column in columns]]
    for document in documents:
        items = [as_mapping(item) for item in as_sequence(document.get("items"))] or [{}]
        for place, item in enumerate(items):
            rows.append(
                [
                    _cell(document if not path else item, column)
                    if path or repeated or place == 0
                    else ""
                    for path, column in columns
                ]
            )
    return rows


def _cell(holder: Document, column: Column) -> object:
    value: object = holder
    for part in column.parts:
        value = as_mapping(value).get(part)
    return "" if value is None else shown_value(column, value)
