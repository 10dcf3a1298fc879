"""A clerk who has nothing but a place to put files, and the watcher that takes them."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from catalog import deliveries
from catalog.clock import ManualClock
from catalog.deliveries import Delivery
from catalog.tables import deliveries as table
from ingest.dropped import DroppedFile, Taken, Watch, ready, take
from ingest.intake import Intake
from ingest.work import see_through
from tests.ingest.office import Office, a_csv, a_person, as_bytes

BUCKET = "dept-gongan"
KEY = "incoming/household/hukou.csv"
ROWS = a_csv(a_person(1), a_person(2), a_person(3, birth_date="2024-02-30"))


def a_manifest(**facts: Any) -> str:
    stated = {"resource": "household", "mode": "full", "data_time": "2026-11-01"}
    return json.dumps({**stated, **facts}, ensure_ascii=False)


@dataclass
class Inbox:
    """What is put into incoming/ of the police, and what is found in the bucket afterwards."""

    office: Office
    watch: Watch = field(default_factory=Watch)
    audited: list[Taken] = field(default_factory=list)

    @property
    def intake(self) -> Intake:
        return self.office.intake

    def put(self, key: str = KEY, content: str | bytes = ROWS) -> None:
        self.intake.store.put(BUCKET, key, io.BytesIO(as_bytes(content)))

    def found(self) -> list[DroppedFile]:
        """What two looks find, so far apart that local files have kept still."""
        assert isinstance(self.intake.clock, ManualClock)
        list(ready(self.intake, self.watch, "gongan"))
        self.intake.clock.advance(timedelta(seconds=2))
        return list(ready(self.intake, self.watch, "gongan"))

    def look(self) -> list[Taken]:
        taken = [take(self.intake, file, on_taken=self.audited.append) for file in self.found()]
        return [each for each in taken if each is not None]

    def take(self) -> Delivery:
        """The one file that lies there, brought to its verdict."""
        [taken] = self.look()
        return see_through(self.intake, taken.delivery)

    def listed(self, prefix: str = "incoming/") -> list[str]:
        return sorted(info.key for info in self.intake.store.list(BUCKET, prefix))

    def read(self, key: str) -> bytes:
        with self.intake.store.open(BUCKET, key) as stream:
            return stream.read()

    def json(self, key: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.read(key))
        return document

    def registered(self) -> list[Delivery]:
        with self.intake.database.reading() as conn:
            ids = conn.scalars(sa.select(table.c.delivery_id).order_by(table.c.delivery_id))
            return [deliveries.require(conn, each) for each in ids.all()]


def an_inbox(office: Office) -> Inbox:
    """An office whose clock is a little ahead of the files that tests write, and an empty inbox."""
    clock = ManualClock(datetime.now(UTC) + timedelta(seconds=10))
    inbox = Inbox(Office(replace(office.intake, clock=clock), office.people))
    inbox.intake.store.ensure_bucket(BUCKET)
    for prefix in ("incoming/", "receipts/_incoming/", "staging/"):
        for key in inbox.listed(prefix):
            inbox.intake.store.remove(BUCKET, key)
    return inbox
