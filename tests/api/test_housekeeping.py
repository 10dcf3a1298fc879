"""Housekeeping: one process of all does it, another takes over, and no task holds up the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.usecases.recovery import clear_abandoned
from api.usecases.setup import initialise
from api.worker.housekeeping import TASKS, Housekeeping, Task
from tests.api.conftest import services_at
from tests.api.test_worker import until

OFTEN = timedelta(milliseconds=10)
BRIEFLY = timedelta(seconds=2)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    opened = services_at(tmp_path / "home")
    initialise(opened, None)
    yield opened
    opened.close()


class Keeper:
    """One that would keep house, and how often it did."""

    def __init__(self, services: Services, *more: Task) -> None:
        self.done = 0
        self.stopping = threading.Event()
        counting = Task("count", OFTEN, self._count)
        self._keeping = Housekeeping(services, self.stopping, (*more, counting), BRIEFLY)
        self._keeping.start()

    def _count(self, _services: Services) -> int:
        self.done += 1
        return 1

    def stop(self) -> None:
        self.stopping.set()
        self._keeping.join(20)


def test_one_keeps_house_and_another_takes_over(services: Services) -> None:
    first = Keeper(services)
    until(lambda: first.done)
    second = Keeper(services)
    before = first.done
    until(lambda: first.done > before + 2)
    assert second.done == 0
    first.stop()
    until(lambda: second.done)
    second.stop()


def test_a_task_that_fails_holds_up_no_other_and_is_tried_again(services: Services) -> None:
    tries = []

    def fail(_services: Services) -> int:
        tries.append(1)
        raise RuntimeError("this one never works")

    keeper = Keeper(services, Task("fail", OFTEN, fail))
    until(lambda: keeper.done > 2 and len(tries) > 2)
    keeper.stop()


def test_the_tasks_are_those_that_somebody_waits_for() -> None:
    every = {task.name: task.every.total_seconds() for task in TASKS}
    assert every == {
        "take-dropped": 2,
        "adopt": 10,
        "publish-due": 10,
        "serve-recorded": 10,
        "score": 60,
        "clear-abandoned": 3600,
    }


def test_scratch_files_of_the_day_before_are_removed(services: Services) -> None:
    import os

    scratch = services.settings.scratch
    for name in ("old", "new"):
        (scratch / name).mkdir(parents=True)
        (scratch / name / "spill").touch()
    moment = services.clock.now().timestamp() - 2 * 86_400
    os.utime(scratch / "old", (moment, moment))
    assert clear_abandoned(services) == 1
    assert [path.name for path in scratch.iterdir()] == ["new"]
