"""A builder killed at any step of a view: what was served stays, and the next worker ends it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from api.bootstrap import open_services
from api.settings import load_settings
from lake.views.steps import ViewStep
from tests.api.makers import RESOURCE, World
from tests.api.test_worker import PATIENCE, Place, a_place, environment_for, until
from tests.conftest import require_part
from tests.e2e.plain_reader import VIEW_TABLES, PlainReader
from tests.e2e.view_home import PERSONS, ViewHome, names_of
from tests.servers.postgres import PostgresServer
from tests.servers.weed import find_weed, weed_server

STEPS = tuple(ViewStep)
ON_SERVICES = (
    ViewStep.FILES_STAGED,
    ViewStep.COMMITTED,
    ViewStep.SERVING_WRITTEN,
    ViewStep.RECORDED,
)
FOR_THE_NEXT_BUILD = (ViewStep.RECORDED, ViewStep.SERVED)
# So many versions are built before, so that there is an old one for the last step to clear.
BUILT = 3


def passed(step: ViewStep, other: ViewStep) -> bool:
    """Whether a build that was killed at `step` had passed `other`."""
    return STEPS.index(other) <= STEPS.index(step)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """A home with three versions, kept aside, and the one place where copies of it can stand:
    the paths in an Iceberg table are absolute."""
    folder = tmp_path_factory.mktemp("views")
    home, kept = folder / "home", folder / "kept"
    with a_place(home, environment_for(home, None)) as place, plain_reader(place) as plain:
        made = ViewHome(place, plain)
        for _ in range(BUILT):
            made.build()
        keys = dict(place.world.keys)
    home.rename(kept)
    return home, kept, keys


@pytest.fixture
def home(prepared: tuple[Path, Path, dict[str, str]]) -> Iterator[ViewHome]:
    place, kept, keys = prepared
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(kept, place)
    with reopened(place, environment_for(place, None), keys) as found:
        yield found


@pytest.fixture(scope="module")
def home_on_services(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Iterator[ViewHome]:
    """A home on PostgreSQL and on an S3 server of its own, of which each test builds on."""
    program = find_weed()
    if program is None:
        require_part("s3")
    folder = tmp_path_factory.mktemp("views-on-services")
    with (
        weed_server(program, folder / "weed") as weed,
        postgres.database(migrated=False) as url,
    ):
        environment = environment_for(folder / "home", url) | {
            "DATONG_LAKE_URL": f"s3://{weed.location.endpoint}",
            "DATONG_S3_ACCESS_KEY": weed.location.access_key,
            "DATONG_S3_SECRET_KEY": weed.location.secret_key,
        }
        with a_place(folder / "home", environment) as place, plain_reader(place) as plain:
            made = ViewHome(place, plain)
            made.build()
            yield made


@contextmanager
def reopened(home: Path, environment: dict[str, str], keys: dict[str, str]) -> Iterator[ViewHome]:
    services = open_services(load_settings(environment))
    place = Place(home, environment, World(services, keys))
    try:
        with plain_reader(place) as plain:
            yield ViewHome(place, plain)
    finally:
        for process in place.processes:
            process.kill()
            process.wait()
        services.close()


@contextmanager
def plain_reader(place: Place) -> Iterator[PlainReader]:
    services = place.services
    plain = PlainReader(place.home, services.settings.database_url, services.location)
    with closing(plain):
        yield plain


@pytest.mark.parametrize("step", STEPS)
def test_the_next_worker_ends_what_a_kill_cut_off(home: ViewHome, step: ViewStep) -> None:
    the_next_worker_ends_it(home, step)


@pytest.mark.parametrize("step", ON_SERVICES)
def test_the_same_on_postgresql_and_a_real_s3_server(
    home_on_services: ViewHome, step: ViewStep
) -> None:
    the_next_worker_ends_it(home_on_services, step)


def the_next_worker_ends_it(home: ViewHome, step: ViewStep) -> None:
    """Kill a worker at a step of its build, look, let another one go on, and look again."""
    before = home.version
    home.deliver_next()
    job = home.queue()
    with home.watched() as watching:
        dying = home.place.start("tests.e2e.work_and_die", step.value)
        assert dying.wait(timeout=PATIENCE) == -signal.SIGKILL, "the step was not reached"
        what_a_kill_left(home, job, step, before)
        healthy = home.place.worker()
        until(lambda: home.serves(before + 1), "nobody served the next version")
        until(lambda: home.job(job)[0] == "done" and home.is_working(healthy.pid))
        answers = len(watching.answers)
        until(lambda: len(watching.answers) > answers + 5 or watching.failed)
        healthy.send_signal(signal.SIGTERM)
        assert healthy.wait(timeout=PATIENCE) == 0
    assert watching.saw() == [before, before + 1]
    all_is_whole(home, job, step, before + 1)


def what_a_kill_left(home: ViewHome, job: str, step: ViewStep, before: int) -> None:
    """Each step says what is durable when it is passed; the version served is whole meanwhile."""
    plain, after = home.plain, before + 1
    recorded = passed(step, ViewStep.RECORDED)
    served = plain.served()
    assert served.version == (after if passed(step, ViewStep.SERVED) else before)
    assert served.names == names_of(served.version)
    assert bool(plain.staged(after)) == passed(step, ViewStep.FILES_STAGED)
    committed = passed(step, ViewStep.COMMITTED)
    assert plain.newest_version("person") == (after if committed else before)
    assert home.version == (after if recorded else before)
    newest = after if passed(step, ViewStep.SERVING_WRITTEN) else before
    oldest = after - 2 if passed(step, ViewStep.CLEARED) else before - 2
    whole = [name for name in plain.serving_folder() if not name.endswith(".partial")]
    assert whole == ["current", *folders(oldest, newest)]
    assert home.job(job) == ("done" if recorded else "running", 1, 0)


def all_is_whole(home: ViewHome, job: str, step: ViewStep, version: int) -> None:
    """What is recorded is what is served, once, of every delivery, and nothing is left over."""
    plain, expected = home.plain, names_of(version)
    served = plain.served()
    assert (served.version, served.names) == (version, expected)
    *_, (recorded, snapshot, metadata) = plain.recorded()
    assert recorded == version
    rows = plain.view_rows(snapshot, metadata)
    assert rows["person"] == sorted(expected.items())
    assert [len(rows[table]) for table in VIEW_TABLES[1:]] == [1, 0]
    assert [plain.newest_version(table) for table in VIEW_TABLES] == [version] * len(VIEW_TABLES)
    states = plain.sql("SELECT delivery_id, state FROM deliveries ORDER BY data_time")
    assert [state for _, state in states] == ["loaded"] * version
    [(_, _, _, delivered, *_)] = rows["person_deliveries"]
    assert delivered == states[-1][0]
    curated = plain.curated(RESOURCE)
    assert len(curated) == len(set(curated)) == version * (PERSONS + 1)
    died = not passed(step, ViewStep.RECORDED)
    assert home.job(job) == ("done", 2 if died else 1, 1 if died else 0)
    uncleared = 3 if step in FOR_THE_NEXT_BUILD else 2
    assert plain.serving_folder() == ["current", *folders(version - uncleared, version)]
    if step in FOR_THE_NEXT_BUILD:
        home.build()
        assert plain.serving_folder() == ["current", *folders(version - 1, version + 1)]


def folders(first: int, last: int) -> list[str]:
    return [f"v{version:06d}" for version in range(max(1, first), last + 1)]
