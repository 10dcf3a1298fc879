"""Deliveries for a file resource: kept, judged by content, a version of their name, or refused."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog import deliveries, file_resources, jobs
from catalog.database import Database
from catalog.deliveries import Delivery, DeliveryMode
from catalog.file_resources import FileVersion
from catalog.jobs import JobKind
from ingest.deliver import register
from ingest.dropped import make_folders
from ingest.fetch import fetch
from ingest.raw import RawChanged
from ingest.steps import Step
from ingest.work import MAX_DEATHS, MAX_FAILURES, cancel_delivery, do_delivery, take
from lake.location import StoreLocation
from lake.objects import BLOCK_BYTES
from tests.catalog.test_file_resources import RESOURCE, a_file_record, an_interface_record
from tests.ingest.drops import BUCKET, Inbox, an_inbox
from tests.ingest.office import Office, a_number, a_request, open_office
from tests.ingest.pictures import a_docx, a_pdf, a_png
from tests.ingest.spoiling import Checked, flip

LATER = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def archive(database: Database, tmp_path: Path) -> Iterator[Office]:
    """The police with a file resource, on a local folder."""
    yield from opened(database, StoreLocation.folder(tmp_path / "lake"), tmp_path)


@pytest.fixture(params=["folder", "seaweedfs"])
def any_archive(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> Iterator[Office]:
    """The same on each kind of store in turn."""
    place = (
        StoreLocation.folder(tmp_path / "lake")
        if request.param == "folder"
        else request.getfixturevalue(request.param)
    )
    yield from opened(database, place, tmp_path)


def opened(database: Database, place: StoreLocation, home: Path) -> Iterator[Office]:
    office = open_office(database, place, home)
    office.publish(a_file_record(file={"media_types": ["application/pdf", "image/png"]}))
    yield office
    office.intake.tables.close()


def send(office: Office, content: bytes, name: str = "policy.pdf", **facts: Any) -> Delivery:
    facts.setdefault("mode", DeliveryMode.INCREMENTAL)
    return office.deliver(content, resource=RESOURCE, file_name=name, **facts)


def current(office: Office) -> dict[str, FileVersion]:
    with office.intake.database.reading() as conn:
        return {each.name: each for each in file_resources.list_current(conn, RESOURCE)}


def read(office: Office, key: str) -> bytes:
    with office.intake.store.open(BUCKET, key) as stream:
        return stream.read()


def code_of(delivery: Delivery) -> str:
    return str((delivery.reason or {})["code"])


def test_a_file_is_kept_as_it_came_and_is_the_first_version(any_archive: Office) -> None:
    content = a_pdf()
    delivery = send(any_archive, content)
    assert (delivery.state, delivery.files, delivery.format) == ("loaded", 1, "pdf")
    assert (delivery.rows_in, delivery.accepted, delivery.quarantined) == (0, 0, 0)
    [version] = current(any_archive).values()
    digest = hashlib.sha256(content).hexdigest()
    assert (version.version, version.media_type) == (1, "application/pdf")
    assert (version.sha256, version.size) == (digest, len(content))
    assert version.raw_key == f"raw/{RESOURCE}/{delivery.delivery_id}/{digest}"
    assert read(any_archive, version.raw_key) == content
    folder = f"receipts/{RESOURCE}/{delivery.delivery_id}"
    receipt, report = (
        json.loads(read(any_archive, f"{folder}{end}")) for end in (".json", ".report.json")
    )
    for told in (receipt, report):
        assert (told["state"], told["files"], told["rows_in"]) == ("loaded", 1, 0)
        assert version.file_id in told["notes"][0]


def test_the_same_name_is_a_version_more_and_another_name_a_file_more(archive: Office) -> None:
    send(archive, a_pdf("one"))
    send(archive, a_png(), "map.png")
    second = send(archive, a_pdf("two"))
    assert {name: each.version for name, each in current(archive).items()} == {
        "policy.pdf": 2,
        "map.png": 1,
    }
    assert current(archive)["policy.pdf"].delivery_id == second.delivery_id
    assert len([key for key in archive.raw_files() if not key.endswith(".json")]) == 3


def test_a_full_delivery_is_the_only_current_file(archive: Office) -> None:
    send(archive, a_pdf())
    send(archive, a_png(), "map.png", mode=DeliveryMode.FULL)
    assert list(current(archive)) == ["map.png"]


def test_a_retry_is_answered_with_the_first_verdict(archive: Office) -> None:
    first = send(archive, a_pdf())
    assert send(archive, a_pdf()).delivery_id == first.delivery_id
    assert current(archive)["policy.pdf"].version == 1
    # the same form under another name is a file of its own, and of another day a version
    other = send(archive, a_pdf(), "copy.pdf")
    later = send(archive, a_pdf(), data_time=LATER)
    assert len({first.delivery_id, other.delivery_id, later.delivery_id}) == 3
    assert current(archive)["policy.pdf"].version == 2
    assert any("the same bytes as version 1" in note for note in later.notes)


def test_a_file_of_an_earlier_data_time_is_kept_and_covers_nothing(archive: Office) -> None:
    first = send(archive, a_pdf("new"), data_time=LATER)
    late = send(archive, a_pdf("old"))
    assert late.state == "loaded"
    assert any("is kept and not handed out" in note for note in late.notes)
    assert current(archive)["policy.pdf"].delivery_id == first.delivery_id


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (a_docx(), "policy.pdf", "file.other_content"),
        (a_docx(), "policy.docx", "file.type_not_taken"),
        (b"", "policy.pdf", "file.empty"),
        (a_pdf(), "", "file.no_name"),
    ],
)
def test_a_file_of_another_kind_is_refused_and_its_bytes_are_kept(
    archive: Office, content: bytes, name: str, code: str
) -> None:
    refused = send(archive, content, name)
    assert (refused.state, code_of(refused), refused.files) == ("refused", code, None)
    assert current(archive) == {}
    assert content in archive.raw_files().values()
    with archive.intake.database.reading() as conn:
        assert not file_resources.has_files(conn, RESOURCE)


def test_what_the_sender_states_must_hold(archive: Office) -> None:
    assert code_of(send(archive, a_pdf(), sha256="0" * 64)) == "totals.sha256"
    assert code_of(send(archive, a_pdf(), rows=3)) == "totals.rows_of_a_file"
    ahead = archive.intake.clock.now() + timedelta(days=3)
    assert code_of(send(archive, a_pdf(), data_time=ahead)) == "totals.data_time"
    own = hashlib.sha256(a_pdf()).hexdigest()
    assert send(archive, a_pdf(), sha256=own).state == "loaded"


def test_an_interface_takes_no_files(archive: Office) -> None:
    archive.publish(an_interface_record())
    refused = archive.deliver(a_pdf(), resource="marriage-check")
    assert code_of(refused) == "resource.takes_no_files"


def test_a_number_in_a_name_stands_with_the_file_and_nowhere_else(archive: Office) -> None:
    one, other = f"{a_number(1)}.pdf", f"{a_number(2)}.pdf"
    first = send(archive, a_pdf("one"), one)
    second = send(archive, a_pdf("two"), other)
    assert set(current(archive)) == {one, other}  # and neither is a version of the other
    written = [repr(first), repr(second)]
    written += [data.decode() for key, data in archive.raw_files().items() if ".json" in key]
    listed = list(archive.intake.store.list(BUCKET, "receipts/"))
    written += [read(archive, each.key).decode() for each in listed]
    written += [each.key for each in listed]
    assert len(written) >= 8
    assert not [text for text in written if a_number(1) in text or a_number(2) in text]


def test_a_file_whose_kept_bytes_changed_is_never_a_version(archive: Office) -> None:
    delivery = registered(archive)
    path = archive.intake.store.local_path(BUCKET, str(delivery.raw_key))
    assert path is not None
    path.chmod(0o600)
    path.write_bytes(flip(a_pdf()))
    for _ in range(MAX_FAILURES - 1):
        job = take(archive.intake, delivery)
        assert job is not None
        with pytest.raises(Exception, match="has changed"):
            do_delivery(archive.intake, job)
    assert current(archive) == {}


def test_fsck_finds_a_kept_file_that_changed_or_went(archive: Office, tmp_path: Path) -> None:
    kept = [
        send(archive, a_pdf()),
        send(archive, a_png(), "a.png"),
        send(archive, a_png(), "b.png"),
    ]
    checked = Checked(archive, tmp_path, *kept)
    assert checked.fsck()["ok"]
    assert checked.named() == []
    changed, gone = str(kept[0].raw_key), str(kept[1].raw_key)
    checked.write(changed, flip(a_pdf()))
    archive.intake.store.remove(BUCKET, gone)
    assert checked.named() == [("missing", "raw", gone), ("changed", "raw", changed)]


def registered(office: Office) -> Delivery:
    request = a_request(resource=RESOURCE, file_name="policy.pdf", mode=DeliveryMode.INCREMENTAL)
    return register(office.intake, request, io.BytesIO(a_pdf()))


def test_an_attempt_that_was_overtaken_leaves_one_version(archive: Office) -> None:
    """The process stands still before it records; another one does the job meanwhile."""
    delivery = registered(archive)

    def overtaken(step: Step) -> None:
        if step is Step.REPORT_WRITTEN:
            with archive.intake.database.transaction() as conn:
                job = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
                assert job is not None
                jobs.give_back(conn, job, archive.intake.clock.now())
            raise KeyboardInterrupt

    job = take(archive.intake, delivery)
    assert job is not None
    with pytest.raises(KeyboardInterrupt):
        do_delivery(replace(archive.intake, on_step=overtaken), job)
    assert current(archive) == {}
    again = take(archive.intake, delivery)
    assert again is not None
    done = do_delivery(archive.intake, again)
    assert (done.state, done.attempt, current(archive)["policy.pdf"].version) == ("loaded", 2, 1)


def test_a_file_is_cancelled_before_it_is_a_version(archive: Office) -> None:
    delivery = registered(archive)

    def cancel(step: Step) -> None:
        if step is Step.JOB_CLAIMED:
            with archive.intake.database.reading() as conn:
                job = jobs.of_subject(conn, JobKind.DELIVERY, delivery.delivery_id)
            assert job is not None
            cancel_delivery(archive.intake, job.job_id)

    job = take(archive.intake, delivery)
    assert job is not None
    refused = do_delivery(replace(archive.intake, on_step=cancel), job)
    assert code_of(refused) == "delivery.cancelled"
    assert current(archive) == {}


def test_a_file_that_ends_its_worker_each_time_is_refused(archive: Office) -> None:
    delivery = registered(archive)
    job = take(archive.intake, delivery)
    assert job is not None
    with archive.intake.database.transaction() as conn:
        deliveries.begin_attempt(conn, delivery.delivery_id)
    refused = do_delivery(archive.intake, replace(job, deaths=MAX_DEATHS))
    assert code_of(refused) == "platform.worker_died"
    assert current(archive) == {}


LARGE = a_pdf() + bytes(3 * BLOCK_BYTES)


def test_a_file_is_read_back_as_it_was_delivered(any_archive: Office) -> None:
    for name, content in (("small.pdf", a_pdf()), ("large.pdf", LARGE)):
        send(any_archive, content, name)
        blocks = list(fetch(any_archive.intake.store, current(any_archive)[name]))
        assert b"".join(blocks) == content


def test_a_small_file_that_changed_is_not_handed_out_at_all(any_archive: Office) -> None:
    send(any_archive, a_pdf())
    version = current(any_archive)["policy.pdf"]
    any_archive.intake.store.put(BUCKET, version.raw_key, io.BytesIO(flip(a_pdf())))
    with pytest.raises(RawChanged):
        fetch(any_archive.intake.store, version)


def test_a_large_file_that_changed_is_never_handed_out_to_its_end(any_archive: Office) -> None:
    send(any_archive, LARGE)
    version = current(any_archive)["policy.pdf"]
    any_archive.intake.store.put(BUCKET, version.raw_key, io.BytesIO(flip(LARGE)))
    got: list[bytes] = []
    with pytest.raises(RawChanged):
        got.extend(fetch(any_archive.intake.store, version))
    assert BLOCK_BYTES <= len(b"".join(got)) < len(LARGE)


@pytest.fixture
def tray(any_archive: Office) -> Inbox:
    return an_inbox(any_archive)


def test_a_dropped_file_is_taken_and_adds_to_the_others(tray: Inbox) -> None:
    for key, content in (("a.pdf", a_pdf("a")), ("b.pdf", a_pdf("b"))):
        tray.put(f"incoming/{RESOURCE}/{key}", content)
        delivery = tray.take()
        assert (delivery.state, delivery.mode, delivery.files) == ("loaded", "incremental", 1)
    assert set(current(tray.office)) >= {"a.pdf", "b.pdf"}
    assert tray.listed(f"incoming/{RESOURCE}/") == []
    answer = tray.json(f"receipts/_incoming/{RESOURCE}/b.pdf.json")
    assert (answer["state"], answer["files"]) == ("loaded", 1)


def test_files_in_deeper_folders_are_told_apart(archive: Office) -> None:
    tray = an_inbox(archive)
    for year in ("2025", "2026"):
        tray.put(f"incoming/{RESOURCE}/{year}/report.pdf", a_pdf(year))
        tray.take()
    assert set(current(archive)) == {"2025/report.pdf", "2026/report.pdf"}


def test_a_folder_to_drop_into_is_made_for_a_file_resource(archive: Office) -> None:
    assert make_folders(archive.intake) == 1
    folder = archive.intake.store.local_path(BUCKET, f"incoming/{RESOURCE}")
    assert folder is not None
    assert folder.is_dir()
