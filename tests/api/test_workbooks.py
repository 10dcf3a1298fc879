"""Workbooks the whole way: what is filled into a template is checked, added and delivered as it is,
by writing cells and, where it is there, by LibreOffice; a drafted record takes its own sample."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.usecases.workbooks import write_delivery_template
from catalog.workbooks.grids import read_grids
from catalog.workbooks.record_workbook import write_records, write_template
from standards.code_lists import load_code_lists
from tests.api.conftest import Datong
from tests.api.makers import ANNA, BERT, POLICE, World, a_citizen_number, a_record
from tests.conftest import require_part
from tests.workbooks.filling import fill_in
from tests.workbooks.libreoffice import Filling, fill_with_libreoffice, find_soffice

RESOURCE = "residence-permit"
TYPED = (
    (ANNA, "安娜", "2", "990101", "1990-03-07", "2026-01-05 08:30:00", "2", "1.62", "是"),
    (BERT, "贝特", "1", "990101", "2001-12-31", "2026-01-06 00:00:01", "0", "1.8", "否"),
    (a_citizen_number(3), "𠮷野", "9", "", "", "", "", "", ""),
)


def an_item(item_id: str, name: str, data_type: str, **facts: object) -> dict[str, object]:
    return {"id": item_id, "name": name, "data_type": data_type, **facts}


def a_permit_record(resource_id: str = RESOURCE) -> dict[str, Any]:
    items = [
        an_item("id_number", "公民身份号码", "C", length=18, key=True, identifier="citizen"),
        an_item("name", "姓名", "C", length=50, nullable=False),
        an_item("sex", "性别", "C", length=1, code_list="sex"),
        an_item("division", "居住地行政区划", "C", length=6, code_list="division"),
        an_item("born_on", "出生日期", "D", minimum="1900-01-01"),
        an_item("issued_at", "签发时间", "T"),
        an_item("children", "子女数", "I", minimum=0, maximum=20),
        an_item("height", "身高", "N", length=4, scale=2),
        an_item("insured", "是否参保", "L"),
    ]
    return a_record(resource_id=resource_id, name=f"居住证信息 {resource_id}", items=items)


@dataclass(frozen=True, slots=True)
class Filled:
    """Both templates, filled in."""

    record: Path
    delivery: Path


def rows_to_type() -> dict[str, str]:
    return {
        f"{letter}{line}": text
        for line, row in enumerate(TYPED, start=2)
        for letter, text in zip("ABCDEFGHI", row, strict=True)
        if text
    }


def record_to_type(document: Mapping[str, object], folder: Path) -> dict[str, dict[str, str]]:
    """The words that a clerk types to describe a resource, by sheet and address."""
    written = folder / "written.xlsx"
    write_records(written, [document], load_code_lists())
    return {
        grid.name: {
            grid.place(row, column).partition("!")[2]: typed(grid.cell(row, column))
            for row in range(1, len(grid.rows))
            for column in range(grid.width)
            if grid.cell(row, column) != ""
        }
        for grid in read_grids(written)
    }


def typed(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


@pytest.fixture(scope="module")
def permits(world: World) -> World:
    world.publish(a_permit_record())
    return world


@pytest.fixture(scope="module", params=["written", "libreoffice"])
def filled(
    request: pytest.FixtureRequest, permits: World, tmp_path_factory: pytest.TempPathFactory
) -> Filled:
    """Templates filled in by either way of writing into them."""
    folder = tmp_path_factory.mktemp(request.param)
    record, delivery = folder / "record.xlsx", folder / "delivery.xlsx"
    write_template(record, permits.services.code_lists)
    write_delivery_template(permits.services, RESOURCE, delivery)
    described = record_to_type(a_permit_record(f"by-{request.param}"), folder)
    data = {"数据": rows_to_type()}
    done = Filled(folder / "record-filled.xlsx", folder / "delivery-filled.xlsx")
    if request.param == "written":
        fill_in(record, done.record, described)
        fill_in(delivery, done.delivery, data)
    else:
        program = find_soffice()
        if program is None:
            require_part("libreoffice", "no soffice here")
        fillings = [Filling(record, done.record, described), Filling(delivery, done.delivery, data)]
        fill_with_libreoffice(program, folder, fillings)
    return done


def test_what_is_typed_into_the_record_template_is_valid_and_added(
    filled: Filled, datong: Datong
) -> None:
    checked = json.loads(datong("record", "check", str(filled.record), "--json").out)
    assert (checked["valid"], checked["violations"]) == (True, [])
    added = datong("record", "add", str(filled.record), "--as", "gongan-steward", "--json")
    state = json.loads(added.out)
    assert (added.code, state["state"], state["version"]) == (0, "draft", 1)
    shown = datong("record", "show", state["resource_id"], "--as", "gongan-steward", "--json")
    assert json.loads(shown.out)["document"] == a_permit_record(state["resource_id"])


def test_what_is_typed_into_the_delivery_template_is_accepted_and_is_what_was_meant(
    filled: Filled, permits: World
) -> None:
    heads = [str(item["name"]) for item in a_permit_record()["items"]]
    meant = "\n".join(",".join(row) for row in (heads, *TYPED)) + "\n"
    permits.deliver(meant.encode(), resource=RESOURCE, file_name="meant.csv")
    by_libreoffice = filled.delivery.parent.name.startswith("libreoffice")
    answer = permits.deliver(
        filled.delivery.read_bytes(),
        resource=RESOURCE,
        file_name="permits.xlsx",
        data_time="2026-11-02" if by_libreoffice else "2026-11-01",
    )
    assert (answer.rows_in, answer.accepted, answer.quarantined) == (3, 3, 0)
    assert (answer.unchanged, answer.rules) == (3, {})


# --- many records in one workbook


def two_records(path: Path, **second: Any) -> Path:
    documents = [a_permit_record("first-of-two"), {**a_permit_record("second-of-two"), **second}]
    write_records(path, documents, load_code_lists())
    return path


def test_a_workbook_of_many_is_added_whole_or_not_at_all(datong: Datong, tmp_path: Path) -> None:
    broken = two_records(tmp_path / "broken.xlsx", update_cycle="hourly")
    checked = datong("record", "check", str(broken), "--json")
    answer = json.loads(checked.out)
    assert (checked.code, answer["valid"]) == (1, False)
    assert [each["valid"] for each in answer["records"]] == [True, False]
    [told] = answer["violations"]
    assert (told["path"], told["place"]) == ("update_cycle", "记录!U3")
    refused = datong("record", "add", str(broken), "--as", "gongan-steward", "--json")
    error = json.loads(refused.err)["error"]
    assert (refused.code, error["code"]) == (1, "invalid-document")
    assert error["violations"][0]["place"] == "记录!U3"
    assert datong("record", "show", "first-of-two", "--as", "gongan-steward").code == 1
    good = two_records(tmp_path / "good.xlsx")
    added = datong("record", "add", str(good), "--as", "gongan-steward", "--json")
    assert [each["resource_id"] for each in json.loads(added.out)["records"]] == [
        "first-of-two",
        "second-of-two",
    ]


def test_a_workbook_is_told_by_what_it_is_and_its_faults_by_cell(
    datong: Datong, tmp_path: Path
) -> None:
    path = two_records(tmp_path / "records.yaml", share_type=9)
    ran = datong("record", "check", str(path))
    assert ran.code == 1
    assert "记录!N3 share_type" in ran.out
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    broken = datong("record", "check", str(tmp_path / "broken.xlsx"), "--json")
    assert json.loads(broken.err)["error"]["code"] == "workbook-unreadable"


# --- templates by command


def test_templates_are_written_by_command_and_never_over_what_is_there(
    permits: World, datong: Datong, tmp_path: Path
) -> None:
    for words in (("record",), ("delivery", RESOURCE)):
        out = str(tmp_path / f"{words[0]}.xlsx")
        first = datong("template", *words, out, "--json")
        assert json.loads(first.out)["file"] == out
        again = datong("template", *words, out, "--json")
        assert json.loads(again.err)["error"]["code"] == "file-there"
        assert datong("template", *words, out, "--force").code == 0
    nowhere = datong("template", "record", str(tmp_path / "no" / "where.xlsx"), "--json")
    assert json.loads(nowhere.err)["error"]["code"] == "file-not-writable"
    unknown = datong("template", "delivery", "none-such", str(tmp_path / "x.xlsx"), "--json")
    assert json.loads(unknown.err)["error"]["code"] == "resource-not-found"
    assert not (tmp_path / "x.xlsx").exists()


# --- drafts


DECIDED = {
    "name:": "name: 样本登记信息",
    "provider_code:": f'provider_code: "{POLICE}"',
    "provider_name:": "provider_name: 示例市公安局",
    "abstract:": "abstract: 由样本拟出的记录",
    "lei:": 'lei: "3"',
    "xiang:": 'xiang: "07"',
    "mu:": 'mu: "021"',
    "share_type:": "share_type: 1",
    "share_method:": "share_method: query",
    "open:": "open: false",
    "update_cycle:": "update_cycle: monthly",
}


def decide(drafted: str) -> str:
    """Fill in what a draft leaves open, line by line, as a person would."""
    lines = []
    for line in drafted.splitlines():
        field = line.strip().partition(" ")[0]
        indent = line[: len(line) - len(line.lstrip())]
        lines.append(f"{indent}{DECIDED[field]}" if "# TODO" in line else line)
    return "\n".join(lines) + "\n"


def sample(rows: int = 300) -> bytes:
    lines = ["公民身份号码,姓名,性别,出生日期,子女数,登记编号,备注"]
    for number in range(rows):
        citizen = a_citizen_number(number)
        sex, note = "12"[number % 2], "无" if number % 3 else "迁入"
        lines.append(f"{citizen},某某{number},{sex},1990-03-07,{number % 4},{number:06d},{note}")
    return "\n".join(lines).encode("gb18030")


def test_a_draft_fails_until_it_is_decided_and_then_takes_its_sample(
    world: World, datong: Datong, tmp_path: Path
) -> None:
    path = tmp_path / "household-sample.csv"
    path.write_bytes(sample())
    drafted = datong("record", "draft", str(path)).out
    (tmp_path / "draft.yaml").write_text(drafted, encoding="utf-8")
    checked = json.loads(datong("record", "check", str(tmp_path / "draft.yaml"), "--json").out)
    answer = json.loads(datong("record", "draft", str(path), "--json").out)
    assert sorted(each["path"] for each in checked["violations"]) == sorted(answer["todo"])
    assert all(each["place"].startswith("第 ") for each in checked["violations"])
    decided = tmp_path / "decided.yaml"
    decided.write_text(decide(drafted), encoding="utf-8")
    assert json.loads(datong("record", "check", str(decided), "--json").out)["violations"] == []
    from standards.documents import load_document

    document = load_document(decided.read_text(encoding="utf-8"))
    world.publish(document)
    resource = str(document["resource_id"])
    delivered = world.deliver(path.read_bytes(), resource=resource, file_name="sample.csv")
    assert (delivered.rows_in, delivered.accepted) == (300, 300)


def test_a_draft_repeats_nothing_of_anybody(datong: Datong, tmp_path: Path) -> None:
    path = tmp_path / f"household-{ANNA}.csv"
    path.write_bytes(sample(50))
    for ran in (
        datong("record", "draft", str(path)),
        datong("record", "draft", str(path), "--json"),
    ):
        assert ran.code == 0
        assert "某某" not in ran.out
        assert "990101" not in ran.out


def test_a_sample_that_is_no_table_is_refused_in_one_sentence(
    datong: Datong, tmp_path: Path
) -> None:
    without_header = tmp_path / "a.csv"
    without_header.write_text(f"{ANNA},安娜,2\n{BERT},贝特,1\n", encoding="utf-8")
    ran = datong("record", "draft", str(without_header), "--json")
    error = json.loads(ran.err)["error"]
    assert (ran.code, error["code"]) == (1, "sample-refused")
    assert ANNA not in ran.err
    assert "安娜" not in ran.err
