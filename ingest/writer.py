"""Make sure that one process writes to a table at a time, and that a dead one blocks nobody."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from catalog import leases
from catalog.lake_errors import LeaseHeld, LeaseLost
from catalog.leases import Lease
from ingest.intake import Intake

TTL = timedelta(seconds=60)
POLL = 0.05


def table_lease(resource_id: str) -> str:
    """Name the lease under which a resource's curated table is written."""
    return f"table:{resource_id}"


@contextmanager
def sole_writer(intake: Intake, name: str, *, wait: bool = True) -> Iterator[Lease]:
    """Hold the lease while the block runs, renewed as long as this process lives.

    Without `wait` a lease held elsewhere is LeaseHeld at once. A holder on this machine whose
    process is gone is passed over without waiting for its lease to expire.
    """
    lease = _take(intake, name, wait=wait)
    stop = threading.Event()
    renewing = threading.Thread(target=_keep, args=(intake, lease, stop), daemon=True)
    renewing.start()
    try:
        yield lease
    finally:
        stop.set()
        renewing.join()
        with intake.database.transaction() as conn:
            leases.release(conn, lease)


def _take(intake: Intake, name: str, *, wait: bool) -> Lease:
    while True:
        try:
            with intake.database.transaction() as conn:
                return leases.acquire(conn, name, this_process(), intake.clock.now(), TTL)
        except LeaseHeld as held:
            if is_gone(held.holder):
                with intake.database.transaction() as conn:
                    leases.evict(conn, name, held.holder)
            elif not wait:
                raise
            else:
                time.sleep(POLL)


def _keep(intake: Intake, lease: Lease, stop: threading.Event) -> None:
    while not stop.wait(TTL.total_seconds() / 3):
        try:
            with intake.database.transaction() as conn:
                lease = leases.renew(conn, lease, intake.clock.now(), TTL)
        except LeaseLost:
            return


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
    """Return when the process began, in clock ticks since boot; empty if there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _alive_elsewhere(pid)
    # The program's name may hold blanks and brackets; the fields after it do not.
    return status.rsplit(")", 1)[1].split()[19]


def _alive_elsewhere(pid: int) -> str:
    # Without /proc (macOS) only life itself can be told, not when it began.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
