"""The index follows the catalogue on both databases, whatever is cut off in between."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import departments, records
from catalog.changes import note_change
from catalog.clock import ManualClock
from catalog.database import Database
from catalog.life_cycle import Action
from catalog.search.finding import Query, Search
from catalog.search.follower import Follower, make_aside
from catalog.search.marks import PATIENCE
from catalog.search.place import Lock, Place, State
from catalog.search.writer import IndexWriter
from catalog.tables import catalogue_changes
from tests.catalog.makers import NOON, People, a_department, a_record, publish, settle, walk
from tests.search.makers import found_by
from tests.servers.databases import only_on

Follow = Callable[[], Follower]


@pytest.fixture
def people(database: Database) -> People:
    with database.transaction() as conn:
        return settle(conn)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "search")


@pytest.fixture
def search(place: Place) -> Search:
    return Search(place)


@pytest.fixture
def follow(database: Database, place: Place, clock: ManualClock) -> Iterator[Follow]:
    """Another process, as far as locks and files go."""
    made: list[Follower] = []

    def make(catalogue: str = "this") -> Follower:
        made.append(Follower(database, place, clock, lambda: catalogue))
        return made[-1]

    yield make
    for each in made:
        each.close()


def published(database: Database, people: People, resource_id: str, name: str) -> None:
    with database.transaction() as conn:
        publish(conn, people, a_record(resource_id=resource_id, name=name))


def of_another_class(resource_id: str, name: str) -> dict[str, Any]:
    """One whose code waits for no other that is being given out."""
    classification = {"lei": "3", "xiang": "07", "mu": "002", "ximu": "01"}
    return a_record(resource_id=resource_id, name=name, classification=classification)


def test_what_is_published_is_found_after_the_next_step(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    published(database, people, "household", "户籍人口信息")
    follower = follow()
    assert follower.catch_up()
    assert found_by(search, "户籍人口") == ["household"]
    published(database, people, "vehicles", "机动车登记信息")
    assert found_by(search, "机动车") == []
    assert not follower.step()
    assert found_by(search, "机动车") == ["vehicles"]
    assert search.find(Query("机动车")).complete


def test_a_revision_takes_the_place_of_what_was_published(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    published(database, people, "household", "户籍登记簿")
    follower = follow()
    follower.catch_up()
    with database.transaction() as conn:
        walk(conn, people, (Action.REVISE, "steward"))
        changed = a_record(name="常住人口信息")
        records.add_record(conn, changed, people.steward, ManualClock(NOON))
    follower.catch_up()
    assert found_by(search, "户籍登记簿") == ["household"]  # a draft is nobody's business
    with database.transaction() as conn:
        walk(
            conn,
            people,
            (Action.SUBMIT_PUBLISH, "steward"),
            (Action.SIGN_SECRECY, "reviewer"),
            (Action.AGREE, "authority"),
        )
    follower.catch_up()
    assert found_by(search, "常住人口信息") == ["household"]
    assert found_by(search, "户籍登记簿") == []


def test_what_is_withdrawn_is_gone(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    published(database, people, "household", "户籍人口信息")
    published(database, people, "vehicles", "机动车登记信息")
    follower = follow()
    follower.catch_up()
    with database.transaction() as conn:
        steps = ((Action.REQUEST_WITHDRAW, "steward"), (Action.AGREE, "authority"))
        walk(conn, people, *steps, resource="household")
    follower.catch_up()
    assert found_by(search, "") == ["vehicles"]


def test_a_department_is_found_by_its_new_name_and_its_aliases(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    published(database, people, "household", "户籍人口信息")
    follower = follow()
    follower.catch_up()
    assert found_by(search, "治安总队") == []
    with database.transaction() as conn:
        renamed = a_department(name="示例市治安总队", aliases=["治安支队"])
        departments.change(conn, renamed, ManualClock(NOON))
    follower.catch_up()
    assert found_by(search, "治安总队") == ["household"]
    assert found_by(search, "治安支队 户籍") == ["household"]


@only_on("postgresql")
def test_a_change_that_is_committed_after_a_later_one_is_not_missed(
    database: Database, people: People, search: Search, follow: Follow, clock: ManualClock
) -> None:
    follower = follow()
    follower.catch_up()
    with database.transaction() as early:
        publish(early, people, a_record(resource_id="early", name="先写后提交"))
        with database.transaction() as late:
            publish(late, people, of_another_class("late", "后写先提交"))
        follower.catch_up()
        assert found_by(search, "") == ["late"]
        clock.advance(PATIENCE - timedelta(seconds=1))
        follower.catch_up()
    follower.catch_up()
    assert found_by(search, "") == ["early", "late"]


@only_on("postgresql")
def test_a_change_in_the_making_is_waited_for_by_who_starts_anew(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    with database.transaction() as early:
        publish(early, people, a_record(resource_id="early", name="先写后提交"))
        with database.transaction() as late:
            publish(late, people, of_another_class("late", "后写先提交"))
        follower = follow()
        follower.catch_up()
        assert found_by(search, "") == ["late"]
    follower.catch_up()
    assert found_by(search, "") == ["early", "late"]


def test_numbers_that_were_never_used_are_given_up(
    database: Database, people: People, place: Place, follow: Follow, clock: ManualClock
) -> None:
    follower = follow()
    follower.catch_up()
    published(database, people, "household", "户籍人口信息")
    with database.transaction() as conn:
        newest = conn.scalar(sa.select(sa.func.max(catalogue_changes.c.sequence)))
        row = {"sequence": newest + 5, "resource_id": "household", "at": NOON}
        conn.execute(sa.insert(catalogue_changes).values(row))
    follower.catch_up()
    state = place.read_state()
    assert state is not None
    assert [(gap.first, gap.last) for gap in state.mark.gaps] == [(newest + 1, newest + 4)]
    clock.advance(PATIENCE)
    follower.catch_up()
    state = place.read_state()
    assert state is not None
    assert state.mark.gaps == ()


def test_who_dies_between_commit_and_mark_applies_the_same_again(
    database: Database,
    people: People,
    search: Search,
    follow: Follow,
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published(database, people, "household", "户籍人口信息")
    first = follow()
    first.catch_up()

    def die(self: Place, state: State) -> None:
        raise KeyboardInterrupt

    published(database, people, "vehicles", "机动车登记信息")
    with monkeypatch.context() as patch:
        patch.setattr(Place, "write_state", die)
        with pytest.raises(KeyboardInterrupt):
            first.step()
    first.close()
    follow().catch_up()
    assert found_by(search, "") == ["household", "vehicles"]
    assert search.find(Query("")).total == 2


def test_who_dies_before_the_commit_leaves_nothing_half_done(
    database: Database, people: People, search: Search, follow: Follow, place: Place
) -> None:
    published(database, people, "household", "户籍人口信息")
    first = follow()
    first.catch_up()
    state = place.read_state()
    assert state is not None
    first.close()
    half = IndexWriter(place.folder(state.folder))
    half.replace(["household"], [])
    del half
    assert found_by(search, "") == ["household"]
    follow().catch_up()
    assert found_by(search, "") == ["household"]


def test_one_of_several_writes_and_another_takes_over_when_it_ends(
    database: Database, people: People, search: Search, follow: Follow
) -> None:
    writing, waiting = follow(), follow()
    assert writing.catch_up()
    assert not waiting.catch_up()
    published(database, people, "household", "户籍人口信息")
    assert not waiting.step()
    assert found_by(search, "") == []
    writing.step()
    assert found_by(search, "") == ["household"]
    writing.close()
    published(database, people, "vehicles", "机动车登记信息")
    assert waiting.catch_up()
    assert found_by(search, "") == ["household", "vehicles"]
    assert not writing.catch_up()


def test_an_index_that_is_deleted_is_made_again(
    database: Database, people: People, search: Search, follow: Follow, place: Place
) -> None:
    for number in range(3):
        published(database, people, f"r-{number}", "户籍人口信息")
    follower = follow()
    follower.catch_up()
    shutil.rmtree(place.home)
    assert search.find(Query("户籍")).complete is False
    follower.catch_up()
    assert found_by(search, "户籍") == ["r-0", "r-1", "r-2"]
    # its lock was deleted, too: nobody else may think that it is free
    assert not follow().catch_up()


@pytest.mark.parametrize("damage", ["meta", "state", "folder"])
def test_an_index_that_is_damaged_is_made_again(
    database: Database, people: People, search: Search, follow: Follow, place: Place, damage: str
) -> None:
    published(database, people, "household", "户籍人口信息")
    first = follow()
    first.catch_up()
    first.close()
    state = place.read_state()
    assert state is not None
    if damage == "meta":
        (place.folder(state.folder) / "meta.json").write_text("{", encoding="utf-8")
    elif damage == "state":
        place.state_file.write_text("[]", encoding="utf-8")
    else:
        shutil.rmtree(place.folder(state.folder))
    follow().catch_up()
    assert found_by(search, "") == ["household"]


def test_an_index_of_another_layout_or_catalogue_or_from_later_on_is_made_again(
    database: Database, people: People, search: Search, follow: Follow, place: Place
) -> None:
    published(database, people, "household", "户籍人口信息")
    first = follow()
    first.catch_up()
    first.close()
    other = Follower(database, place, ManualClock(NOON), lambda: "other")
    other.catch_up()
    other.close()
    state = place.read_state()
    assert state is not None
    assert state.catalogue == "other"
    # the release before laid it out otherwise
    place.write_state(replace(state, layout="0", catalogue="this"))
    assert search.find(Query("")).complete is False
    first = follow()
    first.catch_up()
    first.close()
    assert found_by(search, "") == ["household"]
    with database.transaction() as conn:  # the catalogue as it was restored from a copy
        conn.execute(sa.delete(catalogue_changes))
        note_change(conn, "household", NOON)
    follow().catch_up()
    assert found_by(search, "") == ["household"]
    assert len(list(place.home.glob("index-*"))) == 1


def test_an_index_being_made_shows_what_is_there_and_says_that_there_is_more(
    database: Database,
    people: People,
    search: Search,
    follow: Follow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("catalog.search.follower.RECORDS_A_STEP", 2)
    monkeypatch.setattr("catalog.search.follower.MOST_UNSAVED", 2)
    for number in range(5):
        published(database, people, f"r-{number}", "户籍人口信息")
    follower = follow()
    assert follower.step()
    assert found_by(search, "") == ["r-0", "r-1"]
    assert search.find(Query("")).complete is False
    # a change of a record that is not there yet is taken up at once, and not twice in the end
    with database.transaction() as conn:
        note_change(conn, "r-4", NOON)
    assert follower.step()
    follower.close()
    resumed = follow()  # another one goes on where it ended
    resumed.catch_up()
    assert found_by(search, "") == [f"r-{number}" for number in range(5)]
    assert search.find(Query("")).complete is True


def test_an_index_made_aside_takes_the_place_of_the_one_in_use(
    database: Database, people: People, search: Search, follow: Follow, place: Place
) -> None:
    published(database, people, "household", "户籍人口信息")
    follower = follow()
    follower.catch_up()
    before = place.read_state()
    with_lock = Lock(place.rebuild_lock)
    assert with_lock.take()
    assert make_aside(database, place, ManualClock(NOON), "this") == 1
    published(database, people, "vehicles", "机动车登记信息")
    assert found_by(search, "") == ["household"]  # the old one, until the writer looks
    follower.catch_up()
    after = place.read_state()
    assert before is not None
    assert after is not None
    assert before.folder != after.folder
    assert found_by(search, "") == ["household", "vehicles"]
    assert [folder.name for folder in place.home.glob("index-*")] == [after.folder]
    with_lock.release()


def test_an_index_made_aside_for_another_catalogue_is_thrown_away(
    database: Database, people: People, search: Search, follow: Follow, place: Place
) -> None:
    published(database, people, "household", "户籍人口信息")
    follower = follow()
    follower.catch_up()
    make_aside(database, place, ManualClock(NOON), "other")
    follower.catch_up()
    assert found_by(search, "") == ["household"]
    assert not place.aside.exists()
