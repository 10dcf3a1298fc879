"""A file that cannot be trusted as a whole is refused with reason and place, its bytes kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog import records
from catalog.deliveries import Delivery, DeliveryMode
from catalog.life_cycle import Action
from tests.catalog.makers import a_clock, an_item
from tests.ingest.office import HEAD, Office, a_csv, a_number, a_person, as_bytes, household

GOOD = a_csv(a_person(1), a_person(2))


def refused(office: Office, content: str | bytes, **facts: object) -> Delivery:
    """Deliver, and see what every refusal has in common."""
    delivery = office.deliver(content, **facts)
    assert delivery.refused
    assert (delivery.accepted, delivery.quarantined) == (0, 0)
    kept = [data for key, data in office.raw_files().items() if delivery.delivery_id in key]
    assert as_bytes(content) in kept
    reason = dict(delivery.reason or {})
    assert set(reason) == {"code", "zh", "en", "place"}
    folder = delivery.resource_id or "_refused"
    receipt = f"receipts/{folder}/{delivery.delivery_id}.json"
    assert office.intake.store.stat("dept-gongan", receipt) is not None
    return delivery


def code(delivery: Delivery) -> str:
    return str(dict(delivery.reason or {})["code"])


def test_an_empty_file_and_one_with_a_header_alone(office: Office) -> None:
    assert code(refused(office, "")) == "file.empty"
    assert code(refused(office, HEAD + "\n")) == "file.no_rows"


def test_mixed_encodings_name_the_line_where_they_change(office: Office) -> None:
    first = a_csv(*(a_person(n, address="大同示例市和平区") for n in range(1, 9))).encode()
    second = "\n".join(",".join(a_person(n)) for n in range(9, 15)).encode("gb18030")
    delivery = refused(office, first + second)
    assert code(delivery) == "file.mixed_encodings"
    told = dict(delivery.reason or {})
    assert "line 10" in told["place"]
    assert ("第 10 行" in told["zh"], "line" in told["zh"]) == (True, False)
    assert ("line 10" in told["en"], "行" in told["en"]) == (True, False)


def test_the_other_way_round_is_seen_too(office: Office) -> None:
    first = a_csv(*(a_person(n) for n in range(1, 9))).encode("gb18030")
    second = ",".join(a_person(9, address="大同示例市和平区建设街道")).encode()
    delivery = refused(office, first + second)
    assert code(delivery) in {"file.mixed_encodings", "file.undecodable"}
    assert "line 10" in str(dict(delivery.reason or {})["place"])


def test_a_cut_character_at_the_end_is_a_truncated_file(office: Office) -> None:
    rows = [a_person(n, address="大同示例市和平区") for n in range(1, 4)]
    delivery = refused(office, a_csv(*rows).encode().rstrip(b"\n")[:-1])
    assert code(delivery) == "file.truncated"


def test_a_last_row_cut_short_and_a_quote_never_closed_are_truncated(office: Office) -> None:
    cut = a_csv(a_person(1), a_person(2)).encode()[:-40]
    assert code(refused(office, cut)) == "file.truncated"
    row = a_person(2)
    row[4] = '"没有收尾'
    assert code(refused(office, a_csv(a_person(1), row, a_person(3)))) == "file.truncated"


def test_unknown_columns_show_expected_against_found_with_the_nearest(office: Office) -> None:
    delivery = refused(office, a_csv(a_person(1), head=HEAD.replace("出生日期", "出生日其")))
    reason = dict(delivery.reason or {})
    assert reason["code"] == "header.unknown_columns"
    assert "“出生日其”（是否为“出生日期”？）" in reason["zh"]
    assert "缺少“出生日期”" in reason["zh"]


def test_missing_and_repeated_columns(office: Office) -> None:
    head = HEAD.removesuffix(",住址")
    assert code(refused(office, a_csv(a_person(1)[:4], head=head))) == "header.missing_columns"
    head = HEAD + ",姓名"
    assert code(refused(office, a_csv([*a_person(1), "x"], head=head))) == "header.repeated_columns"


def test_control_totals_must_agree_where_given(office: Office) -> None:
    assert code(refused(office, GOOD, rows=3)) == "totals.rows"
    assert code(refused(office, GOOD, sha256="0" * 64)) == "totals.sha256"
    assert office.deliver(GOOD, rows=2).accepted == 2


def test_a_data_time_that_has_not_come_yet_is_refused(office: Office) -> None:
    typo = datetime(2126, 11, 1, tzinfo=UTC)
    assert code(refused(office, GOOD, data_time=typo)) == "totals.data_time"


def test_bytes_that_are_no_text(office: Office) -> None:
    assert code(refused(office, GOOD.encode() + b"\0\0\0")) == "file.not_text"
    assert code(refused(office, b"PAR1" + b"\0" * 64)) == "file.unreadable"
    assert code(refused(office, b"PK\x03\x04" + b"\0" * 64)) == "file.unreadable"
    assert (
        code(refused(office, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64)) == "file.unreadable"
    )


def test_no_such_resource_keeps_the_bytes_with_the_sender(office: Office) -> None:
    delivery = refused(office, GOOD, resource="nothing-here")
    assert code(delivery) == "resource.unknown"
    assert delivery.raw_key == f"raw/_refused/{delivery.delivery_id}/{delivery.sha256}"


def test_a_number_in_the_place_of_a_resource_is_not_repeated(office: Office) -> None:
    number = a_number(1)
    delivery = refused(office, GOOD, resource=number)
    assert code(delivery) == "resource.unknown"
    assert delivery.resource_named == "***"
    assert number not in str(delivery)
    folder = f"_refused/{delivery.delivery_id}"
    for key in (f"receipts/{folder}.json", f"receipts/{folder}.report.json"):
        with office.intake.store.open("dept-gongan", key) as stream:
            assert number.encode() not in stream.read()
    assert all(
        number.encode() not in content
        for key, content in office.raw_files().items()
        if key.endswith("manifest.json")
    )


def test_a_record_not_yet_published(office: Office) -> None:
    with office.intake.database.transaction() as conn:
        draft = household(resource_id="draft-only")
        records.add_record(conn, draft, office.people.steward, a_clock())
        records.act(
            conn, "draft-only", Action.SUBMIT_REGISTER, office.people.steward, None, a_clock()
        )
    assert code(refused(office, GOOD, resource="draft-only")) == "record.not_published"


def test_another_departments_resource(office: Office) -> None:
    delivery = office.deliver(GOOD, department_id="minzheng", account="aid-system")
    assert code(delivery) == "resource.not_yours"
    assert office.raw_files() == {}


def test_an_increment_needs_a_key(office: Office) -> None:
    items = [an_item("name", name="姓名")]
    office.publish(household(resource_id="keyless", items=items))
    delivery = refused(office, "姓名\n张\n", resource="keyless", mode=DeliveryMode.INCREMENTAL)
    assert code(delivery) == "record.no_key"
    assert office.deliver("姓名\n张\n", resource="keyless").accepted == 1


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_another_delimiter_is_read_and_said(office: Office, delimiter: str) -> None:
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    delivery = office.deliver(GOOD.replace(",", delimiter), data_time=moment)
    assert delivery.accepted == 2
    assert len(delivery.notes) == 1
