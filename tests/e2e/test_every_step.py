"""No step is left out: each is among those at which a test kills a process by SIGKILL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from ingest.steps import Step
from lake.views.steps import ViewStep
from tests.e2e import test_crashes, test_dropped_crashes, test_file_crashes, test_view_crashes

KILLING = (
    test_crashes.test_a_restart_finishes_what_a_kill_cut_off,
    test_dropped_crashes.test_the_next_watcher_ends_what_a_kill_cut_off,
    test_file_crashes.test_a_restart_finishes_what_a_kill_cut_off,
    test_view_crashes.test_the_next_worker_ends_what_a_kill_cut_off,
)
ON_SERVICES = (
    test_crashes.test_the_same_on_a_real_s3_server,
    test_dropped_crashes.test_the_same_on_a_real_s3_server,
    test_file_crashes.test_the_same_on_a_real_s3_server,
    test_view_crashes.test_the_same_on_postgresql_and_a_real_s3_server,
)


def steps_of(test: Callable[..., Any]) -> Iterator[Step | ViewStep]:
    """The steps for which pytest runs a test, by its own marks."""
    for mark in test.pytestmark:  # type: ignore[attr-defined]
        for values in mark.args[1]:
            found = values if isinstance(values, tuple) else (values,)
            yield from (each for each in found if isinstance(each, Step | ViewStep))


def test_every_step_is_one_at_which_a_process_is_killed() -> None:
    assert set(chain.from_iterable(map(steps_of, KILLING))) == {*Step, *ViewStep}


def test_a_good_part_of_them_on_real_services_as_well() -> None:
    assert len(set(chain.from_iterable(map(steps_of, ON_SERVICES)))) >= 8
