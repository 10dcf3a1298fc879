"""`datong fsck` on a home with a view: its tables, its serving files, its pointer, its bucket."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.bootstrap import Services
from api.usecases.fsck import check_lake
from api.usecases.views import build_view, serve_recorded
from catalog import view_versions as versions
from catalog.tables import view_versions
from ingest.fsck.checking import Checking, Options
from ingest.fsck.serving import check_serving
from ingest.writer import sole_writer
from lake.inventory import TableFiles
from lake.views.serving_files import POINTER, publish_pointer, served_version
from tests.api.conftest import Ran, services_at
from tests.api.makers import World, make_world
from tests.ingest.spoiling import Damage, cut, delete, files_below, flip, named_in, put_back

BUCKET = "datong-base"
DAYS = timedelta(days=2)
Named = list[tuple[str, str, str | None]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home of this module alone: its files are spoiled and put back."""
    services = services_at(tmp_path_factory.mktemp("spoiled"))
    yield make_world(services)
    services.close()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    folders = [lake(built), built.services.settings.serving]
    whole = {folder: files_below(folder) for folder in folders}
    yield built
    for folder, content in whole.items():
        put_back(folder, content)


def lake(world: World) -> Path:
    return world.services.location.root


def named(world: World, *, dry_run: bool = False, quick: bool = False) -> Named:
    return named_in(check_lake(world.services, dry_run=dry_run, quick=quick).as_json())


def serving(world: World) -> Path:
    return world.services.serving_folder("person")


def spoil(path: Path, damage: Damage) -> None:
    spoiled = damage(path.read_bytes())
    if spoiled is None:
        path.unlink()
    else:
        path.write_bytes(spoiled)


def age(path: Path, services: Services, by: timedelta) -> None:
    moment = (services.clock.now() - by).timestamp()
    os.utime(path, (moment, moment))


def test_a_home_where_nothing_is_wrong_has_no_finding(world: World) -> None:
    assert named(world) == []


@pytest.mark.parametrize("damage", [delete, cut, flip])
def test_a_spoiled_file_of_a_view_is_named_with_the_way_to_build_it_anew(
    world: World, damage: Damage
) -> None:
    files = sorted((lake(world) / BUCKET / "curated").glob("*/data/*/*.parquet"))
    assert len(files) == 3
    for path in files:
        whole = path.read_bytes()
        spoil(path, damage)
        key = path.relative_to(lake(world) / BUCKET).as_posix()
        group = "missing" if damage is delete else "changed"
        assert named(world) == [(group, "view_data", key)]
        [finding] = check_lake(world.services).as_json()[group]
        assert "datong view build" in finding["next"]
        path.write_bytes(whole)


@pytest.mark.parametrize("damage", [delete, cut, flip])
def test_a_spoiled_serving_file_is_named(world: World, damage: Damage) -> None:
    [version] = [path for path in serving(world).iterdir() if path.is_dir()]
    for path in sorted(version.iterdir()):
        if damage is delete and path.name == "sums.json":
            continue  # a version from before there were checksums has none
        whole = path.read_bytes()
        spoil(path, damage)
        group = "missing" if damage is delete else "changed"
        assert named(world) == [(group, "serving", str(path))]
        path.write_bytes(whole)


def test_serving_files_without_checksums_are_counted(world: World) -> None:
    [version] = [path for path in serving(world).iterdir() if path.is_dir()]
    (version / "sums.json").unlink()
    assert named(world) == []
    part = next(version.glob("part-*"))
    part.write_bytes(b"no database")
    assert named(world) == [("changed", "serving", str(part))]
    shutil.rmtree(version)
    assert named(world) == [("missing", "serving", str(version))]


@pytest.mark.parametrize("pointer", [None, "7", "not a number"])
def test_the_pointer_is_moved_back_to_what_is_recorded(world: World, pointer: str | None) -> None:
    path = serving(world) / POINTER
    path.unlink()
    if pointer is not None:
        path.write_text(pointer, encoding="ascii")
    assert named(world, dry_run=True) == [("changed", "pointer", str(path))]
    assert named(world) == [("repaired", "pointer", str(path))]
    assert path.read_text(encoding="ascii") == "1"
    assert named(world) == []


