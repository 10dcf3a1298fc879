"""The thread of a server that keeps the search index up with what is published.

One of the processes of a machine writes the index, and asks the database twenty times a second
what is new; the others ask nothing but whether its lock is free, and see what it writes.
"""

from __future__ import annotations

import threading

from api.bootstrap import Services
from api.troubles import Troubles

SECONDS = 0.05  # between two looks: a publication is found well within 200 ms of its commit


class SearchFollowing:
    """Follows while the server runs; a database that is away is waited for."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is being done."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        follower, troubles = self._services.search_follower(), Troubles("search-index")
        while not self._stopping.is_set():
            wait = SECONDS
            try:
                if follower.step():
                    wait = 0.0
                troubles.over()
            except Exception as error:  # noqa: BLE001 (the edge of a thread that must not end)
                follower.close()
                wait = troubles.met(error)
            self._stopping.wait(wait)
        follower.close()
