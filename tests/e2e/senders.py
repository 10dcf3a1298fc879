"""Departments and applications that go on, whatever happens: they send, drop and ask."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import urllib3
from minio import Minio
from minio.error import MinioException
from urllib3.exceptions import HTTPError

from lake.location import StoreLocation
from tests.api.makers import ANNA, PURPOSE, a_citizen_number, a_csv

# Longer than any answer that is an answer; who waits for a verdict waits for the whole outage.
PATIENCE = 45
LONG_PATIENCE = 180
RESOURCES = ("population", "births")
ROWS = 3

_serial = count(1)


def a_file() -> tuple[str, bytes]:
    """A file like no other: its name, and three good rows."""
    serial = next(_serial)
    rows = [(a_citizen_number(n), f"第{serial}份第{n}人", "1") for n in range(1, ROWS + 1)]
    return f"f{serial:04d}.csv", a_csv(rows)


@dataclass(frozen=True)
class Asked:
    """One request: when it was sent, when it was answered, and how."""

    what: str
    sent: float
    answered: float
    status: int
    problem: str | None


@dataclass
class Senders:
    """Threads that send until they are told to end; each ends with its file delivered."""

    address: str
    keys: dict[str, str]
    lake: StoreLocation
    asked: list[Asked] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send while the block runs, and at its end see every begun file delivered."""
        work: list[Callable[[], None]] = [
            lambda: self._uploads(prefer="respond-async", patience=PATIENCE, pause=1.0),
            lambda: self._uploads(prefer="", patience=LONG_PATIENCE, pause=1.0),
            lambda: self._drops(pause=3.0),
            lambda: self._lookups(pause=0.25),
            lambda: self._health(pause=0.25),
        ]
        threads = [threading.Thread(target=self._guarded, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._end.set()
            for thread in threads:
                thread.join()

    def of(self, what: str, since: float = 0, until: float = float("inf")) -> list[Asked]:
        """What was asked and answered within a time."""
        return [
            each
            for each in list(self.asked)
            if each.what == what and each.sent > since and each.answered < until
        ]

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test is to tell of it)
            self.failed.append(repr(error))

    def _note(self, what: str, ask: Callable[[], httpx.Response]) -> httpx.Response:
        sent = time.monotonic()
        answer = ask()
        problem = None if answer.is_success else str(answer.json()["type"])
        self.asked.append(Asked(what, sent, time.monotonic(), answer.status_code, problem))
        return answer

    def _uploads(self, *, prefer: str, patience: float, pause: float) -> None:
        headers = self._key("gongan-clerk") | ({"Prefer": prefer} if prefer else {})
        with httpx.Client(base_url=self.address, timeout=patience, headers=headers) as http:
            for number in count():
                if self._end.is_set():
                    return
                name, content = a_file()
                while not self._upload(http, RESOURCES[number % 2], name, content):
                    time.sleep(pause)
                self.delivered.append(name)
                self._end.wait(pause)

    def _upload(self, http: httpx.Client, resource: str, name: str, content: bytes) -> bool:
        what = "upload" if "Prefer" in http.headers else "waiting upload"
        url = f"/v1/resources/{resource}/deliveries"
        facts = {"mode": "full", "data-time": "2026-10-31"}
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return self._note(
            what, lambda: http.post(url, content=content, params=facts, headers=named)
        ).is_success

    def _drops(self, pause: float) -> None:
        lake = self.lake
        service = Minio(
            lake.endpoint,
            lake.access_key,
            lake.secret_key,
            secure=False,
            http_client=urllib3.PoolManager(retries=False, timeout=PATIENCE),
        )
        for number in count():
            if self._end.is_set():
                return
            name, content = a_file()
            key = f"incoming/{RESOURCES[number % 2]}/{name}"
            while not _put(service, key, content):
                time.sleep(pause)
            self.delivered.append(name)
            self._end.wait(pause)

    def _lookups(self, pause: float) -> None:
        body = {"scheme": "citizen", "number": ANNA, "purpose": PURPOSE}
        headers = self._key("hall-app")
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as http:
            while not self._end.wait(pause):
                self._note(
                    "lookup",
                    lambda: http.post("/v1/persons/lookup", json=body, headers=headers),
                )

    def _health(self, pause: float) -> None:
        with httpx.Client(base_url=self.address, timeout=PATIENCE) as http:
            while not self._end.wait(pause):
                self._note("health", lambda: http.get("/healthz"))

    def _key(self, account: str) -> dict[str, Any]:
        return {"Authorization": f"Bearer {self.keys[account]}"}


def _put(service: Minio, key: str, content: bytes) -> bool:
    with suppress(MinioException, HTTPError):
        service.put_object("dept-gongan", key, io.BytesIO(content), len(content))
        return True
    return False