def test_what_a_build_left_is_removed_after_a_day(world: World) -> None:
    partial = serving(world) / "v000002.0123.partial"
    partial.mkdir()
    data = lake(world) / BUCKET / "curated/person/data/v000002-0123/part-00000.parquet"
    data.parent.mkdir(parents=True)
    data.write_bytes(b"x")
    key = data.relative_to(lake(world) / BUCKET).as_posix()
    told = [("orphans", "serving", str(partial)), ("orphans", "view_data", key)]
    assert named(world) == told
    for path in (partial, data):
        assert path.exists()
        age(path, world.services, DAYS)
    assert named(world) == [("repaired", kind, place) for _, kind, place in told]
    assert not partial.exists()
    assert not data.exists()
    assert named(world) == []


def test_strangers_in_the_bucket_of_the_platform_are_named_and_kept(world: World) -> None:
    path = lake(world) / BUCKET / "somewhere" / "else"
    path.parent.mkdir()
    path.write_bytes(b"x")
    age(path, world.services, DAYS)
    assert named(world) == [("orphans", "object", "somewhere/else")]
    assert path.exists()


def test_a_build_that_was_never_recorded_is_named(world: World) -> None:
    """The register forgets the version: as after a crash between commit and record."""
    statement = sa.update(view_versions).values(version=0)
    back = sa.update(view_versions).values(version=1)
    with world.services.database.transaction() as conn:
        conn.execute(statement)
    try:
        found = check_lake(world.services, dry_run=True).as_json()
    finally:
        with world.services.database.transaction() as conn:
            conn.execute(back)
    assert [each["kind"] for each in found["unfinished"]] == ["view_build"]


def test_rows_that_differ_from_the_recorded_number_are_named(world: World) -> None:
    def rows(more: int) -> None:
        with world.services.database.transaction() as conn:
            conn.execute(sa.update(view_versions).values(rows=view_versions.c.rows + more))

    rows(1)
    try:
        kinds = [kind for _, kind, _ in named(world)]
    finally:
        rows(-1)
    assert sorted(kinds) == ["serving", "view_rows"]


def test_the_command_says_what_it_found_and_exits_by_it(
    world: World, datong: Callable[..., Ran]
) -> None:
    done = datong("fsck", "--json")
    assert done.code == 0
    assert json.loads(done.out) == {
        "ok": True, "orphans": [], "missing": [], "changed": [], "unfinished": [], "repaired": [],
    }  # fmt: skip
    raw = next((lake(world) / "dept-gongan/raw").rglob("manifest.json"))
    raw.unlink()
    looked = datong("fsck", "--dry-run", "--json")
    assert looked.code == 1
    [finding] = json.loads(looked.out)["missing"]
    assert finding["kind"] == "manifest"
    assert finding["bucket"] == "dept-gongan"
    assert not raw.exists()
    mended = datong("fsck")
    assert mended.code == 0
    assert "manifest" in mended.out
    assert "SHA-256" in mended.out
    assert raw.exists()
    quick = datong("fsck", "--quick")
    assert "only sizes were compared" in quick.out


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[World]:
    """A home of one test alone, whose view is built more than once."""
    services = services_at(tmp_path / "home")
    yield make_world(services)
    services.close()


def build_again(world: World) -> int:
    caller = world.caller("operator")
    return build_view(world.services, caller, "person", progress=lambda *_: None).view_version


def a_check(world: World) -> Checking:
    intake = world.services.intake()
    files = TableFiles(intake.location)
    return Checking(intake, Options(), world.services.settings.serving, ("person",), files)


def test_a_build_that_ends_while_the_check_runs_stays_served(alone: World) -> None:
    """The check looked at the register before the build ended, and at the pointer after it."""
    with alone.services.database.reading() as conn:
        looked_at = versions.current(conn, "person")
    newest, checking = build_again(alone), a_check(alone)
    check_serving(checking, "person", looked_at, building=False)
    assert served_version(serving(alone)) == newest
    assert named_in(checking.found.as_json()) == []


def test_a_pointer_is_left_to_the_build_that_is_about_to_move_it(alone: World) -> None:
    build_again(alone)
    publish_pointer(serving(alone), 1)  # as if this were not done yet
    with ThreadPoolExecutor(1) as builder:
        building = sole_writer(alone.services.intake(), "view:person")
        builder.submit(building.__enter__).result()
        assert serve_recorded(alone.services) == 0
        assert named(alone) == []
        assert served_version(serving(alone)) == 1
        builder.submit(building.__exit__, None, None, None).result()
    assert serve_recorded(alone.services) == 1
    assert served_version(serving(alone)) == 2
    assert serve_recorded(alone.services) == 0
