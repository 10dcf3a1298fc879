"""The queue of jobs: one holder and one lane at a time, fairness, back-off, deaths, cancelling."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from catalog import jobs
from catalog.database import Database
from catalog.job_errors import JobLost, JobNotCancellable, JobNotFound
from catalog.jobs import Job, JobKind, JobState
from tests.catalog.makers import NOON, People

TTL = timedelta(seconds=60)
ROOT = Path(__file__).parents[2]
COUNTER = itertools.count(1)
ERROR = {"code": "away", "zh": "不可用", "en": "away"}

pytestmark = pytest.mark.usefixtures("people")


def nobody_gone(_holder: str) -> bool:
    return False


def queue(conn: sa.Connection, subject: str, **facts: Any) -> Job:
    values: dict[str, Any] = {
        "job_id": f"job-{next(COUNTER):08d}",
        "kind": JobKind.DELIVERY,
        "subject": subject,
        "lane": f"table:{subject}",
        "department_id": "gongan",
        "account": "steward",
        "now": NOON,
    }
    return jobs.enqueue(conn, **{**values, **facts})


def claim(conn: sa.Connection, holder: str = "one", **facts: Any) -> Job | None:
    given: dict[str, Any] = {"now": NOON, "ttl": TTL, "gone": nobody_gone, **facts}
    return jobs.claim(conn, holder, **given)


def must_claim(conn: sa.Connection, holder: str = "one", **facts: Any) -> Job:
    job = claim(conn, holder, **facts)
    assert job is not None
    return job


def test_a_job_is_queued_claimed_and_done(conn: sa.Connection) -> None:
    queued = queue(conn, "d1")
    assert (queued.state, queued.attempts, queued.live) == (JobState.QUEUED, 0, True)
    held = must_claim(conn)
    assert (held.job_id, held.state, held.holder) == (queued.job_id, JobState.RUNNING, "one")
    assert (held.fence, held.attempts, held.expires_at) == (1, 1, NOON + TTL)
    jobs.report_progress(conn, held, "读取 read", 0.5)
    shown = jobs.require(conn, held.job_id)
    assert (shown.stage, shown.done) == ("读取 read", 0.5)
    jobs.finish(conn, held, NOON)
    done = jobs.require(conn, held.job_id)
    assert (done.state, done.ended_at, done.holder, done.live) == (JobState.DONE, NOON, None, False)
    assert claim(conn) is None


def test_a_live_job_of_the_same_subject_is_answered_as_it_is(conn: sa.Connection) -> None:
    first = queue(conn, "d1")
    assert queue(conn, "d1") == first
    held = must_claim(conn)
    assert queue(conn, "d1") == held
    jobs.finish(conn, held, NOON)
    assert queue(conn, "d1").job_id != first.job_id


def test_one_build_of_a_view_waits_behind_the_running_one(conn: sa.Connection) -> None:
    view = {"kind": JobKind.VIEW, "lane": "view:person"}
    first = queue(conn, "person", **view)
    assert queue(conn, "person", **view) == first
    running = must_claim(conn)
    second = queue(conn, "person", **view)
    assert second.job_id != first.job_id
    assert queue(conn, "person", **view) == second
    assert claim(conn, "two") is None  # the lane is taken
    assert must_claim(conn, "two", now=NOON + 2 * TTL).job_id == running.job_id


def test_a_lane_has_one_running_job(conn: sa.Connection) -> None:
    first = queue(conn, "d1", lane="table:a")
    queue(conn, "d2", lane="table:a")
    other = queue(conn, "d3", lane="table:b")
    held = must_claim(conn, "one")
    assert held.job_id == first.job_id
    assert must_claim(conn, "two").job_id == other.job_id
    assert claim(conn, "three") is None
    jobs.finish(conn, held, NOON)
    assert must_claim(conn, "three").subject == "d2"


def test_a_single_job_is_next_before_a_thousand_of_another_department(conn: sa.Connection) -> None:
    for number in range(1000):
        queue(conn, f"a{number}")
    queue(conn, "b", department_id="minzheng")
    first = must_claim(conn, "one")
    assert first.department_id == "gongan"  # nobody was served yet: the oldest
    assert must_claim(conn, "two").subject == "b"
    jobs.finish(conn, first, NOON)
    assert must_claim(conn, "three").department_id == "gongan"


def test_departments_that_have_none_running_take_turns(conn: sa.Connection) -> None:
    for number in range(3):
        queue(conn, f"a{number}")
    for number in range(3):
        queue(conn, f"b{number}", department_id="minzheng")
    served = []
    for number in range(6):
        now = NOON + timedelta(seconds=number)
        held = must_claim(conn, now=now)
        served.append(held.subject)
        jobs.finish(conn, held, now)
    assert served == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_a_job_that_is_put_back_waits_and_holds_up_nobody(conn: sa.Connection) -> None:
    queue(conn, "d1", lane="table:a")
    queue(conn, "d2", lane="table:a")
    held = must_claim(conn)
    later = NOON + timedelta(seconds=8)
    jobs.fail_for_now(conn, held, ERROR, later)
    put_back = jobs.require(conn, held.job_id)
    assert (put_back.state, put_back.not_before, put_back.error) == (JobState.QUEUED, later, ERROR)
    assert (put_back.attempts, put_back.failures, put_back.deaths) == (1, 0, 0)
    following = must_claim(conn)
    assert following.subject == "d2"
    jobs.finish(conn, following, NOON)
    assert claim(conn) is None
    again = must_claim(conn, now=later)
    assert (again.subject, again.attempts, again.fence) == ("d1", 2, 2)
    jobs.fail_for_now(conn, again, ERROR, later, foreseen=False)
    assert jobs.require(conn, again.job_id).failures == 1


def test_who_asks_for_one_job_gets_it_before_its_back_off_is_over(conn: sa.Connection) -> None:
    queue(conn, "d0", lane="table:a")
    wanted = queue(conn, "d1", lane="table:b")
    held = must_claim(conn, only=wanted.job_id)
    jobs.fail_for_now(conn, held, ERROR, NOON + timedelta(seconds=60))
    assert must_claim(conn, only=wanted.job_id).job_id == wanted.job_id
    assert claim(conn, "two", only=wanted.job_id) is None


def test_a_job_whose_holder_is_gone_is_given_to_another(conn: sa.Connection) -> None:
    queue(conn, "d1")
    dead = must_claim(conn, "dead")
    assert claim(conn, "one") is None
    heir = must_claim(conn, "one", gone=lambda holder: holder == "dead")
    assert (heir.job_id, heir.holder, heir.deaths, heir.fence) == (dead.job_id, "one", 1, 2)


def test_a_job_whose_time_is_up_is_given_to_another_unless_it_was_renewed(
    conn: sa.Connection,
) -> None:
    queue(conn, "d1")
    slow = must_claim(conn, "slow")
    jobs.heartbeat(conn, slow, NOON + timedelta(seconds=50), TTL)
    assert claim(conn, "one", now=NOON + timedelta(seconds=100)) is None
    heir = must_claim(conn, "one", now=NOON + timedelta(seconds=110))
    assert heir.deaths == 1


@pytest.mark.parametrize(
    ("owner", "is_gone", "deaths"),
    [("here/1/0/0", False, 0), ("here/1/0/0", True, 1), ("there/1/0/0", False, 1)],
    ids=["alive on this machine", "gone from this machine", "silent on another machine"],
)
def test_who_could_not_renew_a_hold_for_long_has_not_died_of_the_job(
    conn: sa.Connection, owner: str, is_gone: bool, deaths: int
) -> None:
    """A database that is away for longer than a hold lasts ends all holds."""
    queue(conn, "d1")
    must_claim(conn, owner)
    later = NOON + timedelta(seconds=61)
    heir = must_claim(conn, "here/2/0/0", now=later, gone=lambda _: is_gone)
    assert heir.deaths == deaths


def test_a_job_whose_holders_lose_it_again_and_again_ends_some_time(conn: sa.Connection) -> None:
    """It may keep its own process from renewing: that is no outage."""
    queue(conn, "d1")
    for turn in range(30):
        job = must_claim(conn, f"here/{turn % 3}/0/0", now=NOON + turn * timedelta(seconds=61))
    assert (job.attempts, job.deaths) == (30, 10)


def test_a_holder_that_asks_for_the_next_job_has_let_go_of_the_last(conn: sa.Connection) -> None:
    queue(conn, "d1")
    must_claim(conn, "one")
    again = must_claim(conn, "one")
    assert (again.subject, again.fence, again.deaths) == ("d1", 2, 0)


BY_ITS_HOLDER: dict[str, Callable[[sa.Connection, Job], object]] = {
    "heartbeat": lambda conn, job: jobs.heartbeat(conn, job, NOON, TTL),
    "report_progress": lambda conn, job: jobs.report_progress(conn, job, "读取", 0.1),
    "cancel_asked": jobs.cancel_asked,
    "pass_return": jobs.pass_return,
    "finish": lambda conn, job: jobs.finish(conn, job, NOON),
    "fail_for_now": lambda conn, job: jobs.fail_for_now(conn, job, ERROR, NOON),
    "fail_for_good": lambda conn, job: jobs.fail_for_good(conn, job, ERROR, NOON),
    "end_cancelled": lambda conn, job: jobs.end_cancelled(conn, job, NOON),
    "give_back": lambda conn, job: jobs.give_back(conn, job, NOON),
}


@pytest.mark.parametrize("what", BY_ITS_HOLDER)
def test_who_lost_a_job_changes_nothing_of_it(conn: sa.Connection, what: str) -> None:
    queue(conn, "d1")
    old = must_claim(conn, "old")
    heir = must_claim(conn, "new", gone=lambda holder: holder == "old")
    with pytest.raises(JobLost, match="old"):
        BY_ITS_HOLDER[what](conn, old)
    assert jobs.require(conn, heir.job_id) == heir
    BY_ITS_HOLDER[what](conn, heir)


def test_an_ended_job_is_lost_to_its_holder_too(conn: sa.Connection) -> None:
    queue(conn, "d1")
    held = must_claim(conn)
    jobs.fail_for_good(conn, held, ERROR, NOON)
    with pytest.raises(JobLost):
        jobs.finish(conn, held, NOON)
    assert jobs.require(conn, held.job_id).state is JobState.FAILED


def test_a_job_given_back_is_free_at_once_and_counts_no_death(conn: sa.Connection) -> None:
    queue(conn, "d1")
    jobs.give_back(conn, must_claim(conn), NOON)
    again = must_claim(conn, "two")
    assert (again.attempts, again.deaths, again.failures) == (2, 0, 0)


def test_a_waiting_job_is_withdrawn_only_if_that_was_asked(conn: sa.Connection) -> None:
    waiting = queue(conn, "d1")
    assert not jobs.withdraw(conn, waiting.job_id, NOON)
    assert jobs.cancel(conn, waiting.job_id).cancel_asked
    assert jobs.withdraw(conn, waiting.job_id, NOON)
    assert jobs.require(conn, waiting.job_id).state is JobState.CANCELLED
    assert claim(conn) is None
    assert queue(conn, "d1").job_id != waiting.job_id


def test_a_running_job_is_told_and_not_withdrawn(conn: sa.Connection) -> None:
    queue(conn, "d1")
    held = must_claim(conn)
    assert not jobs.cancel_asked(conn, held)
    jobs.cancel(conn, held.job_id)
    assert jobs.cancel_asked(conn, held)
    assert not jobs.withdraw(conn, held.job_id, NOON)
    assert not jobs.pass_return(conn, held)
    jobs.end_cancelled(conn, held, NOON)
    assert jobs.require(conn, held.job_id).state is JobState.CANCELLED


def test_after_its_point_of_no_return_a_job_is_not_cancelled(conn: sa.Connection) -> None:
    queue(conn, "d1")
    held = must_claim(conn)
    assert jobs.pass_return(conn, held)
    with pytest.raises(JobNotCancellable, match="running"):
        jobs.cancel(conn, held.job_id)
    jobs.finish(conn, held, NOON)
    with pytest.raises(JobNotCancellable, match="done"):
        jobs.cancel(conn, held.job_id)
    with pytest.raises(JobNotFound):
        jobs.cancel(conn, "absent")


def test_jobs_are_listed_newest_first_for_those_they_concern(conn: sa.Connection) -> None:
    queue(conn, "d1")
    queue(conn, "d2", department_id="minzheng", account="reviewer")
    queue(conn, "person", kind=JobKind.VIEW, lane="view:person", account="authority")
    must_claim(conn)

    def subjects(**which: Any) -> list[str]:
        return [job.subject for job in jobs.list_jobs(conn, **which)]

    assert subjects() == ["person", "d2", "d1"]
    assert subjects(delivered_by="gongan") == ["d1"]
    assert subjects(asked_by="authority") == ["person"]
    assert subjects(delivered_by="gongan", asked_by="reviewer") == ["d2", "d1"]
    assert subjects(states=[JobState.RUNNING]) == ["d1"]
    [newest] = jobs.list_jobs(conn, limit=1)
    assert subjects(before=newest.job_id) == ["d2", "d1"]
    assert jobs.of_subject(conn, JobKind.DELIVERY, "person") is None
    found = jobs.of_subject(conn, JobKind.VIEW, "person")
    assert found is not None
    assert found.job_id == newest.job_id


def test_a_look_tells_what_a_claim_would_find(conn: sa.Connection) -> None:
    def look(holder: str = "one", **facts: Any) -> bool:
        given: dict[str, Any] = {"now": NOON, "gone": nobody_gone, **facts}
        return jobs.is_work(conn, holder, **given)

    assert not look()
    queue(conn, "d1")
    assert look()
    must_claim(conn, "dead")
    assert not look()
    assert look(gone=lambda holder: holder == "dead")
    assert look(now=NOON + TTL)


@pytest.fixture
def settled(database: Database, people: People, conn: sa.Connection) -> Iterator[Database]:
    """The database with its people and 60 jobs in 7 lanes, all of it committed."""
    for number in range(60):
        department = ("gongan", "minzheng", "shuju")[number % 3]
        queue(conn, f"d{number}", lane=f"table:{number % 7}", department_id=department)
    conn.commit()
    return database


def test_processes_that_claim_at_once_never_share_a_job_or_a_lane(
    settled: Database, tmp_path: Path
) -> None:
    url = settled.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.catalog.claim_in_turn", url]
    logs = [tmp_path / f"{number}.log" for number in range(4)]
    running = [subprocess.Popen([*command, str(log)], cwd=ROOT) for log in logs]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    told = [line.split(" ") for log in logs for line in log.read_text().splitlines()]
    done = [job for _, job in told]
    assert len(done) == len(set(done)) == 60
    assert sum(1 for log in logs if log.read_text()) > 1, "one process did it all"
    with settled.reading() as conn:
        ended = jobs.list_jobs(conn, states=[JobState.DONE])
    assert {(job.attempts, job.deaths) for job in ended} == {(1, 0)}
    assert len(ended) == 60
