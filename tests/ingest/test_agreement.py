"""The one SQL pass and a slow plain reader agree on every cell of random dirty files."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import pytest

from standards.records import read_record
from tests.catalog.makers import an_item
from tests.ingest.office import Office, a_number, code_lists, household
from tests.ingest.slow_model import judge

ITEMS: list[dict[str, Any]] = [
    an_item("id_number", name="身份号码", key=True, length=18, identifier="citizen"),
    an_item("part", name="子项", key=True, length=2),
    an_item("name", name="姓名", nullable=False, length=6),
    an_item("ethnicity", name="民族", code_list="ethnicity", length=2),
    an_item("code", name="信用代码", identifier="uscc", length=18),
    an_item("phone", name="电话", length=11, pattern="1[0-9]{10}"),
    {"id": "amount", "name": "金额", "data_type": "Y", "minimum": -5, "maximum": 1000},
    {"id": "ratio", "name": "比例", "data_type": "N", "length": 5, "scale": 3},
    {"id": "count", "name": "次数", "data_type": "I", "minimum": 0},
    {"id": "day", "name": "日期", "data_type": "D", "minimum": "1990-01-01"},
    {"id": "moment", "name": "时刻", "data_type": "T"},
    {"id": "flag", "name": "是否", "data_type": "L"},
    {"id": "note", "name": "备注", "data_type": "M", "null_values": ["无"]},
]

# Values that a clerk, a spreadsheet or a broken export really writes.
CELLS: dict[str, list[str]] = {
    "id_number": ["", "99010119850214001", "9901011985023000 1", "990101850214001", "身份证号"],
    "part": ["1", "2", "2", "", "03"],
    "name": [
        "张三",
        "李四",
        "",
        " 王五",
        "欧阳娜娜娜娜娜",
        "赵\ufffd",
        "\ue001",
        "a,b",
        'q"q',
        "𠮷",
    ],
    "ethnicity": ["01", "56", "57", "1", "毛难", "汉", "97", "", " 03 "],
    "code": ["91420000757013137P", "91420000757013137p", "91420000757013137X", "", "０"],
    "phone": ["13800000000", "1380000000", "", "138-0000", "１３８"],
    "amount": ["1", "1.5", "1.555", "1,000", "1e3", "-6", "1000.01", "", "0x1F", "+2", ".5", "7."],
    "ratio": ["1.234", "12.3456", "123", "99.999", "-0.001", "1_0", " 1 ", "0.1000", "１"],
    "count": ["0", "-1", "12.0", "12", "1e2", "9223372036854775808", "9223372036854775807", ""],
    "day": [
        "2024-02-29",
        "2023-02-29",
        "2024/1/5",
        "20240131",
        "1989-12-31",
        "2024-1-5",
        "",
        "45000",
    ],
    "moment": ["2024-01-31 08:30:00", "2024-01-31T08:30:00.5", "2024-01-31", "2024-01-31 25:00:00"],
    "flag": ["1", "0", "是", "否", "true", "yes", "2", ""],
    "note": ["无", "有", "", "多行\n文本", "\u3000首尾\u3000", "\ufeff"],
}


def a_dirty_file(seed: int, rows: int, *, plain: bool) -> list[list[str]]:
    """Make rows of which most are good and each cell is now and then something else."""
    rng = random.Random(seed)
    kept = []
    for serial in range(rows):
        row = [a_number(serial % 150), "1", "张三", "01", "91420000757013137P", "13800000000"]
        row += ["1.5", "0.5", "3", "2024-02-29", "2024-01-31 08:30:00", "1", "有"]
        for place, item in enumerate(ITEMS):
            if rng.random() < 0.05:
                row[place] = rng.choice(CELLS[item["id"]])
        if plain:
            row = [cell.replace("\n", "").replace(",", "").replace('"', "") for cell in row]
        kept.append(row)
    return kept


@pytest.mark.parametrize(("seed", "plain"), [(1, True), (2, True), (3, False), (4, False)])
def test_the_sql_pass_agrees_with_the_slow_reader(office: Office, seed: int, plain: bool) -> None:
    document = household(resource_id="dirty", items=ITEMS)
    office.publish(document)
    rows = a_dirty_file(seed, 300, plain=plain)
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows([[i["name"] for i in ITEMS], *rows])
    delivery = office.deliver(target.getvalue(), resource="dirty")
    expected = judge(read_record(document), rows, code_lists())
    told = office.violations(delivery)
    by_severity = {
        severity: {(v["row"], v["item"], v["rule"]) for v in told if v["severity"] == severity}
        for severity in ("error", "warning")
    }
    assert by_severity["error"] == expected.errors
    assert by_severity["warning"] == expected.warnings
    assert {row for (row,) in office.table("dirty", select="_row")} == expected.good
    assert delivery.rows_in == len(rows)
    assert len(expected.good) > 50
    assert len({rule for _, _, rule in expected.errors}) > 12
