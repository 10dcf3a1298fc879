"""A worker as a process, or several under one parent: signals, orphans, and the end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from api.bootstrap import Services, open_services
from api.children import Children, datong
from api.logs import configure_logs
from api.settings import Settings
from api.worker.loop import Worker

# A job is given back at its next step; one that comes to none is given back where it stands.
SECONDS_TO_A_STEP = 5.0
_LAST_WORDS = 2.0
_LOOK_FOR_PARENT = 0.5


def run(
    settings: Settings, *, concurrency: int, standby: bool, share: int, parent: int | None
) -> None:
    """Work until SIGTERM or SIGINT, in this process, or in `concurrency` children that are
    started again when they die.

    `share`: among how many the threads and the memory are divided. `parent`: the process without
    which this one has no business to go on.
    """
    configure_logs(settings.logs)
    if concurrency > 1:
        _supervise(concurrency, standby=standby)
    else:
        services = open_services(settings.divided(share))
        work(services, Worker(services, standby=standby), parent=parent)


def _supervise(concurrency: int, *, standby: bool) -> None:
    command = datong("worker", "--share", str(concurrency), "--parent", str(os.getpid()))
    children = Children([[*command, *(["--standby"] if standby else [])]] * concurrency)
    _on_end(children.end)
    children.watch()


def work(services: Services, worker: Worker, *, parent: int | None = None) -> None:
    """Run a worker until this process is told to end, and close its services."""
    ended = threading.Event()
    stopping = threading.Event()

    def stop() -> None:
        worker.stop()
        stopping.set()

    _on_end(stop)
    watching = [threading.Thread(target=_end_hard, args=(worker, stopping, ended), daemon=True)]
    if parent is not None:
        orphan = threading.Thread(target=_end_with, args=(parent, stop, ended), daemon=True)
        watching.append(orphan)
    for thread in watching:
        thread.start()
    try:
        worker.run()
    finally:
        ended.set()
        services.close()


def _on_end(do: Callable[[], None]) -> None:
    def handle(_number: int, _frame: FrameType | None) -> None:
        do()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _end_with(parent: int, stop: Callable[[], None], ended: threading.Event) -> None:
    """A parent that was killed cannot pass a signal on: its child sees that it has another one."""
    while os.getppid() == parent:
        if ended.wait(_LOOK_FOR_PARENT):
            return
    stop()


def _end_hard(worker: Worker, stopping: threading.Event, ended: threading.Event) -> None:
    """Give back a job that comes to no step, and leave: whoever takes it goes on from there, as
    after a kill, only sooner and without a death counted."""
    stopping.wait()
    if ended.wait(SECONDS_TO_A_STEP):
        return
    last_words = threading.Thread(target=worker.give_back, daemon=True)
    last_words.start()
    last_words.join(_LAST_WORDS)
    os._exit(0)
