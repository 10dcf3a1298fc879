"""Sends files by both roads, as fast as workers take them, and again where one was refused."""

import io
import json
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from minio import Minio

from api.bootstrap import Services
from benchmarks.kill_storm.files import StormFile, make_file
from benchmarks.kill_storm.reader import Store
from catalog import jobs
from catalog.deliveries import DeliveryMode
from catalog.jobs import JobKind
from examples.office import PLATFORM
from ingest.deliver import register
from ingest.requests import DeliveryRequest
from lake.layout import bucket_of

MOST_WAITING = 8
_WAITING = "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
_STATES = "SELECT sha256, state FROM deliveries WHERE resource_id = %s"
BUILD_EVERY = 4  # files


@dataclass(slots=True)
class Sender:
    """Sends file after file until it is told to stop; half of them are dropped into `incoming/`."""

    services: Services
    store: Store
    dropping: Minio
    resources: list[tuple[str, str]]  # resource, department
    folder: Path
    rows: int
    files: list[StormFile] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def run(self) -> None:
        """Send until stopped."""
        try:
            for number in count():
                while self._waiting() >= MOST_WAITING and not self.stopped.wait(0.1):
                    pass
                if self.stopped.is_set():
                    return
                resource, department = self.resources[number % len(self.resources)]
                file = make_file(
                    self.folder, number, rows=self.rows, resource=resource, department=department
                )
                self.files.append(file)
                self.send(file, drop=number // len(self.resources) % 2 == 1)
                if number % BUILD_EVERY == 0:
                    self._ask_for_a_build()
        except BaseException as error:  # noqa: BLE001 (told by the thread that waits for this one)
            self.error = error

    def send(self, file: StormFile, *, drop: bool) -> None:
        """Deliver one file."""
        if drop:
            self._drop(file)
            return
        request = DeliveryRequest(
            resource=file.resource,
            account=f"{file.department}-steward",
            department_id=file.department,
            mode=DeliveryMode.FULL,
            data_time=file.data_time,
            file_name=file.path.name,
        )
        with file.path.open("rb") as stream:
            register(self.services.intake(), request, stream)

    def finish(self) -> None:
        """Wait until all is done; what was refused or never registered is sent again."""
        while True:
            while self._waiting() or self._lying_in_incoming():
                time.sleep(0.2)
            missing = [file for file in self.files if not self._is_loaded(file)]
            if not missing:
                return
            for file in missing:
                self.send(file, drop=False)

    def _drop(self, file: StormFile) -> None:
        bucket, key = bucket_of(file.department), f"incoming/{file.resource}/{file.path.name}"
        manifest = {
            "resource": file.resource,
            "mode": "full",
            "data_time": file.data_time.isoformat(),
            "sha256": file.sha256,
        }
        content = json.dumps(manifest).encode()
        self.dropping.put_object(bucket, f"{key}.manifest.json", io.BytesIO(content), len(content))
        self.dropping.fput_object(bucket, key, str(file.path))

    def _lying_in_incoming(self) -> bool:
        buckets = {bucket_of(department) for _, department in self.resources}
        return any(
            True
            for bucket in buckets
            for _ in self.dropping.list_objects(bucket, "incoming/", recursive=True)
        )

    def _waiting(self) -> int:
        return int(self.store.register(_WAITING)[0][0])

    def _is_loaded(self, file: StormFile) -> bool:
        return (file.sha256, "loaded") in self.store.register(_STATES, file.resource)

    def _ask_for_a_build(self) -> None:
        services = self.services
        with services.database.transaction() as conn:
            jobs.enqueue(
                conn,
                job_id=services.ids.new(),
                kind=JobKind.VIEW,
                subject="person",
                lane="view:person",
                department_id=PLATFORM,
                account=f"{PLATFORM}-operator",
                now=services.clock.now(),
            )
