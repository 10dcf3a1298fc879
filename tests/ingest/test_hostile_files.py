"""Files that once were misread, lost a row, or brought the platform down: each has its verdict."""

from __future__ import annotations

import io
import threading
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.deliveries import Delivery
from ingest.deliver import IdempotencyConflict
from ingest.steps import Step
from lake.errors import StoreUnavailable
from tests.catalog.makers import an_item
from tests.ingest.office import HEAD, Office, a_csv, a_number, a_person, household, recover
from tests.ingest.test_workbooks_and_parquet import HEADS, a_parquet, a_workbook

LATER = datetime(2026, 11, 2, tzinfo=UTC)
TWO = [an_item("k", name="键", key=True), an_item("name", name="名称")]


@pytest.fixture
def two(office: Office) -> Office:
    """A resource of two text items, for texts whose frame is the point."""
    office.publish(household(resource_id="two", items=TWO))
    return office


def reason(delivery: Delivery) -> str:
    return str(dict(delivery.reason or {})["code"])


def names(office: Office) -> list[tuple[str, str | None]]:
    return [(key, name) for key, name in office.table("two", select="k, name")]


def test_rows_that_balance_each_others_delimiters_are_still_ragged(two: Office) -> None:
    delivery = two.deliver("键,名称\n1,a,\n2\n3,c\n", resource="two")
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (3, 1, 2)
    assert names(two) == [("3", "c")]


def test_a_fallback_after_many_flagged_rows_keeps_them_all_apart(two: Office) -> None:
    bad = "".join(f",x{n}\n" for n in range(60_000))
    delivery = two.deliver("键,名称\n" + bad + "1,a,\n2\n3,c\n", resource="two")
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (60_003, 1, 60_002)


@pytest.mark.parametrize("row", ['1, "a, b"', '1,"a" ', '1 ,"a"x', '1,a"b"', '1,"a""b" c'])
def test_a_quote_that_is_not_at_the_edge_of_its_cell_is_never_guessed_at(
    two: Office, row: str
) -> None:
    delivery = two.deliver(f"键,名称\n{row}\n2,c\n", resource="two")
    if not delivery.refused:
        assert ("2", "c") in names(two)
        assert delivery.accepted + delivery.quarantined == 2
        loaded = [name for key, name in names(two) if key == "1"]
        assert loaded in ([], ['a"b"'])


def test_a_quoted_cell_at_the_border_of_two_chunks_is_whole(two: Office) -> None:
    filler = "x" * 35
    lines = [f'{n},"{filler},{n}"' for n in range(100_000)]
    delivery = two.deliver("键,名称\n" + "\n".join(lines) + "\n", resource="two")
    assert (delivery.accepted, delivery.quarantined) == (100_000, 0)
    loaded = {name for _, name in names(two)}
    assert loaded == {f"{filler},{n}" for n in range(100_000)}


def test_a_broken_cell_over_two_lines_refuses_the_file_with_its_line(two: Office) -> None:
    delivery = two.deliver('键,名称\n1,"x"y\n2,z"\n3,c\n', resource="two")
    assert reason(delivery) == "file.quotes"
    assert "line 2" in dict(delivery.reason or {})["place"]


def test_what_could_not_be_told_apart_is_kept_as_it_stood(two: Office) -> None:
    delivery = two.deliver('键,名称\n1,"x"y"\n3,c,d\n4,e\n', resource="two")
    if delivery.refused:
        assert reason(delivery) == "file.quotes"
    again = two.deliver("键,名称\n3,c,d\n4,e\n", resource="two")
    assert [told["value"] for told in two.violations(again)] == ["3,c,d\n"]


def test_a_header_with_broken_quotes_has_its_verdict(two: Office) -> None:
    assert reason(two.deliver('键,"名"称\n1,a,b\n', resource="two")).startswith("header.")
    assert reason(two.deliver('键,"名称"x\n1,a\n2\n', resource="two")).startswith("header.")


def test_a_first_row_of_data_is_not_repeated_in_the_reason(office: Office) -> None:
    delivery = office.deliver("\n".join(",".join(a_person(n)) for n in (1, 2)) + "\n")
    assert reason(delivery) == "header.none"
    assert a_number(1) not in str(delivery.reason)


def test_a_file_named_after_a_person_does_not_tell_his_number(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1)), file_name=f"{a_number(1)}.csv")
    assert delivery.file_name == "***.csv"


def test_short_names_in_two_encodings_are_no_plausible_nonsense(two: Office) -> None:
    content = "键,名称\n1,北京\n".encode() + "2,上海\n".encode("gbk")
    # With one line of the other kind nobody can say whether it is damaged.
    either = {"file.mixed_encodings", "file.undecodable"}
    assert reason(two.deliver(content, resource="two")) in either
    other = "键,名称\n2,上海\n3,广州\n".encode("gbk") + "1,北京\n".encode()
    assert reason(two.deliver(other, resource="two")) == "file.mixed_encodings"


