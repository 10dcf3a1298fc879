"""Take the files that departments drop into incoming/ of their buckets, each with an audit line."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import structlog

from api.logs import frames_of
from api.usecases.access import OK, Caller, write_line
from api.usecases.deliveries import trail_of
from api.usecases.rights import UseCase
from catalog import departments
from catalog.errors import KnownError
from lake.layout import bucket_of

if TYPE_CHECKING:
    from api.bootstrap import Services
    from ingest.dropped import DroppedFile, Taken
    from ingest.intake import Intake

T = TypeVar("T")

# Files of so many departments are copied side by side: a large one keeps few others waiting.
SIDE_BY_SIDE = 4
# A look waits so long for what it has begun; what takes longer goes on and is counted later.
PATIENCE_SECONDS = 1.0
SECOND_LOOK_SECONDS = 0.5
# Of one department at one look, so that its thousand files do not keep all others waiting.
MOST_AT_ONCE = 50
FOLDERS_EVERY = timedelta(seconds=30)
# Where the caller of an audit line sits: nobody called, a file lay there.
ADDRESS = "incoming"


def take_dropped(services: Services) -> int:
    """Look into incoming/ of every department once; say how many files were taken or refused.

    To be called every two seconds by one worker; a second one doubles nothing. What fails at one
    file is logged once and tried again later. Raises only what keeps the departments from being
    listed.
    """
    return services.incoming.look()


class Incoming:
    """The watcher of incoming/ in one process; it remembers what it saw at the looks before."""

    def __init__(self, services: Services) -> None:
        from ingest.dropped import Watch

        self._services = services
        self._watch = Watch()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="incoming")
        self._running: dict[str, Future[int]] = {}
        self._folders_at: datetime | None = None

    def look(self) -> int:
        """Begin with every department that is not being worked on; count what has ended."""
        with self._services.database.reading() as conn:
            owners = [each.department_id for each in departments.list_all(conn)]
        self._guarded("", "", self._make_folders)
        for owner in owners:
            if owner not in self._running:
                self._running[owner] = self._pool.submit(self._department, owner)
        wait(self._running.values(), timeout=PATIENCE_SECONDS)
        ended = {owner: each for owner, each in self._running.items() if each.done()}
        for owner in ended:
            del self._running[owner]
        return sum(each.result() for each in ended.values())

    def close(self) -> None:
        """Stop at the next piece of a file; what is half copied is begun anew elsewhere."""
        self._stopping.set()
        self._pool.shutdown(cancel_futures=True)

    def _department(self, department_id: str) -> int:
        bucket = bucket_of(department_id)
        if not self._watch.may_try(bucket, "", self._services.clock.now()):
            return 0
        files = self._guarded(bucket, "", lambda: self._ready(department_id)) or []
        if not files and self._watch.was_restless(bucket):
            # A local file must be seen twice: not to wait for the next look with it.
            self._stopping.wait(SECOND_LOOK_SECONDS)
            files = self._guarded(bucket, "", lambda: self._ready(department_id)) or []
        return sum(
            self._guarded(bucket, each.key, self._taking(each)) is not None for each in files
        )

    def _ready(self, department_id: str) -> list[DroppedFile]:
        from ingest.dropped import ready

        return list(islice(ready(self._intake(), self._watch, department_id), MOST_AT_ONCE))

    def _taking(self, file: DroppedFile) -> Callable[[], Taken | None]:
        from ingest.dropped import take

        return lambda: take(
            self._intake(), file, on_taken=self._write_line, stopping=self._stopping.is_set
        )

    def _intake(self) -> Intake:
        return self._services.intake()

    def _make_folders(self) -> None:
        from ingest.dropped import make_folders

        now = self._services.clock.now()
        if self._folders_at is None or now >= self._folders_at:
            self._folders_at = now + FOLDERS_EVERY
            make_folders(self._intake())

    def _write_line(self, taken: Taken) -> None:
        """The audit line of a delivery that nobody called for: its sender put a file somewhere."""
        delivery, services = taken.delivery, self._services
        trail = trail_of(UseCase.DELIVER, delivery)
        trail.detail |= {"dropped": taken.file.key, "again": taken.again}
        write_line(services, Caller(services.ids.new(), ADDRESS, taken.account), trail, OK)

    def _guarded(self, bucket: str, key: str, work: Callable[[], T]) -> T | None:
        """Do one piece of work; one that fails keeps no other from being done."""
        from ingest.dropped import DropChanged, Stopped

        try:
            done = work()
        except (DropChanged, Stopped):
            return None
        except Exception as error:  # noqa: BLE001 (one file, or one bucket, is not all the others)
            self._note(bucket, key, error)
            return None
        self._watch.succeeded(bucket, key)
        return done

    def _note(self, bucket: str, key: str, error: Exception) -> None:
        frames = frames_of(error)
        kind = type(error).__name__
        if self._watch.failed(bucket, key, f"{kind} {frames[-1]}", self._services.clock.now()):
            structlog.get_logger().error(
                "dropped-file-not-taken",
                bucket=bucket,
                key=key,
                error=kind,
                said=str(error) if isinstance(error, KnownError) else None,
                frames=frames,
            )
