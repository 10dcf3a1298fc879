"""What becomes of a delivered file: accepted, quarantined, refused, retried."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from catalog.deliveries import DeliveryMode, DeliveryState
from ingest.deliver import IdempotencyConflict
from tests.ingest.office import HEAD, Office, a_csv, a_number, a_person, household


def test_a_clean_file_is_loaded_whole_and_its_bytes_are_kept(office: Office) -> None:
    content = a_csv(a_person(1), a_person(2), a_person(3))
    delivery = office.deliver(content)
    assert (delivery.state, delivery.rows_in, delivery.accepted) == ("loaded", 3, 3)
    assert (delivery.quarantined, delivery.unchanged, dict(delivery.rules)) == (0, 0, {})
    assert delivery.encoding == "utf-8"
    assert delivery.sha256 == hashlib.sha256(content.encode()).hexdigest()
    kept = office.raw_files()
    assert kept[f"raw/household/{delivery.delivery_id}/{delivery.sha256}"] == content.encode()
    assert f"raw/household/{delivery.delivery_id}/manifest.json" in kept
    rows = office.table(select="id_number, name, sex, address, _row, _op")
    assert rows[0] == (a_number(1), "张1", "1", "和平路1号", 1, "upsert")
    assert len(rows) == 3


def test_the_same_on_a_real_s3_server(office_on_s3: Office) -> None:
    bad = a_person(3, birth_date="2024-02-30")
    delivery = office_on_s3.deliver(a_csv(a_person(1), a_person(2), bad))
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (3, 2, 1)
    assert len(office_on_s3.table()) == 2
    assert [v["rule"] for v in office_on_s3.violations(delivery)] == ["type.date"]
    again = office_on_s3.deliver(a_csv(a_person(1), a_person(2), bad))
    assert again.delivery_id == delivery.delivery_id


def test_gb18030_beyond_the_basic_plane_is_decoded_and_said(office: Office) -> None:
    content = a_csv(a_person(1, name="𠮷田"), a_person(2, name="䶮某")).encode("gb18030")
    delivery = office.deliver(content)
    assert (delivery.encoding, delivery.accepted) == ("gb18030", 2)
    assert [row[0] for row in office.table(select="name")] == ["𠮷田", "䶮某"]


def test_a_byte_order_mark_is_no_part_of_the_first_head(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1)).encode("utf-8-sig"))
    assert (delivery.encoding, delivery.accepted) == ("utf-8-sig", 1)


def test_rows_in_are_accepted_plus_quarantined_with_every_violation_told(office: Office) -> None:
    rows = [
        a_person(1),
        a_person(2, name=""),
        a_person(3, sex="7"),
        a_person(4, birth_date="2024-02-30", sex="男"),
        a_person(5, id_number=a_number(5)[:-1] + ("1" if a_number(5)[-1] != "1" else "2")),
        a_person(6, address="长" * 101),
        a_person(7, id_number=""),
    ]
    delivery = office.deliver(a_csv(*rows))
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (7, 1, 6)
    found = {(v["row"], v["item"], v["rule"]) for v in office.violations(delivery)}
    assert found == {
        (2, "name", "null.required"),
        (3, "sex", "code.unknown"),
        (4, "birth_date", "type.date"),
        (4, "sex", "code.unknown"),
        (5, "id_number", "identifier.citizen.check"),
        (6, "address", "length.max"),
        (7, "id_number", "key.missing"),
    }
    assert dict(delivery.rules)["code.unknown"] == 2
    told = office.violations(delivery)[0]
    assert (told["line"], told["value"], told["severity"]) == (3, None, "error")
    assert "姓名" in told["zh"]
    assert "empty" in told["en"]


def test_a_warning_keeps_the_value_as_delivered_and_loads_the_standard_form(
    office: Office,
) -> None:
    number = next(n for n in map(a_number, range(1, 99)) if n.endswith("X"))
    delivery = office.deliver(a_csv(a_person(1, id_number=number.lower())))
    assert (delivery.accepted, delivery.quarantined) == (1, 0)
    assert office.table(select="id_number") == [(number,)]
    [told] = office.violations(delivery)
    assert (told["rule"], told["severity"]) == ("identifier.normalised", "warning")
    assert told["value"] == number.lower()


def test_an_unknown_region_warns_and_never_rejects(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1, id_number=a_number(1, region="998877"))))
    assert delivery.accepted == 1
    assert dict(delivery.rules) == {"identifier.region_unknown": 1}


def test_fifteen_digits_become_eighteen_with_a_warning(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1, id_number="990101850214001")))
    assert delivery.accepted == 1
    [(number,)] = office.table(select="id_number")
    assert number.startswith("99010119850214001")
    assert "identifier.normalised" in delivery.rules


def test_a_repeated_key_with_other_content_is_quarantined_in_all_its_rows(
    office: Office,
) -> None:
    twin = a_person(1, name="另一个名字")
    delivery = office.deliver(a_csv(a_person(1), a_person(2), twin, a_person(3)))
    assert (delivery.accepted, delivery.quarantined) == (2, 2)
    assert [v["row"] for v in office.violations(delivery)] == [1, 3]
    assert dict(delivery.rules) == {"key.duplicate": 2}
    assert len(office.table()) == 2


def test_of_rows_alike_in_all_items_the_first_is_kept(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1), a_person(1), a_person(2), a_person(1)))
    assert (delivery.accepted, delivery.quarantined) == (2, 2)
    assert dict(delivery.rules) == {"key.repeated": 2}
    assert [row[0] for row in office.table(select="_row")] == [1, 3]


def test_a_ragged_row_is_quarantined_alone_with_its_number(office: Office) -> None:
    content = a_csv(a_person(1), [*a_person(2), "多"], a_person(3)[:3], a_person(4))
    delivery = office.deliver(content)
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (4, 2, 2)
    told = [(v["row"], v["line"], v["rule"]) for v in office.violations(delivery)]
    assert told == [(2, 3, "row.ragged"), (3, 4, "row.ragged")]


def test_an_empty_extra_cell_does_not_pass_unseen(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1), [*a_person(2), ""]))
    assert (delivery.accepted, delivery.quarantined) == (1, 1)


def test_quoted_newlines_and_delimiters_stay_in_their_cell(office: Office) -> None:
    row = a_person(1)
    row[4] = '"和平路,1号\n二楼"'
    delivery = office.deliver(a_csv(row, a_person(2, birth_date="x")))
    assert delivery.accepted == 1
    assert office.table(select="address") == [("和平路,1号\n二楼",)]
    [told] = office.violations(delivery)
    assert (told["row"], told["line"]) == (2, 4)


def test_windows_and_mixed_line_ends_lose_no_row(office: Office) -> None:
    content = a_csv(a_person(1), a_person(2), a_person(3))
    assert office.deliver(content.replace("\n", "\r\n")).accepted == 3
    mixed = content.replace("\n", "\r\n", 2)
    assert office.deliver(mixed, data_time=datetime(2026, 11, 2, tzinfo=UTC)).accepted == 3


def test_blank_lines_are_passed_over_and_said(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1), [""], a_person(2)) + "\n\n")
    assert (delivery.rows_in, delivery.accepted) == (2, 2)
    assert "3 个空行" in delivery.notes[0]


def test_blanks_around_a_cell_are_taken_off_and_said(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1, name=" 张三　"), a_person(2)))
    assert delivery.accepted == 2
    assert dict(delivery.rules) == {"text.trimmed": 1}
    assert office.table(select="name") == [("张三",), ("张2",)]


def test_declared_nulls_aliases_and_ignored_columns_are_honoured(office: Office) -> None:
    document = household(resource_id="declared", null_values=["N/A"], ignored_columns=["备注"])
    office.publish(document)
    head = HEAD.replace("姓名", "名字") + ",备注"
    row = [*a_person(1, address="N/A"), "随便"]
    delivery = office.deliver(a_csv(row, head=head), resource="declared")
    assert delivery.accepted == 1
    assert office.table("declared", select="name, address") == [("张1", None)]


def test_mojibake_is_a_violation_of_its_row(office: Office) -> None:
    delivery = office.deliver(a_csv(a_person(1, name="张\ufffd"), a_person(2, address="\ue123")))
    assert (delivery.accepted, delivery.quarantined) == (0, 2)
    assert dict(delivery.rules) == {"text.mojibake": 2}


def test_a_file_without_a_good_row_changes_nothing_that_was_loaded(office: Office) -> None:
    office.deliver(a_csv(a_person(1)))
    none = office.deliver(a_csv(a_person(2, name="")), data_time=datetime(2026, 11, 2, tzinfo=UTC))
    assert (none.state, none.accepted, none.quarantined) == ("loaded", 0, 1)
    assert none.snapshot_id is None
    same = office.deliver(a_csv(a_person(1)), data_time=datetime(2026, 11, 3, tzinfo=UTC))
    assert same.unchanged == 1


def test_a_retry_answers_the_first_verdict_and_leaves_nothing_new(office: Office) -> None:
    content = a_csv(a_person(1), a_person(2))
    first = office.deliver(content)
    kept = office.raw_files()
    again = office.deliver(content)
    assert again == first
    assert office.raw_files() == kept
    assert len(office.table()) == 2
    assert list(office.intake.store.list("dept-gongan", "staging/")) == []


def test_the_same_bytes_of_another_data_time_are_a_delivery_without_changes(
    office: Office,
) -> None:
    content = a_csv(a_person(1), a_person(2))
    first = office.deliver(content)
    second = office.deliver(content, data_time=datetime(2026, 11, 2, tzinfo=UTC))
    assert second.delivery_id != first.delivery_id
    assert (second.accepted, second.unchanged) == (2, 2)


def test_an_increment_counts_what_it_leaves_as_it_was(office: Office) -> None:
    office.deliver(a_csv(a_person(1), a_person(2)))
    second = office.deliver(
        a_csv(a_person(1), a_person(2, name="改名"), a_person(3)),
        mode=DeliveryMode.INCREMENTAL,
        data_time=datetime(2026, 11, 2, tzinfo=UTC),
    )
    assert (second.accepted, second.unchanged) == (3, 1)


def test_a_refused_file_is_tried_anew_as_a_new_delivery(office: Office) -> None:
    content = a_csv(a_person(1), head=HEAD.replace("姓名", "姓氏"))
    first = office.deliver(content)
    second = office.deliver(content)
    assert (first.state, second.state) == (DeliveryState.REFUSED, DeliveryState.REFUSED)
    assert first.delivery_id != second.delivery_id


def test_an_idempotency_key_finds_its_delivery_and_refuses_other_bytes(office: Office) -> None:
    first = office.deliver(a_csv(a_person(1)), idempotency_key="k1")
    later = datetime(2026, 11, 2, tzinfo=UTC)
    assert office.deliver(a_csv(a_person(1)), idempotency_key="k1", data_time=later) == first
    with pytest.raises(IdempotencyConflict, match="k1"):
        office.deliver(a_csv(a_person(2)), idempotency_key="k1")
    assert list(office.intake.store.list("dept-gongan", "staging/")) == []