def test_one_damaged_byte_does_not_turn_a_utf8_file_into_gb18030(two: Office) -> None:
    content = "键,名称\n1,北京\n2,上海\n".encode() + b"3,\xe9x\n" + "4,广州\n".encode()
    delivery = two.deliver(content, resource="two")
    assert reason(delivery) == "file.undecodable"
    assert "line 4" in dict(delivery.reason or {})["place"]


def test_much_ordinary_gb18030_is_still_taken_for_what_it_is(two: Office) -> None:
    rows = "".join(
        f"{n},{chr(0x4E00 + n * 7 % 20_000)}{chr(0x4E00 + n * 31 % 20_000)}\n"
        for n in range(50_000)
    )
    delivery = two.deliver(("键,名称\n" + rows).encode("gb18030"), resource="two")
    assert (delivery.encoding, delivery.accepted) == ("gb18030", 50_000)


def test_lines_that_end_with_cr_alone_are_rows(two: Office) -> None:
    assert two.deliver("键,名称\r1,a\r2,b\r", resource="two").accepted == 2


def test_blanks_in_a_tab_separated_file_are_taken_off_too(two: Office) -> None:
    delivery = two.deliver('键\t名称\n"1"\t b\n', resource="two")
    assert names(two) == [("1", "b")]
    assert dict(delivery.rules) == {"text.trimmed": 1}


def test_dates_that_no_reader_can_hold_are_violations(office: Office) -> None:
    items = [
        an_item("k", name="键", key=True),
        {"id": "d", "name": "日", "data_type": "D"},
        {"id": "t", "name": "时", "data_type": "T"},
        {"id": "f", "name": "数", "data_type": "B"},
    ]
    office.publish(household(resource_id="moments", items=items))
    days = ["infinity", "-infinity", "12345-01-01", "0044-03-15 (BC)", "epoch", "0000-01-01"]
    times = ["0000-01-01 00:00:00", "2024-01-31 24:00:00", "infinity", "2024-01-31 23:59:60"]
    rows = [f"d{n},{day},," for n, day in enumerate(days)]
    rows += [f"t{n},,{time}," for n, time in enumerate(times)]
    rows += ["f1,,,1e400", "f2,,,-1e400", "good,2024-02-29,2024-02-29 23:59:59.5,1.5"]
    delivery = office.deliver("键,日,时,数\n" + "\n".join(rows) + "\n", resource="moments")
    assert (delivery.accepted, delivery.quarantined) == (1, 12)


def test_items_named_like_our_own_columns_do_not_confuse_duplicates(office: Office) -> None:
    names_ = ["h", "kinds", "first", "rule", "rows", "count"]
    items = [an_item("k", name="键", key=True), *(an_item(n, name=n) for n in names_)]
    office.publish(household(resource_id="words", items=items))
    head = ",".join(["键", *names_])
    delivery = office.deliver(f"{head}\n1,a,b,c,d,e,f\n1,x,b,c,d,e,f\n", resource="words")
    assert dict(delivery.rules) == {"key.duplicate": 2}


def test_a_failed_formula_is_a_violation_not_an_empty_cell(office: Office) -> None:
    row: list[object] = [*a_person(1)]
    book = with_formula_error(a_workbook(row, [*a_person(2)]))
    delivery = office.deliver(book)
    assert (delivery.accepted, delivery.quarantined) == (1, 1)
    [told] = [v for v in office.violations(delivery) if v["severity"] == "error"]
    assert (told["rule"], told["item"], told["value"]) == ("cell.error", "name", "#N/A")


def with_formula_error(book: bytes) -> bytes:
    """Let cell B2 show #N/A, as a lookup without a match does."""
    source, target = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                start = data.index(b'<c r="B2"')
                end = data.index(b"</c>", start) + len(b"</c>")
                cell = b'<c r="B2" t="e"><f>VLOOKUP(1,X1:Y2,2,0)</f><v>#N/A</v></c>'
                data = data[:start] + cell + data[end:]
            copy.writestr(name, data)
    return target.getvalue()


def test_a_cell_beyond_the_header_is_a_ragged_row(office: Office) -> None:
    delivery = office.deliver(a_workbook([*a_person(1), "", "多"], [*a_person(2)]))
    assert (delivery.accepted, delivery.quarantined) == (1, 1)
    assert dict(delivery.rules) == {"row.ragged": 1}


def test_a_stray_cell_at_the_end_of_the_sheet_is_refused_not_a_crash(office: Office) -> None:
    book = a_workbook([*a_person(1)])
    source, target = zipfile.ZipFile(io.BytesIO(book)), io.BytesIO()
    stray = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row>'
    with zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", stray + b"</sheetData>")
            copy.writestr(name, data)
    delivery = office.deliver(target.getvalue())
    assert reason(delivery) == "file.stray_cell"
    assert "XFD1048576" in dict(delivery.reason or {})["place"]


