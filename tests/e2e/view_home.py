"""A home that serves a view while its next version is built: the one that is killed in tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType

from api.usecases.views import build_view, queue_view
from lake.views.serving import ServingReader
from tests.api.makers import a_citizen_number, a_csv
from tests.api.test_worker import Place
from tests.e2e.plain_reader import PlainReader

PERSONS = 40
ALWAYS = a_citizen_number(1)


def names_of(version: int) -> dict[str, str]:
    """Who is in a version, and by which name: no two versions agree on anybody."""
    numbers = [*range(1, PERSONS + 1), 500 + version]
    return {a_citizen_number(number): f"第{number}人第{version}版" for number in numbers}


def file_of(version: int) -> bytes:
    return a_csv((number, name, "2") for number, name in names_of(version).items())


@dataclass
class ViewHome:
    """A home where version n of the view is made of n full deliveries."""

    place: Place
    plain: PlainReader

    @property
    def version(self) -> int:
        return max((version for version, _, _ in self.plain.recorded()), default=0)

    def deliver_next(self) -> None:
        version = self.version + 1
        self.place.world.deliver(file_of(version), data_time=f"2026-10-{version:02d}")

    def queue(self) -> str:
        """The next build, left to a worker."""
        operator = self.place.world.caller("operator")
        return queue_view(self.place.services, operator, "person").job_id

    def build(self) -> None:
        """The next version, built here and served."""
        self.deliver_next()
        operator = self.place.world.caller("operator")
        build_view(self.place.services, operator, "person", progress=lambda *_: None)

    def job(self, job_id: str) -> tuple[str, int, int]:
        """State, attempts and deaths of a job."""
        [row] = self.plain.sql(
            "SELECT state, attempts, deaths FROM jobs WHERE job_id = :job", job=job_id
        )
        return tuple(row)  # type: ignore[return-value]

    def serves(self, version: int) -> bool:
        return self.plain.served().version == version

    def is_working(self, pid: int) -> bool:
        """Whether a worker has said that it is there; it hears signals by then."""
        return any(int(each.split("/")[1]) == pid for each in self.place.alive())

    @contextmanager
    def watched(self) -> Iterator[Watching]:
        with Watching(ServingReader(self.place.home / "serving" / "person")) as watching:
            yield watching


@dataclass
class Watching:
    """Looks the same person up all the time, as an application does, and notes the answers."""

    reader: ServingReader
    answers: list[tuple[int, str | None]] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Watching:
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        assert self._thread is not None
        self._thread.join()

    def saw(self) -> list[int]:
        """The versions seen, in the order of their first answer; every answer was right."""
        assert self.failed == []
        assert {(v, name) for v, name in self.answers} <= {
            (v, names_of(v)[ALWAYS]) for v, _ in self.answers
        }
        versions = [version for version, _ in self.answers]
        assert versions == sorted(versions), "an older version came back"
        return sorted(set(versions))

    def _look(self) -> None:
        try:
            while not self._end.is_set():
                header, subject = self.reader.answer("citizen", ALWAYS)
                name = None if subject is None else subject.cells["name"].value
                self.answers.append((header.version, name))
                time.sleep(0.002)
        except Exception as error:  # noqa: BLE001 (whatever it is, the test is to tell of it)
            self.failed.append(error)
        finally:
            self.reader.close()
