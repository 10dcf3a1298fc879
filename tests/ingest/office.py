"""A department with a lake of its own, so that a test delivers a file and looks at what became."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from catalog import deliveries, records
from catalog.clock import ManualClock
from catalog.database import Database
from catalog.deliveries import Delivery, DeliveryMode
from catalog.ids import SystemIds
from catalog.roles import Role
from ingest.deliver import deliver
from ingest.intake import Intake
from ingest.quarantine import violations_of
from ingest.recover import clear_staging
from ingest.requests import DeliveryRequest
from ingest.work import do_delivery, take
from lake.engine import load_iceberg, open_engine
from lake.folder_store import FolderStore
from lake.iceberg import Tables
from lake.location import LocationKind, StoreLocation
from lake.objects import ObjectStore
from lake.s3_store import S3Store
from standards.code_lists import CodeEntry, CodeList, CodeLists, load_code_lists
from standards.records import read_record
from tests.catalog.makers import NOON, People, a_record, an_item, publish, settle
from tests.catalog.makers import a_person as a_person_account

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HEAD = "身份号码,姓名,性别,出生日期,住址"


def a_number(serial: int, *, region: str = "990101", born: str = "19850214") -> str:
    """A citizen number of a region that was never assigned, with the right check digit."""
    body = f"{region}{born}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def household(**facts: Any) -> dict[str, Any]:
    """The record that most files of these tests are for."""
    items = [
        an_item("id_number", name="身份号码", key=True, length=18, identifier="citizen"),
        an_item("name", name="姓名", nullable=False, aliases=["名字"]),
        an_item("sex", name="性别", length=1, code_list="sex"),
        an_item("birth_date", name="出生日期", data_type="D"),
        an_item("address", name="住址", length=100),
    ]
    for item in items:
        if item["data_type"] == "D":
            del item["length"]
    return a_record(**{"items": items, **facts})


def code_lists() -> CodeLists:
    """The shipped lists, and a division that good rows of these tests lie in."""
    shipped = load_code_lists()
    division = shipped.require("division")
    own = CodeEntry("990101", "示例区")
    extended: CodeList = replace(division, entries=(*division.entries, own))
    return CodeLists({**shipped, "division": extended})


@dataclass(frozen=True)
class Office:
    """What a clerk of the police can do here, and what an independent reader finds."""

    intake: Intake
    people: People

    def publish(self, document: Mapping[str, Any] | None = None) -> str:
        with self.intake.database.transaction() as conn:
            return publish(conn, self.people, document or household()).resource_id

    def deliver(self, content: str | bytes, **facts: Any) -> Delivery:
        return deliver(self.intake, a_request(**facts), io.BytesIO(as_bytes(content)))

    def let_pass(self, time: timedelta) -> None:
        clock = self.intake.clock
        assert isinstance(clock, ManualClock)
        clock.advance(time)

    def violations(self, delivery: Delivery) -> list[dict[str, Any]]:
        with self.intake.database.reading() as conn:
            document = records.document_of(
                conn, str(delivery.resource_id), delivery.record_version or 1
            )
        return list(violations_of(self.intake, delivery, read_record(document)))

    def table(self, resource: str = "household", select: str = "*") -> list[tuple[Any, ...]]:
        """Read the curated table by DuckDB's own Iceberg reader, newest metadata, all rows."""
        with self.intake.database.reading() as conn:
            found = records.published(conn, resource)
        name = (f"dept_{found.department_id}", f"{resource.replace('-', '_')}_g{found.generation}")
        metadata = self.intake.tables.metadata_location(name)
        with open_engine(self.intake.location) as con:
            load_iceberg(con)
            scan = f"SELECT {select} FROM iceberg_scan('{metadata}') ORDER BY _delivery, _row"
            return con.execute(scan).fetchall()

    def raw_files(self) -> dict[str, bytes]:
        """Every kept file by key, as plain bytes."""
        bucket = "dept-gongan"
        keys = [info.key for info in self.intake.store.list(bucket, "raw/")]
        files = {}
        for key in keys:
            with self.intake.store.open(bucket, key) as stream:
                files[key] = stream.read()
        return files


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery did: deliveries brought to their verdict, those left to another process,
    those that failed again (id → what went wrong), and how many staged uploads were removed."""

    finished: tuple[str, ...]
    left: tuple[str, ...]
    failed: Mapping[str, str]
    removed: int


def recover(intake: Intake) -> Recovered:
    """What a worker does in the course of time, done here and now."""
    with intake.database.reading() as conn:
        unfinished = deliveries.unfinished(conn)
    finished, left, failed = [], [], {}
    for delivery in unfinished:
        job = take(intake, delivery)
        if job is None:
            left.append(delivery.delivery_id)
            continue
        try:
            do_delivery(intake, job)
            finished.append(delivery.delivery_id)
        except Exception as error:  # noqa: BLE001 (one that fails keeps no other waiting)
            failed[delivery.delivery_id] = type(error).__name__
    return Recovered(tuple(finished), tuple(left), failed, clear_staging(intake))


def a_request(**facts: Any) -> DeliveryRequest:
    request = {
        "resource": "household",
        "account": "clerk",
        "department_id": "gongan",
        "mode": DeliveryMode.FULL,
        "data_time": datetime(2026, 11, 1, tzinfo=UTC),
        "file_name": "hukou.csv",
    }
    return DeliveryRequest(**{**request, **facts})


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def a_csv(*rows: Sequence[str], head: str = HEAD) -> str:
    return "\n".join([head, *(",".join(row) for row in rows)]) + "\n"


def a_person(serial: int, **facts: str) -> list[str]:
    """One good row of the household record."""
    row = {
        "id_number": a_number(serial),
        "name": f"张{serial}",
        "sex": "1" if serial % 2 else "2",
        "birth_date": "1985-02-14",
        "address": f"和平路{serial}号",
    }
    return list({**row, **facts}.values())


def open_office(database: Database, location: StoreLocation, home: Path) -> Office:
    """Settle departments and accounts, and join the parts as the platform does."""
    with database.transaction() as conn:
        people = settle(conn)
        a_person_account(conn, "clerk", [Role.CLERK])
    return Office(an_intake(database, location, home), people)


def an_intake(database: Database, location: StoreLocation, home: Path) -> Intake:
    folder = location.kind is LocationKind.FOLDER
    store: ObjectStore = FolderStore(location.root) if folder else S3Store(location)
    scratch = home / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return Intake(
        database=database,
        store=store,
        location=location,
        tables=Tables(f"sqlite:///{home / 'tables.db'}", location),
        code_lists=code_lists(),
        clock=ManualClock(NOON),
        ids=SystemIds(),
        scratch=scratch,
    )


def plain_rows(path: Path) -> list[tuple[Any, ...]]:
    """Read one Parquet file by plain DuckDB."""
    with duckdb.connect() as con:
        return con.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