def test_an_empty_first_sheet_is_passed_over_and_said(office: Office) -> None:
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("说明")
    sheet = book.add_worksheet("数据")
    for line, row in enumerate([HEADS, a_person(1)]):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    book.close()
    delivery = office.deliver(target.getvalue())
    assert delivery.accepted == 1
    assert "数据" in delivery.notes[0]


def test_parquet_text_stored_as_bytes_is_text(office: Office) -> None:
    columns = {h: pa.array([c.encode()]) for h, c in zip(HEADS, a_person(1), strict=True)}
    assert office.deliver(a_parquet(columns)).accepted == 1
    assert office.table(select="name") == [("张1",)]
    broken = {**columns, "姓名": pa.array([b"\xff\xfe"])}
    assert reason(office.deliver(a_parquet(broken))) == "file.unreadable"


def test_a_parquet_column_that_differs_in_case_alone_is_refused(office: Office) -> None:
    items = [an_item("k", name="键", key=True), an_item("name", name="name")]
    document = household(resource_id="cases", items=items, ignored_columns=["NAME"])
    office.publish(document)
    columns = {"NAME": pa.array(["x"]), "键": pa.array(["1"]), "name": pa.array(["y"])}
    assert reason(office.deliver(a_parquet(columns), resource="cases")).startswith("header.")


def test_a_damaged_parquet_page_is_an_unreadable_file(office: Office) -> None:
    columns = {h: pa.array([c] * 500) for h, c in zip(HEADS, a_person(1), strict=True)}
    target = io.BytesIO()
    pq.write_table(pa.table(columns), target, use_dictionary=False, compression="zstd")
    data = bytearray(target.getvalue())
    data[40:90] = b"\xff" * 50
    assert reason(office.deliver(bytes(data))) == "file.unreadable"


def test_the_same_idempotency_key_at_the_same_moment_lets_one_file_in(office: Office) -> None:
    gate = threading.Barrier(2)

    def meet(step: Step) -> None:
        if step is Step.BYTES_STAGED:
            gate.wait(30)

    racing = Office(replace(office.intake, on_step=meet), office.people)
    answers: list[object] = []

    def send(content: str) -> None:
        try:
            answers.append(racing.deliver(content, idempotency_key="k"))
        except IdempotencyConflict as conflict:
            answers.append(conflict)

    senders = [
        threading.Thread(target=send, args=(a_csv(*(a_person(n) for n in range(1, count))),))
        for count in (3, 5)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    kinds = sorted(type(answer).__name__ for answer in answers)
    assert kinds == ["Delivery", "IdempotencyConflict"]


def test_a_retry_takes_up_what_was_registered_and_never_kept(office: Office) -> None:
    def stop(step: Step) -> None:
        if step is Step.DELIVERY_REGISTERED:
            raise StoreUnavailable("lake", "away")

    cut = Office(replace(office.intake, on_step=stop), office.people)
    with pytest.raises(StoreUnavailable):
        cut.deliver(a_csv(a_person(1)))
    recovered = recover(office.intake)
    assert len(recovered.finished) == 1
    assert office.deliver(a_csv(a_person(1))).accepted == 1
    assert len(office.table()) == 1


def test_one_delivery_that_fails_does_not_keep_others_from_recovery(office: Office) -> None:
    def stop(step: Step) -> None:
        if step is Step.RAW_KEPT:
            raise StoreUnavailable("lake", "away")

    cut = Office(replace(office.intake, on_step=stop), office.people)
    for serial in (1, 2):
        with pytest.raises(StoreUnavailable):
            cut.deliver(a_csv(a_person(serial)), data_time=datetime(2026, 11, serial, tzinfo=UTC))
    first = min(key for key in office.raw_files() if not key.endswith(".json"))
    office.intake.store.remove("dept-gongan", first)
    for _ in range(2):
        recovered = recover(office.intake)
        assert list(recovered.failed.values()) == ["ObjectNotFound"]
    assert recover(office.intake).failed == {}
    with office.intake.database.reading() as conn:
        from catalog import deliveries

        states = [
            (d.state.value, (d.reason or {}).get("code")) for d in deliveries.list_deliveries(conn)
        ]
    assert sorted(states, key=str) == [("loaded", None), ("refused", "platform.failed")]


def test_another_departments_draft_is_as_unknown_as_none(office: Office) -> None:
    from catalog import records
    from tests.catalog.makers import a_clock

    with office.intake.database.transaction() as conn:
        records.add_record(
            conn, household(resource_id="secret-draft"), office.people.steward, a_clock()
        )
    mine = office.deliver(a_csv(a_person(1)), resource="secret-draft")
    other = office.deliver(
        a_csv(a_person(1)), resource="secret-draft", department_id="minzheng", account="aid-system"
    )
    assert (reason(mine), reason(other)) == ("record.not_published", "resource.unknown")


def test_head_is_what_the_office_says() -> None:
    assert HEAD.split(",") == HEADS
