"""The loop of one worker: claim a job, do it, claim the next; it ends when it is told to."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
import structlog

from api.bootstrap import Services
from api.errors import NotInitialised
from api.logs import frames_of
from api.problems import problem_of
from api.troubles import Troubles
from api.usecases import work
from api.usecases.recovery import recover
from api.worker.housekeeping import TASKS, Housekeeping, Task
from catalog.jobs import Job

POLL = 0.3
TTL = timedelta(seconds=60)
_SEEN_EVERY = 3.0
_LAST_TASK = 3.0


class Worker:
    """One worker in this process. `run` returns after `stop`, which any thread may call.

    `standby`: it works only while no other worker does.
    """

    def __init__(
        self,
        services: Services,
        *,
        standby: bool = False,
        ttl: timedelta = TTL,
        poll: float = POLL,
        tasks: tuple[Task, ...] = TASKS,
    ) -> None:
        self._services, self._standby, self._ttl = services, standby, ttl
        self._poll = poll
        self._stopping = threading.Event()
        self._housekeeping = Housekeeping(services, self._stopping, tasks)
        self._troubles = Troubles("jobs")
        self._recovered = False
        self._id = ""
        self.job: Job | None = None

    def stop(self) -> None:
        """Give the job back at its next step, and end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`. NotInitialised at once where there is nothing to work on."""
        from ingest.writer import this_process

        self._id = this_process()
        self._housekeeping.start()
        seen = threading.Thread(target=self._stay_seen, name="seen", daemon=True)
        seen.start()
        structlog.get_logger().info("worker-started", worker=self._id, standby=self._standby)
        try:
            while not self._stopping.is_set():
                self._stopping.wait(self._turn())
        finally:
            self._stopping.set()
            seen.join()
            self._housekeeping.join(_LAST_TASK)
            self._say_gone()

    def give_back(self) -> None:
        """What is left to say where the process ends in the middle of a job."""
        job = self.job
        if job is not None:
            work.give_back(self._services, job)
        self._say_gone()

    def _turn(self) -> float:
        """One look at the queue, and what it gave; the seconds until the next."""
        try:
            if not self._recovered:
                recover(self._services)
                self._recovered = True
            if not self._troubles.well:
                self._look_around()
            if not work.may_work(self._services, standby=self._standby):
                return self._poll
            self.job = work.claim_next(self._services, self._id, self._ttl)
            if self.job is None:
                self._troubles.over()
                return self._poll
            self._do(self.job)
        except NotInitialised:
            raise
        except Exception as error:  # noqa: BLE001 (the edge of a job: the worker goes on)
            return self._after(error)
        finally:
            self.job = None
        self._troubles.over()
        return 0.0

    def _do(self, job: Job) -> None:
        work.work_on(
            self._services,
            job,
            ttl=self._ttl,
            stopping=self._stopping.is_set,
        )

    def _look_around(self) -> None:
        """After a trouble: no job is tried before database and store answer again."""
        work.look_around(self._services)

    def _after(self, error: Exception) -> float:
        """What went wrong, in the log; the seconds until the next try of anything."""
        from ingest.failures import ANOTHER_IS_AT_IT, is_away
        from ingest.holding import StopAsked

        if isinstance(error, StopAsked):
            return 0.0
        if self.job is None or is_away(error):
            return self._troubles.met(error)
        self._troubles.over()
        log = structlog.get_logger().bind(job_id=self.job.job_id, error=type(error).__name__)
        if isinstance(error, ANOTHER_IS_AT_IT):
            log.info("job-put-back")
        elif problem_of(error) is not None:
            log.warning("job-failed", says=str(error))
        else:
            log.error("job-failed", says=str(error), frames=frames_of(error))
        return 0.0

    def _stay_seen(self) -> None:
        while True:
            with suppress(sa.exc.SQLAlchemyError, NotInitialised):
                work.say_there(self._services, self._id, standby=self._standby)
            if self._stopping.wait(_SEEN_EVERY):
                return

    def _say_gone(self) -> None:
        with suppress(sa.exc.SQLAlchemyError, NotInitialised):
            work.say_gone(self._services, self._id)
