"""A worker in a thread of the process of the tests, for those that need its work alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from api.bootstrap import Services
from api.worker.loop import Worker


@contextmanager
def working(services: Services, **options: Any) -> Iterator[Worker]:
    """Work on what is queued while the block runs; what a worker is told, it is told by options."""
    worker = Worker(services, **{"poll": 0.05, "tasks": (), **options})
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()
