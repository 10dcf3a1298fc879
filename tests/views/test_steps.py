"""Builds that are cut at a step, or taken over by another builder, and what readers see then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lake.checksums import sha256_of_file
from lake.engine import open_engine
from lake.errors import CommitConflict
from lake.views.commit import BUILD_PROPERTY, snapshots_of
from lake.views.errors import VersionIsServed
from lake.views.serving_files import ServingWriter, publish_pointer, served_version
from lake.views.steps import OnViewStep, ViewStep
from tests.views.conftest import Workshop
from tests.views.test_build import NUMBER, PowerCut, a_hukou
from tests.views.worlds import PERSON, Delivered, WorldSource, a_delivery, a_record, an_item

BY_BUILD = (
    ViewStep.PLANNED,
    ViewStep.ROWS_BUILT,
    ViewStep.FILES_STAGED,
    ViewStep.COMMITTED,
    ViewStep.HASHED,
    ViewStep.SERVING_WRITTEN,
)
TABLES = ("person", "person_differences", "person_deliveries")


class TakenOver(Exception):
    """Another builder has the lease."""


def cut_at(cut: ViewStep) -> OnViewStep:
    def on_step(step: ViewStep) -> None:
        if step is cut:
            raise PowerCut

    return on_step


def refusing(call: int) -> Callable[[], None]:
    """A check that refuses at its n-th call, counted from 0."""
    calls = iter(range(100))

    def check() -> None:
        if next(calls) == call:
            raise TakenOver

    return check


def disagreeing(name: str) -> list[WorldSource]:
    """Two sources of one person, in deliveries of that name; one says `name`, the other not."""
    other = a_record(
        "births",
        an_item("id_no", "person.id_number", key=True, kinds=["citizen"]),
        an_item("xm", "person.name"),
    )
    row = Delivered(f"b-{name}", 0, {"id_no": NUMBER, "xm": f"not {name}"})
    births = WorldSource(other, "health", [a_delivery(f"b-{name}")], [row])
    return [a_hukou(name=name, delivery=f"h-{name}"), births]


def files_of(workshop: Workshop, snapshot_id: int) -> Iterator[Path]:
    snapshots = snapshots_of(workshop.tables, "person", snapshot_id)
    for table, snapshot in snapshots.items():
        for url in workshop.tables.data_files(("base", table), snapshot):
            yield Path(url.removeprefix("file://"))


def contents(workshop: Workshop, snapshot_id: int) -> dict[str, str]:
    return {str(path): sha256_of_file(path) for path in files_of(workshop, snapshot_id)}


def current_of(workshop: Workshop, table: str = "person") -> int:
    snapshot = workshop.tables.current(("base", table))
    assert snapshot is not None
    return snapshot.snapshot_id


def test_a_build_passes_its_steps_in_order(workshop: Workshop) -> None:
    passed: list[ViewStep] = []
    workshop.build(PERSON, [a_hukou()], on_step=passed.append)
    assert tuple(passed) == BY_BUILD == tuple(ViewStep)[: len(BY_BUILD)]


@pytest.mark.parametrize("step", BY_BUILD)
def test_a_build_cut_at_any_step_is_done_again_with_its_number(
    workshop: Workshop, step: ViewStep
) -> None:
    reader = workshop.serve(PERSON, [a_hukou(name="甲")])
    with pytest.raises(PowerCut):
        workshop.build(PERSON, [a_hukou(name="乙")], version=2, on_step=cut_at(step))
    before = reader.lookup("citizen", NUMBER)
    assert before is not None
    assert before.cells["name"].value == "甲"
    workshop.build(PERSON, [a_hukou(name="丙")], version=2)
    publish_pointer(workshop.serving(PERSON), 2)
    after = reader.lookup("citizen", NUMBER)
    assert after is not None
    assert (after.version, after.cells["name"].value) == (2, "丙")
    folder = workshop.serving(PERSON)
    assert sorted(path.name for path in folder.iterdir()) == ["current", "v000001", "v000002"]


def test_what_an_unrecorded_build_committed_is_never_written_to_again(workshop: Workshop) -> None:
    with pytest.raises(PowerCut):
        workshop.build(PERSON, disagreeing("甲"), version=1, on_step=cut_at(ViewStep.COMMITTED))
    left = current_of(workshop)
    before = contents(workshop, left)
    assert len(before) == len(TABLES)
    built = workshop.build(PERSON, disagreeing("乙"), version=1)
    assert contents(workshop, left) == before
    assert not before.keys() & contents(workshop, built.snapshot_id).keys()


def test_every_snapshot_says_which_build_made_it(workshop: Workshop) -> None:
    first, second = (workshop.build(PERSON, [a_hukou()], version=1) for _ in range(2))
    builds = []
    for built in (first, second):
        snapshots = snapshots_of(workshop.tables, "person", built.snapshot_id)
        assert snapshots.keys() == set(TABLES)
        named = {
            workshop.tables.properties_of(("base", table), snapshot)[BUILD_PROPERTY]
            for table, snapshot in snapshots.items()
        }
        assert len(named) == 1
        builds += named
    assert builds[0] != builds[1]


@pytest.mark.parametrize("commits", [1, 2])
def test_between_two_commits_a_recorded_version_still_leads_to_its_own_tables(
    workshop: Workshop, commits: int
) -> None:
    recorded = workshop.build(PERSON, disagreeing("甲"))
    before_serving = 1  # the check before anything is written
    with pytest.raises(TakenOver):
        workshop.build(PERSON, disagreeing("乙"), check=refusing(before_serving + commits))
    assert current_of(workshop, "person_deliveries") != recorded.snapshot_id
    snapshots = snapshots_of(workshop.tables, "person", recorded.snapshot_id)

    def read(table: str, columns: str) -> list[tuple[object, ...]]:
        files = workshop.tables.data_files(("base", table), snapshots[table])
        return workshop.engine.read_parquet(files).project(columns).order(columns).fetchall()

    assert read("person", "name") == [("甲",)]
    assert read("person_differences", "attribute, value") == [("name", "not 甲")]
    assert read("person_deliveries", "delivery_id") == [("b-甲",), ("h-甲",)]
    mixed = workshop.tables.current(("base", "person_deliveries"))
    assert mixed is not None
    files = workshop.tables.data_files(("base", "person_deliveries"), mixed.snapshot_id)
    newest = workshop.engine.read_parquet(files).project("delivery_id").fetchall()
    assert sorted(newest) == [("b-乙",), ("h-乙",)]


@pytest.mark.parametrize("call", range(5))
def test_a_builder_that_lost_its_lease_goes_no_further(workshop: Workshop, call: int) -> None:
    """The calls: before anything, before each of three commits, before the serving files."""
    workshop.serve(PERSON, [a_hukou(name="甲")])
    before = current_of(workshop)
    with pytest.raises(TakenOver):
        workshop.build(PERSON, [a_hukou(name="乙")], version=2, check=refusing(call))
    assert (current_of(workshop) == before) == (call < 4)
    assert served_version(workshop.serving(PERSON)) == 1
    assert not (workshop.serving(PERSON) / "v000002").exists()


def test_a_commit_after_a_take_over_is_a_conflict(workshop: Workshop) -> None:
    """Asked, it still has its lease; then it sleeps, and another builder does the work."""
    newer = Workshop(
        workshop.folder / "newer",
        open_engine(preserve_insertion_order=False),
        workshop.tables,
        workshop.location,
        workshop.store,
    )
    calls = iter(range(100))

    def check() -> None:
        if next(calls) == 1:
            newer.build(PERSON, [a_hukou(name="乙")], version=1)

    workshop.build(PERSON, [a_hukou(name="甲")], version=0)
    with newer.engine, pytest.raises(CommitConflict):
        workshop.build(PERSON, [a_hukou(name="甲")], version=1, check=check)
    assert current_of(workshop) == newer.built[0].snapshot_id


def test_serving_files_of_another_build_are_not_replaced(workshop: Workshop) -> None:
    folder = workshop.serving(PERSON)
    place = folder / "v000001"

    def on_step(step: ViewStep) -> None:
        if step is ViewStep.HASHED:
            place.mkdir()
            (place / "header.json").write_text("of another build", encoding="utf-8")

    with pytest.raises(VersionIsServed):
        workshop.build(PERSON, [a_hukou()], version=1, on_step=on_step)
    assert (place / "header.json").read_text(encoding="utf-8") == "of another build"


def test_a_new_build_removes_what_older_ones_left_unfinished(tmp_path: Path) -> None:
    for name in ("v000001.b1.partial", "v000002.b2.partial", "v000002"):
        (tmp_path / name).mkdir()
    ServingWriter(tmp_path, "person", 2, "b3")
    assert [path.name for path in tmp_path.iterdir()] == ["v000002.b3.partial"]
