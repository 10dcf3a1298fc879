"""On a local disk nothing says that a file is whole, or that it is a file: it must keep still."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from catalog.clock import ManualClock
from ingest.dropped import DropChanged, Watch, make_folders, ready, take
from tests.ingest.drops import KEY, ROWS, Inbox
from tests.ingest.office import household


@pytest.fixture
def folder(inbox: Inbox) -> Path:
    make_folders(inbox.intake)
    return inbox.intake.location.root / "dept-gongan/incoming/household"


def a_look(inbox: Inbox, *, after: float = 0) -> list[str]:
    """The keys that one look finds ready."""
    clock = inbox.intake.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(seconds=after))
    return [file.key for file in ready(inbox.intake, inbox.watch, "gongan")]


def start_at(inbox: Inbox, path: Path) -> None:
    """Let it be now the very moment at which the file was last changed."""
    clock = inbox.intake.clock
    assert isinstance(clock, ManualClock)
    clock.instant = datetime.fromtimestamp(path.stat().st_ctime, clock.instant.tzinfo)


def test_a_file_is_taken_when_it_was_seen_twice_and_has_kept_still_for_two_seconds(
    inbox: Inbox, folder: Path
) -> None:
    path = folder / "hukou.csv"
    path.write_text(ROWS)
    start_at(inbox, path)
    assert a_look(inbox, after=0.5) == []
    assert a_look(inbox, after=1) == []
    assert a_look(inbox, after=1) == [KEY]


def test_an_old_file_is_not_believed_at_first_sight(inbox: Inbox, folder: Path) -> None:
    """Copied with its times it looks old while it is still being copied."""
    original = folder.parents[3] / "original.csv"
    original.write_text(ROWS)
    os.utime(original, (1_600_000_000, 1_600_000_000))
    copied = Path(shutil.copy2(original, folder / "hukou.csv"))
    assert copied.stat().st_mtime == 1_600_000_000
    assert a_look(inbox) == []
    assert a_look(inbox, after=2) == [KEY]


def test_a_growing_file_is_not_taken(inbox: Inbox, folder: Path) -> None:
    path = folder / "hukou.csv"
    path.write_text(ROWS)
    for _ in range(3):
        assert a_look(inbox, after=60) == []
        with path.open("a") as out:
            out.write("more\n")
    assert a_look(inbox, after=60) == []
    assert a_look(inbox, after=2) == [KEY]


def test_a_file_from_a_clock_ahead_is_taken_and_described_as_of_now(
    inbox: Inbox, folder: Path
) -> None:
    path = folder / "hukou.csv"
    path.write_text(ROWS)
    tomorrow = inbox.intake.clock.now() + timedelta(days=1)
    os.utime(path, (tomorrow.timestamp(), tomorrow.timestamp()))
    delivery = inbox.take()
    assert delivery.state == "loaded"
    assert delivery.data_time == inbox.intake.clock.now()


def test_the_file_waits_for_a_manifest_that_is_still_being_written(
    inbox: Inbox, folder: Path
) -> None:
    (folder / "hukou.csv").write_text(ROWS)
    assert a_look(inbox) == []
    (folder / "hukou.csv.manifest.json").write_text("{")
    assert a_look(inbox, after=2) == []
    assert a_look(inbox, after=2) == [KEY]


def test_links_and_pipes_are_no_files(inbox: Inbox, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(ROWS)
    (folder / "link.csv").symlink_to(secret)
    (folder / "dangling.csv").symlink_to(tmp_path / "nothing")
    (folder / "round").symlink_to(folder.parent)
    (folder / "round-again").symlink_to(folder.parent)
    (folder / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.csv")
    assert (a_look(inbox), a_look(inbox, after=2)) == ([], [])


@pytest.mark.parametrize("kind", ["link", "pipe", "another file"])
def test_a_file_that_is_exchanged_after_it_was_seen_is_not_read(
    inbox: Inbox, folder: Path, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(ROWS)
    path = folder / "hukou.csv"
    path.write_text("harmless")
    [file] = inbox.found()
    path.rename(tmp_path / "aside")
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        secret.rename(path)
    with pytest.raises(DropChanged):
        take(inbox.intake, file, on_taken=inbox.audited.append)
    assert inbox.registered() == []


def test_a_refused_file_put_there_again_with_its_old_times_is_tried_anew(
    inbox: Inbox, folder: Path, tmp_path: Path
) -> None:
    """Size, name and time are those of the file before; that it was put there again is not."""
    original = tmp_path / "original.csv"
    original.write_text(ROWS)
    late = folder.parent / "late" / "a.csv"
    late.parent.mkdir()
    shutil.copy2(original, late)
    assert inbox.take().state == "refused"
    inbox.office.publish(household(resource_id="late"))
    shutil.copy2(original, late)
    assert inbox.take().state == "loaded"


def test_folders_to_drop_into_are_made_for_published_tables(inbox: Inbox) -> None:
    incoming = inbox.intake.location.root / "dept-gongan/incoming"
    assert make_folders(inbox.intake) == 1
    inbox.office.publish(household(resource_id="second"))
    assert (make_folders(inbox.intake), make_folders(inbox.intake)) == (1, 0)
    assert sorted(each.name for each in incoming.iterdir()) == ["household", "second"]


def test_a_second_watcher_begins_with_nothing_seen(inbox: Inbox, folder: Path) -> None:
    (folder / "hukou.csv").write_text(ROWS)
    assert a_look(inbox) == []
    other = replace(inbox, watch=type(inbox.watch)())
    assert a_look(other, after=2) == []
    assert a_look(inbox) == [KEY]


def test_what_is_noted_of_another_bucket_meanwhile_does_not_stop_a_look(inbox: Inbox) -> None:
    """Departments are looked at side by side, and what is seen of them is remembered together."""
    watch, now = Watch(), inbox.intake.clock.now()

    class Meanwhile(str):
        """A bucket; whenever it is compared, a file of another bucket fails."""

        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            watch.failed("dept-other", f"{id(object())} {len(watch._troubles)}", "gone", now)
            return str(self) == str(other)

        def __hash__(self) -> int:
            return hash(str(self))

    for key in ("one", "two"):
        watch.failed("dept-gongan", key, "gone", now)
    watch.keep_only(Meanwhile("dept-gongan"), ["two"])
    assert watch.may_try("dept-gongan", "one", now)
    assert not watch.may_try("dept-gongan", "two", now)
