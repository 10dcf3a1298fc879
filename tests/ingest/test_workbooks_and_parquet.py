"""Real .xlsx and Parquet files: the same checks, and what only these formats can get wrong."""

from __future__ import annotations

import io
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.ingest.office import HEAD, Office, a_csv, a_number, a_person

HEADS = HEAD.split(",")


def a_workbook(*rows: list[object], heads: list[str] | None = None) -> bytes:
    """Write a sheet as a clerk's program would: every cell with the type of its value."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("数据")
    for line, row in enumerate([heads or HEADS, *rows]):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            else:
                sheet.write(line, place, cell)
    book.close()
    return target.getvalue()


def a_parquet(columns: dict[str, pa.Array]) -> bytes:
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


def test_a_workbook_loads_what_the_same_csv_loads(office: Office) -> None:
    people = [a_person(n) for n in range(1, 6)]
    delivery = office.deliver(a_workbook(*people))
    assert (delivery.format, delivery.encoding, delivery.accepted) == ("xlsx", None, 5)
    rows = office.table(select="id_number, name, sex, birth_date, address")
    assert rows[0][:2] == (a_number(1), "张1")
    again = office.deliver(a_csv(*people))
    assert again.unchanged == 5


def test_a_number_cell_where_text_is_due_is_a_violation_not_a_plausible_number(
    office: Office,
) -> None:
    lost: list[object] = [*a_person(1)]
    lost[0] = float(a_number(1)[:17] + "0")
    delivery = office.deliver(a_workbook(lost, [*a_person(2)]))
    assert (delivery.accepted, delivery.quarantined) == (1, 1)
    told = office.violations(delivery)
    assert "cell.not_text" in {v["rule"] for v in told}
    assert {(v["row"], v["line"]) for v in told} == {(1, 2)}


def test_date_cells_and_blank_rows_of_a_sheet(office: Office) -> None:
    row: list[object] = [*a_person(1)]
    row[3] = date(1985, 2, 14)
    with_time: list[object] = [*a_person(2)]
    with_time[3] = datetime(1985, 2, 14, 8, 30)  # noqa: DTZ001 (a sheet knows no zone)
    delivery = office.deliver(a_workbook(row, ["", "", "", "", ""], with_time))
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (2, 1, 1)
    assert office.table(select="birth_date") == [(date(1985, 2, 14),)]
    [told] = office.violations(delivery)
    assert (told["row"], told["line"], told["rule"]) == (2, 4, "type.date")


def test_a_parquet_file_is_checked_like_any_other(office: Office) -> None:
    columns = dict(
        zip(HEADS, map(pa.array, zip(a_person(1), a_person(2, sex="8"), strict=True)), strict=True)
    )
    columns["出生日期"] = pa.array([date(1985, 2, 14)] * 2)
    delivery = office.deliver(a_parquet(columns))
    assert (delivery.format, delivery.accepted, delivery.quarantined) == ("parquet", 1, 1)
    assert [v["rule"] for v in office.violations(delivery)] == ["code.unknown"]


def test_nested_and_floating_point_columns_are_refused(office: Office) -> None:
    columns = {head: pa.array([cell]) for head, cell in zip(HEADS, a_person(1), strict=True)}
    nested = office.deliver(a_parquet({**columns, "住址": pa.array([["a", "b"]])}))
    assert nested.reason is not None
    assert nested.reason["code"] == "file.nested_column"
    floating = office.deliver(a_parquet({**columns, "身份号码": pa.array([9.9e17])}))
    assert floating.reason is not None
    assert floating.reason["code"] == "file.number_column"


def test_a_timestamp_column_is_a_date_only_at_midnight(office: Office) -> None:
    columns = dict(
        zip(HEADS, map(pa.array, zip(a_person(1), a_person(2), strict=True)), strict=True)
    )
    moments = [datetime(1985, 2, 14), datetime(1985, 2, 14, 1)]  # noqa: DTZ001 (as files have it)
    columns["出生日期"] = pa.array(moments)
    delivery = office.deliver(a_parquet(columns))
    assert (delivery.accepted, delivery.quarantined) == (1, 1)
