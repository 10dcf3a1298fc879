"""Say what becomes of a job whose work failed: whose fault it is, and when it is tried again."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import duckdb
import sqlalchemy as sa

from catalog import jobs
from catalog.errors import KnownError
from catalog.job_errors import JobLost
from catalog.jobs import Job
from catalog.lake_errors import DeliveryNotOpen, LeaseHeld, LeaseLost, StaleFence
from ingest.holding import DATABASE_AWAY, StopAsked
from ingest.intake import Intake
from lake.errors import BucketNotFound, CommitConflict, StoreUnavailable
from lake.layout import bucket_of

LONGEST_BACK_OFF = 60

ANOTHER_IS_AT_IT = (JobLost, LeaseHeld, LeaseLost, StaleFence, CommitConflict, DeliveryNotOpen)
AWAY = (
    StoreUnavailable,
    *DATABASE_AWAY,
    ConnectionError,
    TimeoutError,
    duckdb.HTTPException,
)
# A disk without room, a process without file handles: no file is to blame.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})
# The engine says the same in words: of a file by the system's, of its spilling by this setting.
_NO_DISK = (*map(os.strerror, sorted(_NO_ROOM)), "max_temp_directory_size")
_AGAIN = (
    "将自动重试；持续出现时请联系平台运维。",
    "and will try again; call the operator if it goes on.",
)
_NO_MORE = (
    "已不再重试；请平台运维查看日志，处理后重新发起。",
    "and will not try again; the operator finds it in the log, then ask for it anew.",
)


def is_foreseen(intake: Intake, job: Job, error: BaseException) -> bool:
    """Whether the platform is to blame, so that the job is tried again without end.

    An error of another kind is not counted either while database or store do not answer: it may
    be how a reader in between says so.
    """
    if isinstance(error, (*ANOTHER_IS_AT_IT, StopAsked)):
        return True
    return is_away(error) or not _all_there(intake, job)


def is_away(error: BaseException) -> bool:
    """Whether database, store or disk could not be used, somewhere below what is said of it."""
    return any(_says_away(each) for each in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _says_away(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    if isinstance(error, duckdb.OperationalError) and any(each in str(error) for each in _NO_DISK):
        return True
    return isinstance(error, AWAY)


def _all_there(intake: Intake, job: Job) -> bool:
    try:
        look_around(intake, bucket_of(job.department_id))
    except AWAY:
        return False
    return True


def look_around(intake: Intake, bucket: str) -> None:
    """Ask database and store for next to nothing; raises what they say when they are away."""
    with intake.database.reading() as conn:
        conn.execute(sa.select(1))
    with suppress(BucketNotFound):
        intake.store.stat(bucket, "raw/is-the-store-there")


def put_back(intake: Intake, job: Job, error: Exception, *, foreseen: bool) -> None:
    """Queue the job again: after a back-off, or at once where its process is to end.

    Where the database is away nothing can be said of it: its holder frees it with the next claim,
    and another worker once its time is up.
    """
    if isinstance(error, StopAsked):
        give_back(intake, job)
        return
    later, why = intake.clock.now() + back_off(job), told(error)
    record(intake, lambda conn: jobs.fail_for_now(conn, job, why, later, foreseen=foreseen))


def give_back(intake: Intake, job: Job) -> None:
    """Queue a job again with which nothing was wrong: its process is to end."""
    now = intake.clock.now()
    record(intake, lambda conn: jobs.give_back(conn, job, now))


def record(intake: Intake, say: Callable[[sa.Connection], None]) -> None:
    """Say what became of a job, where there still is somebody to hear it."""
    with suppress(JobLost, *DATABASE_AWAY), intake.database.transaction() as conn:
        say(conn)


def back_off(job: Job) -> timedelta:
    """1, 2, 4 … 60 seconds, by the attempts so far."""
    return timedelta(seconds=min(LONGEST_BACK_OFF, 2 ** min(job.attempts - 1, 6)))


def told(error: BaseException, *, again: bool = True) -> dict[str, Any]:
    """The error as a job's answer carries it; of an unforeseen one only its name.

    `again`: whether the job is tried again.
    """
    if isinstance(error, KnownError):
        return {"code": error.code, "zh": error.zh, "en": error.en}
    name = type(error).__name__
    zh, en = _AGAIN if again else _NO_MORE
    return {
        "code": "unexpected",
        "zh": f"平台出现未预期的错误（{name}），{zh}",
        "en": f"The platform met an error ({name}) {en}",
    }
