"""Make sure that one process writes to a table at a time, and that a dead one blocks nobody."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from catalog import leases
from catalog.lake_errors import LeaseHeld, LeaseLost
from catalog.leases import Lease
from ingest.holding import DATABASE_AWAY, TTL
from ingest.intake import Intake

POLL = 0.05
_ENDED = frozenset("ZX")


def table_lease(resource_id: str) -> str:
    """Name the lease under which a resource's curated table is written."""
    return f"table:{resource_id}"


def view_lease(view_id: str) -> str:
    """Name the lease under which a view is built and its pointer moved."""
    return f"view:{view_id}"


@contextmanager
def sole_writer(
    intake: Intake, name: str, *, wait: bool = True, ttl: timedelta = TTL
) -> Iterator[Lease]:
    """Hold the lease while the block runs, renewed as long as this process lives.

    Without `wait` a lease held elsewhere is LeaseHeld at once. A holder on this machine whose
    process is gone is passed over without waiting for its lease to expire. While the database is
    away the lease may go to another one: `leases.check_fence` says so before anything is recorded.
    """
    lease = _take(intake, name, wait=wait, ttl=ttl)
    stop = threading.Event()
    renewing = threading.Thread(target=_keep, args=(intake, lease, stop, ttl), daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        stop.set()
        renewing.join()
        # One that cannot be given back runs out, and this process may take it again before.
        with suppress(*DATABASE_AWAY), intake.database.transaction() as conn:
            leases.release(conn, lease)


def _take(intake: Intake, name: str, *, wait: bool, ttl: timedelta) -> Lease:
    while True:
        try:
            with intake.database.transaction() as conn:
                return leases.acquire(conn, name, this_process(), intake.clock.now(), ttl)
        except LeaseHeld as held:
            if is_gone(held.holder):
                with intake.database.transaction() as conn:
                    leases.evict(conn, name, held.holder)
            elif not wait:
                raise
            else:
                time.sleep(POLL)


def _keep(intake: Intake, lease: Lease, stop: threading.Event, ttl: timedelta) -> None:
    while not stop.wait(ttl.total_seconds() / 3):
        try:
            with intake.database.transaction() as conn:
                lease = leases.renew(conn, lease, intake.clock.now(), ttl)
        except LeaseLost:
            return
        except DATABASE_AWAY:
            continue


def this_process() -> str:
    """Name this thread of this process so that no other, now or later, has the name."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{_started(pid)}/{threading.get_ident()}"


def is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that has ended."""
    host, pid, started, _thread = holder.rsplit("/", 3)
    if host != socket.gethostname():
        return False
    return _started(int(pid)) != started


def _started(pid: int) -> str:
    """Return when the process began, in clock ticks since boot; empty if it is none or dead."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _alive_elsewhere(pid)
    # The program's name may hold blanks and brackets; the fields after it do not.
    fields = status.rsplit(")", 1)[1].split()
    # One that has ended and that its parent has not asked after works on nothing any more.
    return "" if fields[0] in _ENDED else fields[19]


def _alive_elsewhere(pid: int) -> str:
    # Without /proc (macOS) only life itself can be told, not when it began.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
