"""Whatever happens while a dropped file is taken, nothing is lost and nothing is doubled."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from ingest.dropped import DropChanged, Stopped, take
from ingest.raw import BytesLost, RawChanged
from ingest.steps import OnStep, Step
from ingest.work import see_through
from tests.ingest.drops import BUCKET, KEY, ROWS, Inbox, a_manifest
from tests.ingest.office import a_csv, a_person

MANIFEST = f"{KEY}.manifest.json"


def test_a_file_overwritten_while_it_is_taken_becomes_a_second_delivery(any_inbox: Inbox) -> None:
    second = a_csv(a_person(7))
    any_inbox.put()
    [file] = any_inbox.found()
    taken = take(any_inbox.intake, file, on_taken=lambda _: any_inbox.put(KEY, second))
    assert taken is not None
    assert any_inbox.listed() == [KEY]
    assert any_inbox.take().delivery_id != taken.delivery.delivery_id
    kept = [any_inbox.read(str(each.raw_key)) for each in any_inbox.registered()]
    assert kept == [ROWS.encode(), second.encode()]
    assert any_inbox.listed() == []


def test_a_file_overwritten_while_it_is_read_is_delivered_once_as_it_is_now(
    any_inbox: Inbox,
) -> None:
    second = a_csv(a_person(7))
    any_inbox.put()
    [file] = any_inbox.found()
    overwritten: list[bool] = []

    def overwrite() -> bool:
        if not overwritten:
            overwritten.append(True)
            any_inbox.put(KEY, second)
        return False

    with pytest.raises(DropChanged):
        take(any_inbox.intake, file, on_taken=any_inbox.audited.append, stopping=overwrite)
    assert (overwritten, any_inbox.registered()) == ([True], [])
    assert any_inbox.listed("staging/") == []
    assert any_inbox.read(str(any_inbox.take().raw_key)) == second.encode()


def test_a_watcher_that_is_to_end_leaves_the_file_where_it_is(any_inbox: Inbox) -> None:
    any_inbox.put()
    [file] = any_inbox.found()
    with pytest.raises(Stopped):
        take(any_inbox.intake, file, on_taken=any_inbox.audited.append, stopping=lambda: True)
    assert (any_inbox.listed(), any_inbox.registered()) == ([KEY], [])


def test_nothing_is_removed_before_the_raw_copy_was_read_again(any_inbox: Inbox) -> None:
    any_inbox.put()
    [file] = any_inbox.found()
    before = any_inbox.listed("raw/")

    def spoil(step: Step) -> None:
        if step is Step.RAW_KEPT:
            new = sorted(set(any_inbox.listed("raw/")) - set(before))
            [key] = [key for key in new if not key.endswith(".json")]
            any_inbox.put(key, "spoilt")

    spoiling = replace(any_inbox.intake, on_step=spoil)
    with pytest.raises(RawChanged):
        take(spoiling, file, on_taken=any_inbox.audited.append)
    assert (any_inbox.listed(), any_inbox.audited) == ([KEY], [])


@pytest.mark.parametrize("step", [None, Step.DROP_REMOVED])
@pytest.mark.parametrize("key", [KEY, "incoming/nothing/a.csv"])
def test_two_watchers_at_one_file_make_one_delivery(
    any_inbox: Inbox, key: str, step: Step | None
) -> None:
    """Without a step both look at the register before either has written to it; with one, the
    second looks when the first has removed the file."""
    any_inbox.put(key)
    [file] = any_inbox.found()
    both, removed = threading.Barrier(2), threading.Event()

    def first(reached: Step) -> None:
        if step is None and reached is Step.BYTES_STAGED:
            both.wait(30)
        if reached is Step.DROP_REMOVED:
            removed.set()

    def second(reached: Step) -> None:
        if step is None and reached is Step.BYTES_STAGED:
            both.wait(30)
        if step is not None and reached is Step.DROP_FOUND:
            assert removed.wait(30)

    def one(on_step: OnStep) -> None:
        with suppress(DropChanged):
            take(
                replace(any_inbox.intake, on_step=on_step), file, on_taken=any_inbox.audited.append
            )

    with ThreadPoolExecutor(2) as pool:
        for ended in [pool.submit(one, each) for each in (first, second)]:
            ended.result()
    any_inbox.look()
    assert len(any_inbox.registered()) == 1
    assert (any_inbox.listed(), any_inbox.listed("staging/")) == ([], [])


CRASHES = [
    (KEY, Step.DROP_FOUND),
    (KEY, Step.BYTES_STAGED),
    (KEY, Step.RAW_KEPT),
    (KEY, Step.DROP_REMOVED),
    ("incoming/nothing/a.csv", Step.RAW_KEPT),
    ("incoming/nothing/a.csv", Step.REPORT_WRITTEN),
    ("incoming/nothing/a.csv", Step.RESULT_RECORDED),
]


class Crash(BaseException):
    """Ends a watcher at a step as an accident would."""


@pytest.mark.parametrize(("key", "step"), CRASHES)
def test_an_accident_at_any_step_leaves_no_second_delivery(
    any_inbox: Inbox, key: str, step: Step
) -> None:
    manifest = f"{key}.manifest.json"
    any_inbox.put(manifest, a_manifest())
    any_inbox.put(key)

    def crash(reached: Step) -> None:
        if reached is step:
            raise Crash

    [file] = any_inbox.found()
    with pytest.raises(Crash):
        take(replace(any_inbox.intake, on_step=crash), file, on_taken=any_inbox.audited.append)
    adopt(any_inbox)
    for _ in range(3):
        any_inbox.look()
        adopt(any_inbox)
    [delivery] = any_inbox.registered()
    assert delivery.state == ("loaded" if key == KEY else "refused")
    assert any_inbox.listed() == []
    assert any_inbox.read(str(delivery.raw_key)) == ROWS.encode()
    folder = str(delivery.raw_key).rpartition("/")[0]
    assert len(any_inbox.listed(f"{folder}/manifest.received")) == 1
    assert any_inbox.json(f"receipts/_incoming/{answer_of(key)}.json")["state"] == delivery.state


def answer_of(key: str) -> str:
    return key.removeprefix("incoming/")


def adopt(inbox: Inbox) -> None:
    """Bring to its verdict what has none, as a worker does."""
    for delivery in inbox.registered():
        see_through(inbox.intake, delivery)


def test_a_manifest_that_a_crash_left_does_not_speak_for_the_next_file(any_inbox: Inbox) -> None:
    any_inbox.put(MANIFEST, a_manifest())
    any_inbox.put()

    def crash(reached: Step) -> None:
        if reached is Step.DROP_REMOVED:
            raise Crash

    [file] = any_inbox.found()
    with pytest.raises(Crash):
        take(replace(any_inbox.intake, on_step=crash), file, on_taken=any_inbox.audited.append)
    adopt(any_inbox)
    any_inbox.put(KEY, a_csv(a_person(5)))
    assert any_inbox.listed() == [KEY, MANIFEST]
    second = any_inbox.take()
    assert second.dropped is not None
    assert second.dropped["manifest"] is None
    assert any_inbox.listed() == []


def test_bytes_that_were_lost_on_the_way_are_delivered_anew(any_inbox: Inbox) -> None:
    """What lies in incoming/ is the only copy when a registered delivery lost its own."""
    any_inbox.put()
    [file] = any_inbox.found()

    def lose(reached: Step) -> None:
        if reached is Step.DELIVERY_REGISTERED:
            for key in any_inbox.listed("staging/"):
                any_inbox.intake.store.remove(BUCKET, key)

    with pytest.raises(BytesLost):
        take(replace(any_inbox.intake, on_step=lose), file, on_taken=any_inbox.audited.append)
    adopt(any_inbox)
    assert any_inbox.take().state == "loaded"
    assert [each.state for each in any_inbox.registered()] == ["refused", "loaded"]
    assert any_inbox.listed() == []
