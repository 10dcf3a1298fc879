"""A file that is put into incoming/ becomes one delivery, is answered, and is removed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.deliveries import DeliveryMode
from catalog.roles import Role
from ingest.dropped import waiting
from ingest.dropped.waiting import WaitsFor
from tests.catalog.makers import CIVIL_AFFAIRS, publish
from tests.catalog.makers import a_person as a_person_account
from tests.ingest.drops import BUCKET, KEY, ROWS, Inbox, a_manifest
from tests.ingest.office import a_csv, a_number, a_person, as_bytes, household

MANIFEST = f"{KEY}.manifest.json"


def test_a_dropped_file_is_loaded_kept_answered_and_removed(any_inbox: Inbox) -> None:
    any_inbox.put()
    delivery = any_inbox.take()
    assert (delivery.state, delivery.accepted, delivery.quarantined) == ("loaded", 2, 1)
    assert (delivery.account, delivery.department_id) == ("gongan-incoming", "gongan")
    assert any_inbox.listed() == []
    assert any_inbox.read(str(delivery.raw_key)) == ROWS.encode()
    receipt = any_inbox.json(f"receipts/household/{delivery.delivery_id}.json")
    assert (receipt["dropped"], receipt["manifest"]) == (KEY, None)
    assert len(any_inbox.office.table()) == 2
    assert any_inbox.look() == []


def test_without_a_manifest_the_default_and_the_arrival_hold_and_the_receipt_says_so(
    any_inbox: Inbox,
) -> None:
    any_inbox.put()
    [info] = any_inbox.intake.store.list(BUCKET, "incoming/")
    delivery = any_inbox.take()
    assert (delivery.mode, delivery.data_time) == (DeliveryMode.FULL, info.modified)
    receipt = any_inbox.json(f"receipts/household/{delivery.delivery_id}.json")
    [note] = receipt["notes"]
    assert "没有清单：报送方式按记录的默认值 full" in note
    assert "no manifest: mode full is the record's default" in note
    assert receipt["data_time"] in note


def test_a_manifest_says_what_the_file_is_and_is_kept_as_it_came(any_inbox: Inbox) -> None:
    stated = a_manifest(mode="incremental", rows=3, file="hukou.csv")
    any_inbox.put(MANIFEST, stated)
    any_inbox.put()
    delivery = any_inbox.take()
    assert (delivery.mode, delivery.rows_declared) == (DeliveryMode.INCREMENTAL, 3)
    assert delivery.data_time == datetime(2026, 10, 31, 16, tzinfo=UTC)
    receipt = any_inbox.json(f"receipts/household/{delivery.delivery_id}.json")
    assert (receipt["manifest"], receipt["notes"]) == (MANIFEST, [])
    folder = str(delivery.raw_key).rpartition("/")[0]
    [kept] = any_inbox.listed(f"{folder}/manifest.received")
    assert any_inbox.read(kept) == stated.encode()
    assert any_inbox.listed() == []


def test_a_manifest_may_be_yaml(inbox: Inbox) -> None:
    said = "resource: household\nmode: full\ndata_time: 2026-11-01T08:00:00Z\n"
    inbox.put(f"{KEY}.manifest.yaml", said)
    inbox.put()
    assert inbox.take().data_time == datetime(2026, 11, 1, 8, tzinfo=UTC)
    assert inbox.listed() == []


def test_the_answer_is_found_by_the_name_of_the_file(inbox: Inbox) -> None:
    inbox.put("incoming/household/2026/11/hukou.csv")
    delivery = inbox.take()
    answer = inbox.json("receipts/_incoming/household/2026__11__hukou.csv.json")
    assert (answer["delivery_id"], answer["state"]) == (delivery.delivery_id, "loaded")
    assert inbox.json(answer["receipt_key"])["sha256"] == delivery.sha256
    assert inbox.json(answer["report_key"])["rules"] == {"type.date": 1}


REFUSED = {
    "an unknown folder": ("incoming/hosuehold/a.csv", "resource.unknown", "hosuehold/a.csv"),
    "another department's resource": ("incoming/marriage/a.csv", "resource.not_yours", None),
    "no folder at all": ("incoming/a.csv", "drop.no_folder", "_/a.csv"),
    "a folder that no resource is called": ("incoming/户籍/a.csv", "resource.unknown", None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_nobodys_resource_here_is_refused_with_a_receipt(inbox: Inbox, case: str) -> None:
    key, code, answer = REFUSED[case]
    publish_marriage(inbox)
    inbox.put(key)
    delivery = inbox.take()
    assert (delivery.state, dict(delivery.reason or {})["code"]) == ("refused", code)
    receipt = inbox.json(f"receipts/_refused/{delivery.delivery_id}.json")
    assert (receipt["dropped"], receipt["reason"]["code"]) == (key, code)
    assert str(delivery.raw_key).startswith(f"raw/_refused/{delivery.delivery_id}/")
    assert inbox.read(str(delivery.raw_key)) == ROWS.encode()
    assert inbox.listed() == []
    if answer is not None:
        found = inbox.json(f"receipts/_incoming/{answer}.json")
        assert found["reason"]["code"] == code


def publish_marriage(inbox: Inbox) -> None:
    """A published table of the civil affairs department."""
    facts = {"provider_code": CIVIL_AFFAIRS, "provider_name": "示例市民政局"}
    with inbox.intake.database.transaction() as conn:
        steward = a_person_account(conn, "m-steward", [Role.STEWARD], department="minzheng")
        reviewer = a_person_account(conn, "m-reviewer", [Role.REVIEWER], department="minzheng")
        people = replace(inbox.office.people, steward=steward, reviewer=reviewer)
        publish(conn, people, household(resource_id="marriage", **facts))


FAULTY = {
    "unreadable": ("{", "manifest.invalid", "line 2"),
    "not UTF-8": (b'{"resource": "\xff"}', "manifest.invalid", "byte 15"),
    "an unknown key": (a_manifest(row=3), "manifest.invalid", "row"),
    "no such day": (a_manifest(data_time="2026-02-30"), "manifest.invalid", "data_time"),
    "out of range": (a_manifest(data_time="0001-01-01"), "manifest.invalid", "data_time"),
    "too large": (" " * (2 << 20), "manifest.invalid", ""),
    "another resource": (a_manifest(resource="marriage"), "manifest.another", "resource"),
    "another file": (a_manifest(file="marriage.csv"), "manifest.another", "file"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_file_with_a_faulty_manifest_is_refused_whole_and_both_are_kept(
    inbox: Inbox, fault: str
) -> None:
    content, code, place = FAULTY[fault]
    inbox.put(MANIFEST, content)
    inbox.put()
    delivery = inbox.take()
    reason = dict(delivery.reason or {})
    assert (delivery.state, reason["code"]) == ("refused", code)
    assert place in reason["place"]
    receipt = inbox.json(f"receipts/_refused/{delivery.delivery_id}.json")
    assert receipt["reason"] == reason
    folder = f"raw/_refused/{delivery.delivery_id}/"
    sha256 = hashlib.sha256(as_bytes(content)).hexdigest()
    assert inbox.read(f"{folder}manifest.received-{sha256[:12]}.json") == as_bytes(content)
    assert inbox.read(str(delivery.raw_key)) == ROWS.encode()
    assert inbox.listed() == []


def test_two_manifests_beside_one_file_are_one_too_many(inbox: Inbox) -> None:
    inbox.put(MANIFEST, a_manifest())
    inbox.put(f"{KEY}.manifest.yml", "resource: household\n")
    inbox.put()
    delivery = inbox.take()
    assert dict(delivery.reason or {})["place"] == "hukou.csv.manifest.json、hukou.csv.manifest.yml"
    assert len(inbox.listed(f"raw/_refused/{delivery.delivery_id}/manifest.received")) == 2
    assert inbox.listed() == []


def test_an_idempotency_key_used_for_other_bytes_is_told_in_a_receipt(inbox: Inbox) -> None:
    inbox.put(MANIFEST, a_manifest(idempotency_key="k-1"))
    inbox.put()
    first = inbox.take()
    inbox.put(MANIFEST, a_manifest(idempotency_key="k-1", rows=1))
    inbox.put(KEY, a_csv(a_person(9)))
    second = inbox.take()
    assert dict(second.reason or {})["code"] == "manifest.key_used"
    assert first.delivery_id in dict(second.reason or {})["zh"]
    assert inbox.listed() == []


def test_where_the_record_asks_for_a_manifest_the_file_waits_for_it(any_inbox: Inbox) -> None:
    any_inbox.office.publish(household(resource_id="strict", delivery={"manifest": "required"}))
    key = "incoming/strict/a.csv"
    any_inbox.put(key)
    assert any_inbox.look() == []
    [waits] = waiting(any_inbox.intake)
    assert (waits.key, waits.waits_for) == (key, WaitsFor.MANIFEST)
    assert waits.age > timedelta()
    any_inbox.put(f"{key}.manifest.json", a_manifest(resource="strict"))
    assert any_inbox.take().state == "loaded"
    assert waiting(any_inbox.intake) == []


def test_a_manifest_alone_waits_for_its_file(inbox: Inbox) -> None:
    inbox.put(MANIFEST, a_manifest())
    assert inbox.look() == []
    [waits] = waiting(inbox.intake)
    assert (waits.key, waits.waits_for) == (MANIFEST, WaitsFor.FILE)


def test_the_default_mode_is_the_records(inbox: Inbox) -> None:
    document = household(resource_id="daily", delivery={"default_mode": "incremental"})
    inbox.office.publish(document)
    inbox.put("incoming/daily/a.csv")
    assert inbox.take().mode is DeliveryMode.INCREMENTAL


def test_unfinished_names_and_hidden_folders_are_left_alone(any_inbox: Inbox) -> None:
    names = [".a.csv.Xy12", "a.csv.partial", "a.csv.TMP", "a.filepart", "a.csv~", ".cache/a.csv"]
    for name in names:
        any_inbox.put(f"incoming/household/{name}")
    assert any_inbox.look() == []
    assert len(any_inbox.listed()) == len(names)
    assert {each.waits_for for each in waiting(any_inbox.intake)} == {WaitsFor.END_OF_WRITING}


def test_what_was_delivered_already_is_answered_with_the_first_verdict(inbox: Inbox) -> None:
    first = inbox.office.deliver(ROWS)
    inbox.put(MANIFEST, a_manifest(data_time="2026-11-01T00:00:00Z"))
    inbox.put()
    assert inbox.take() == first
    assert inbox.audited[0].again
    answer = inbox.json("receipts/_incoming/household/hukou.csv.json")
    assert (answer["delivery_id"], answer["dropped"]) == (first.delivery_id, KEY)
    assert inbox.listed() == []


def test_a_number_in_the_name_of_a_file_stays_with_its_owner(inbox: Inbox) -> None:
    number = a_number(1)
    inbox.put(f"incoming/household/{number}.csv")
    delivery = inbox.take()
    inbox.put(f"incoming/household/{a_number(2)}.csv", b"no,such,header\n1,2,3\n")
    refused = inbox.take()
    assert number not in str(delivery)
    assert inbox.listed() == []
    answers = inbox.listed("receipts/_incoming/")
    assert all(key.startswith("receipts/_incoming/household/***.csv-") for key in answers)
    told = {(each["delivery_id"], each["state"]) for each in map(inbox.json, answers)}
    assert told == {(delivery.delivery_id, "loaded"), (refused.delivery_id, "refused")}
