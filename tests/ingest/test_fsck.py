"""Each damage is named once, with its place; what is safe is put right, the rest is left alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from catalog.database import Database
from catalog.tables import curated_tables
from ingest.fsck import Kind
from ingest.fsck.sentences import NAMES, NEXT
from lake.iceberg import DELIVERY_PROPERTY
from tests.ingest.office import Office, a_csv, a_person
from tests.ingest.spoiling import (
    BUCKET,
    TWO_DAYS,
    Checked,
    Damage,
    age_file,
    copies,
    cut,
    delete,
    flip,
    settle,
)

METADATA = "curated/household/g1/metadata/"


@pytest.fixture
def checked(office: Office, tmp_path: Path) -> Checked:
    return settle(office, tmp_path)


@pytest.fixture
def on_s3(office_on_s3: Office, tmp_path: Path) -> Checked:
    return settle(office_on_s3, tmp_path)


def test_a_lake_where_nothing_is_wrong_has_no_finding(checked: Checked) -> None:
    before = checked.everything()
    assert checked.fsck() == {
        "ok": True, "orphans": [], "missing": [], "changed": [], "unfinished": [], "repaired": [],
    }  # fmt: skip
    assert checked.everything() == before


def test_many_commits_later_there_still_is_no_finding(office: Office, tmp_path: Path) -> None:
    """Beyond the twenty metadata files that a table keeps."""
    checked = settle(office, tmp_path)
    for day in range(1, 25):
        office.deliver(a_csv(a_person(day)), data_time=datetime(2026, 10, day, tzinfo=UTC))
    assert checked.named() == []


def expected(key: str, damage: Damage) -> tuple[str, str]:
    """What becomes of an object that is spoiled so: the group and the kind it is named by."""
    gone = "missing" if damage is delete else "changed"
    if key.endswith("manifest.json"):
        return ("repaired" if damage is delete else "changed"), "manifest"
    if key.startswith("raw/"):
        return gone, "raw"
    if "/metadata/" in key:
        return gone, "metadata"
    kinds = {"curated": "curated_data", "quarantine": "quarantine", "receipts": "receipt"}
    return "repaired", kinds[key.partition("/")[0]]


@pytest.mark.parametrize("damage", [delete, cut, flip])
def test_every_object_that_is_spoiled_is_named_once_and_no_other_is(
    checked: Checked, damage: Damage
) -> None:
    seen = set()
    for key in copies(checked):
        whole = checked.read(key)
        spoiled = damage(whole)
        if damage is flip and "/metadata/" in key:
            continue  # Iceberg keeps no checksum of these: see the next test
        if spoiled is None:
            checked.office.intake.store.remove(BUCKET, key)
        else:
            checked.write(key, spoiled)
        group, kind = expected(key, damage)
        seen.add((group, kind))
        named = checked.named()
        assert named == [(group, kind, key)], key
        if group == "repaired":
            assert same_facts(key, checked.read(key), whole)
            assert checked.named() == [], key
        else:
            now = checked.read(key) if key in checked.listed() else None
            assert now == spoiled, key
            assert checked.named() == named, key
    assert len(seen) >= 5


def same_facts(key: str, found: bytes, before: bytes) -> bool:
    """To the last byte, but for documents read back from the register: to the last fact."""
    if key.startswith("receipts/"):
        return bool(json.loads(found) == json.loads(before))
    return found == before


def test_iceberg_metadata_that_can_no_longer_be_read_is_named(checked: Checked) -> None:
    for key in copies(checked):
        if "/metadata/" in key:
            checked.write(key, b"\0" + checked.read(key)[1:])
            assert checked.named() == [("changed", "metadata", key)]


def test_a_dry_run_names_what_a_run_would_mend_and_touches_nothing(checked: Checked) -> None:
    receipt = checked.key(f"receipts/household/{checked.loaded.delivery_id}", ".report.json")
    data = checked.key(f"curated/household/g1/data/{checked.loaded.delivery_id}/")
    checked.office.intake.store.remove(BUCKET, receipt)
    checked.write(data, flip(checked.read(data)))
    checked.add("staging/abandoned", age=TWO_DAYS)
    before = checked.everything()
    assert sorted(checked.named(dry_run=True)) == sorted(
        [
            ("missing", "receipt", receipt),
            ("changed", "curated_data", data),
            ("orphans", "staging", "staging/abandoned"),
        ]
    )
    assert checked.everything() == before
    assert {group for group, _, _ in checked.named()} == {"repaired"}
    assert checked.named() == []


def test_a_quick_run_compares_sizes_alone(checked: Checked) -> None:
    raw = str(checked.loaded.raw_key)
    whole = checked.read(raw)
    checked.write(raw, flip(whole))
    assert checked.named(quick=True) == []
    checked.write(raw, cut(whole))
    assert checked.named(quick=True) == [("changed", "raw", raw)]
    checked.write(raw, whole)
    for ending in ("-m0.avro", ".avro", ".metadata.json"):
        key = next(each for each in checked.listed(METADATA) if each.endswith(ending))
        content = checked.read(key)
        checked.office.intake.store.remove(BUCKET, key)
        assert checked.named(quick=True) == [("missing", "metadata", key)]
        checked.write(key, content)


def test_a_data_file_is_put_back_only_as_it_was_to_the_last_byte(checked: Checked) -> None:
    """With the raw bytes gone as well, nothing else is good enough."""
    data = checked.key(f"curated/household/g1/data/{checked.loaded.delivery_id}/")
    raw = str(checked.loaded.raw_key)
    for key in (data, raw):
        checked.office.intake.store.remove(BUCKET, key)
    named = [("missing", "raw", raw), ("missing", "curated_data", data)]
    assert checked.named() == named
    assert checked.named() == named
    assert checked.listed("curated/household/g1/data/") == [
        key for key in checked.listed("curated/household/g1/data/") if key != data
    ]


def test_a_table_from_before_there_were_checksums_is_checked_by_its_footers(
    checked: Checked,
) -> None:
    for key in checked.listed(METADATA):
        if key.endswith(".json"):
            checked.write(key, checked.read(key).replace(b"datong.files", b"datong.none_"))
    assert checked.named() == []
    data = checked.key(f"curated/household/g1/data/{checked.loaded.delivery_id}/")
    damaged = checked.read(data)[:-4] + b"PAR0"
    checked.write(data, damaged)
    assert checked.named() == [("changed", "curated_data", data)]
    assert checked.read(data) == damaged


UNKNOWN = "0199f3c2-7a10-7000-8000-000000000001"
OF_NOTHING = {
    f"raw/household/{UNKNOWN}/0abc": "raw",
    "raw/household/{loaded}/second-file": "raw",
    f"quarantine/household/{UNKNOWN}/rows.parquet": "quarantine",
    "quarantine/household/{loaded}/notes.txt": "quarantine",
    f"receipts/household/{UNKNOWN}.json": "receipt",
    "receipts/_incoming/household/x.csv.json": "receipt",
    f"curated/household/g1/data/{UNKNOWN}/a1-part-00000.parquet": "object",
    "curated/household/g1/readme.txt": "object",
    "curated/household/g1/metadata/readme.txt": "object",
    "curated/other/g1/data/x.parquet": "object",
    "somewhere/else": "object",
}


def test_what_belongs_to_nothing_is_named_and_never_removed(checked: Checked) -> None:
    for pattern, kind in OF_NOTHING.items():
        key = pattern.format(loaded=checked.loaded.delivery_id)
        checked.add(key, age=TWO_DAYS)
        for _ in range(2):
            assert checked.named() == [("orphans", kind, key)]
        assert checked.read(key) == b"x"
        checked.office.intake.store.remove(BUCKET, key)


LEFT_BY_AN_ATTEMPT = {
    "curated/household/g1/data/{loaded}/a7-part-00000.parquet": "curated_data",
    "curated/household/g1/data/{refused}/a1-part-00000.parquet": "curated_data",
    "curated/household/g1/metadata/00001-0.metadata.json": "metadata",
    "curated/household/g1/metadata/0-m0.avro": "metadata",
}


def test_what_an_attempt_left_is_removed_after_a_day(checked: Checked) -> None:
    refused = checked.office.deliver("x", data_time=datetime(2026, 11, 6, tzinfo=UTC))
    assert refused.refused
    ids = {"loaded": checked.loaded.delivery_id, "refused": refused.delivery_id}
    for pattern, kind in LEFT_BY_AN_ATTEMPT.items():
        key = checked.add(pattern.format(**ids))
        assert checked.named() == [("orphans", kind, key)]
        assert key in checked.listed()
        checked.let_age(key, TWO_DAYS)
        assert checked.named() == [("repaired", kind, key)]
        assert key not in checked.listed()
        assert checked.named() == []


def test_nothing_is_removed_whose_raw_bytes_do_not_stand(checked: Checked) -> None:
    raw = str(checked.loaded.raw_key)
    left = f"curated/household/g1/data/{checked.loaded.delivery_id}/a7-part-00000.parquet"
    checked.add(left, age=TWO_DAYS)
    checked.office.intake.store.remove(BUCKET, raw)
    assert ("orphans", "curated_data", left) in checked.named()
    assert left in checked.listed()


def test_metadata_newer_than_the_table_catalogue_knows_is_never_removed(checked: Checked) -> None:
    """As after the table catalogue came back from a backup: it may be the only word of a commit."""
    key = checked.add("curated/household/g1/metadata/00009-0.metadata.json", age=TWO_DAYS)
    for each in checked.listed(METADATA):
        if each != key:
            checked.let_age(each, 2 * TWO_DAYS)
    assert checked.named() == [("orphans", "metadata", key)]
    assert key in checked.listed()


def test_uploads_that_never_ended_are_cleared_after_a_day(checked: Checked) -> None:
    staged = checked.add("staging/0199f3c2")
    half = checked.root / ".partial" / BUCKET / "half-written"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    age_file(half, checked.office, timedelta())
    assert checked.named() == []
    assert half.exists()
    checked.let_age(staged, TWO_DAYS)
    age_file(half, checked.office, TWO_DAYS)
    assert checked.named() == [
        ("repaired", "staging", staged), ("repaired", "upload", "half-written"),
    ]  # fmt: skip
    assert staged not in checked.listed()
    assert not half.exists()
    assert checked.named() == []


def test_incoming_and_outgoing_are_not_looked_into(checked: Checked) -> None:
    checked.add("incoming/household/a.csv", age=TWO_DAYS)
    checked.add("outgoing/g1/b.parquet", age=TWO_DAYS)
    assert checked.named() == []


def change(database: Database, statement: sa.Executable) -> None:
    with database.transaction() as conn:
        conn.execute(statement)


def test_rows_that_the_recorded_snapshot_lacks_are_named(
    checked: Checked, database: Database
) -> None:
    older = sa.update(curated_tables).values(snapshot_id=checked.loaded.snapshot_id)
    change(database, older)
    [finding] = checked.fsck()["changed"]
    assert (finding["kind"], finding["about"]) == ("curated_rows", checked.second.delivery_id)
    assert len(checked.named()) == 1


def test_a_recorded_snapshot_that_the_table_does_not_know_is_named(
    checked: Checked, database: Database
) -> None:
    checked.add("curated/household/g1/metadata/00001-0.metadata.json", age=TWO_DAYS)
    change(database, sa.update(curated_tables).values(snapshot_id=12345))
    before = checked.everything()
    assert checked.named() == [("changed", "table", "dept_gongan.household_g1")]
    assert checked.everything() == before


def test_a_table_missing_from_the_table_catalogue_is_named(checked: Checked) -> None:
    before = checked.everything()
    with checked.office.intake.tables._catalog.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM iceberg_tables")
    assert checked.named() == [("missing", "table", "dept_gongan.household_g1")]
    assert checked.everything() == before


def test_a_table_and_a_commit_that_no_register_knows_are_named(checked: Checked) -> None:
    intake = checked.office.intake
    ghost = ("dept_gongan", "ghost_g1")
    intake.tables.ensure_table(
        BUCKET, ghost, pa.schema([("_delivery", pa.string())]), "curated/ghost/g1"
    )
    assert checked.named() == [("orphans", "table", "curated/ghost/g1/")]
    intake.tables._catalog.drop_table(ghost)
    intake.store.remove(BUCKET, checked.key("curated/ghost/g1/metadata/"))
    snapshot = intake.tables.append_files(
        ("dept_gongan", "household_g1"), [], {DELIVERY_PROPERTY: UNKNOWN}
    )
    named = f"dept_gongan.household_g1/{snapshot.snapshot_id}"
    assert checked.named() == [("orphans", "snapshot", named)]


def test_every_kind_has_a_name_and_every_finding_a_next_step() -> None:
    assert set(NAMES) == set(Kind)
    assert {kind for _, kind in NEXT} == set(Kind)
