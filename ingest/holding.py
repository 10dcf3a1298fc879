"""Hold a claimed job while it is worked on: heartbeat, progress, and word of when to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import TracebackType

import sqlalchemy as sa

from catalog import jobs
from catalog.clock import Clock
from catalog.database import Database
from catalog.job_errors import JobLost
from catalog.jobs import Job
from ingest.intake import Intake
from ingest.steps import Step

TTL = timedelta(seconds=60)
TICK = 1.0
# What the driver says of a database that is away, restarting, or locked for too long; the last one
# comes where no connection came free in time.
DATABASE_AWAY = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


class CancelAsked(Exception):
    """Somebody asked for the end of the job, and it could still be ended."""


class StopAsked(Exception):
    """The process is to end: the job goes back to the queue."""


def never() -> bool:
    """Ask nobody to stop: for a caller that waits for its own job."""
    return False


@dataclass(slots=True)
class Held:
    """A job in hand, as a context: held by a thread that renews it and writes its progress.

    `check` and `report` raise JobLost, CancelAsked or StopAsked; after `settle` neither of the last
    two. A database that is away does not end the hold; whether it still is one is decided by the
    fence when the result is recorded.
    """

    database: Database
    clock: Clock
    job: Job
    ttl: timedelta = TTL
    stopping: Callable[[], bool] = never
    settled: bool = False
    _lost: JobLost | None = None
    _cancelled: bool = False
    _progress: tuple[str, float | None] | None = None
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Held:
        self._thread = threading.Thread(target=self._keep, name="holding", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def report(self, stage: str, done: float | None) -> None:
        """Say how far the work is; what is written is the last word of each second."""
        self._progress = (stage, done)
        self._obey(self._cancelled)

    def check(self) -> None:
        """Ask the database whether to go on."""
        with self.database.reading() as conn:
            asked = jobs.cancel_asked(conn, self.job)
        self._obey(asked)

    def settle(self) -> None:
        """Pass the point from which the work goes to its end, whoever asks for what."""
        if self.settled:
            return
        with self.database.transaction() as conn:
            goes_on = jobs.pass_return(conn, self.job)
        if not goes_on:
            raise CancelAsked
        self.settled = True

    def _obey(self, cancelled: bool) -> None:
        if self._lost is not None:
            raise self._lost
        if self.settled:
            return
        if cancelled:
            raise CancelAsked
        if self.stopping():
            raise StopAsked

    def _keep(self) -> None:
        tick = min(TICK, self.ttl.total_seconds() / 3)
        ticks_a_beat = max(1, int(self.ttl.total_seconds() / 3 / tick))
        ticks = 0
        while not self._end.wait(tick):
            ticks += 1
            try:
                self._tell(beat=ticks >= ticks_a_beat)
            except JobLost as lost:
                self._lost = lost
                return
            except DATABASE_AWAY:
                continue
            if ticks >= ticks_a_beat:
                ticks = 0

    def _tell(self, *, beat: bool) -> None:
        told, self._progress = self._progress, None
        if told is None and not beat:
            with self.database.reading() as conn:
                self._cancelled = jobs.cancel_asked(conn, self.job)
            return
        with self.database.transaction() as conn:
            if beat:
                jobs.heartbeat(conn, self.job, self.clock.now(), self.ttl)
            if told is not None:
                jobs.report_progress(conn, self.job, *told)
            self._cancelled = jobs.cancel_asked(conn, self.job)


# The verdict is decided by then: what is left is to record it, and that minds the fence.
_DECIDED = frozenset({Step.REPORT_WRITTEN, Step.RESULT_RECORDED, Step.JOB_ENDED})


def watched(intake: Intake, held: Held) -> Intake:
    """The same intake, whose steps and progress keep to what the job's holder is told."""

    def on_step(step: Step) -> None:
        intake.on_step(step)
        if step is Step.ROWS_STAGED:
            held.settle()
        elif step not in _DECIDED:
            held.check()

    def progress(stage: str, done: float | None) -> None:
        intake.progress(stage, done)
        held.report(stage, done)

    return replace(intake, on_step=on_step, progress=progress)
