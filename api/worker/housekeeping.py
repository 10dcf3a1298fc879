"""What is done again and again by one worker of all: the one that holds the lease for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.bootstrap import Services
from api.troubles import Troubles
from api.usecases.record_steps import publish_when_due
from api.usecases.recovery import adopt_deliveries, clear_abandoned
from api.usecases.views import serve_recorded
from catalog import leases
from catalog.leases import Lease

LEASE = "housekeeping"
# another worker takes over so soon after this one has died on another machine
TTL = timedelta(seconds=15)
_ROUND = 0.5


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done every so often; it says how much it found to do."""

    name: str
    every: timedelta
    do: Callable[[Services], int]


def _take_dropped(services: Services) -> int:
    from api.usecases.dropped import take_dropped

    return take_dropped(services)


def _score(services: Services) -> int:
    from api.usecases.quality import score_due

    return score_due(services)


TASKS = (
    Task("take-dropped", timedelta(seconds=2), _take_dropped),
    Task("adopt", timedelta(seconds=10), adopt_deliveries),
    Task("publish-due", timedelta(seconds=10), publish_when_due),
    Task("serve-recorded", timedelta(seconds=10), serve_recorded),
    Task("score", timedelta(minutes=1), _score),
    Task("clear-abandoned", timedelta(hours=1), clear_abandoned),
)


class Housekeeping:
    """A thread that tries to be the housekeeper, and does the tasks while it is."""

    def __init__(
        self,
        services: Services,
        stopping: threading.Event,
        tasks: tuple[Task, ...] = TASKS,
        ttl: timedelta = TTL,
    ) -> None:
        self._services, self._stopping = services, stopping
        self._tasks, self._ttl = tasks, ttl
        self._due: dict[str, datetime] = {}
        self._troubles = {task.name: Troubles(task.name) for task in tasks}
        self._lease_troubles = Troubles(LEASE)
        self._thread = threading.Thread(target=self._run, name=LEASE, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the end of the task that is going on, but not for ever."""
        self._thread.join(seconds)

    def _run(self) -> None:
        from catalog.lake_errors import LeaseHeld
        from ingest.writer import sole_writer

        while not self._stopping.is_set():
            wait = 2.0
            try:
                intake = self._services.intake()
                with sole_writer(intake, LEASE, wait=False, ttl=self._ttl) as lease:
                    self._lease_troubles.over()
                    while not self._stopping.is_set() and self._is_mine(lease):
                        self._round()
                        self._stopping.wait(_ROUND)
            except LeaseHeld:
                self._lease_troubles.over()
            except Exception as error:  # noqa: BLE001 (the edge of a thread that must not end)
                wait = self._lease_troubles.met(error)
            self._stopping.wait(wait)

    def _is_mine(self, lease: Lease) -> bool:
        with self._services.database.reading() as conn:
            return leases.is_newest(conn, lease)

    def _round(self) -> None:
        for task in self._tasks:
            now = self._services.clock.now()
            if self._stopping.is_set() or self._due.get(task.name, now) > now:
                continue
            self._do(task)
            # counted from its beginning: how long it took adds nothing to what waits for the next
            self._due[task.name] = now + task.every

    def _do(self, task: Task) -> None:
        try:
            task.do(self._services)
        except Exception as error:  # noqa: BLE001 (one task that fails keeps no other waiting)
            self._troubles[task.name].met(error)
        else:
            self._troubles[task.name].over()
