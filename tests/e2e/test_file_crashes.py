"""A process killed while it keeps a file leaves one version of it, or a delivery to be ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from catalog.database import Database
from catalog.tables import deliveries, file_deliveries, files
from ingest.steps import Step
from lake.location import StoreLocation
from tests.catalog.test_file_resources import RESOURCE, a_file_record
from tests.e2e.test_crashes import ENDED, die_at
from tests.ingest.conftest import database, template
from tests.ingest.office import Office, open_office, recover
from tests.ingest.pictures import a_pdf

__all__ = ["database", "template"]

STEPS = (
    Step.DELIVERY_REGISTERED,
    Step.RAW_KEPT,
    Step.JOB_CLAIMED,
    Step.FILE_JUDGED,
    Step.REPORT_WRITTEN,
    Step.RESULT_RECORDED,
    Step.JOB_ENDED,
)


@pytest.fixture
def archive(database: Database, tmp_path: Path) -> Iterator[Office]:
    yield from opened(database, StoreLocation.folder(tmp_path / "lake"), tmp_path)


@pytest.fixture
def archive_on_s3(database: Database, tmp_path: Path, seaweedfs: StoreLocation) -> Iterator[Office]:
    yield from opened(database, seaweedfs, tmp_path)


def opened(database: Database, place: StoreLocation, home: Path) -> Iterator[Office]:
    office = open_office(database, place, home)
    office.publish(a_file_record())
    yield office
    office.intake.tables.close()


@pytest.mark.parametrize("step", STEPS)
def test_a_restart_finishes_what_a_kill_cut_off(
    archive: Office, database: Database, tmp_path: Path, step: Step
) -> None:
    a_restart_finishes_it(archive, database, tmp_path, step)


@pytest.mark.parametrize("step", [Step.RAW_KEPT, Step.FILE_JUDGED])
def test_the_same_on_a_real_s3_server(
    archive_on_s3: Office, database: Database, tmp_path: Path, step: Step
) -> None:
    a_restart_finishes_it(archive_on_s3, database, tmp_path, step)


def a_restart_finishes_it(office: Office, database: Database, home: Path, step: Step) -> None:
    before = set(office.raw_files())
    file = home / "policy.pdf"
    file.write_bytes(a_pdf())
    die_at(office, database, home, step, str(file), RESOURCE)
    [(state, version)] = registered(database)
    assert (state == "loaded", version) == ((True, 1) if step in ENDED else (False, None))
    assert len(recover(office.intake).finished) == (0 if step in ENDED else 1)
    assert registered(database) == [("loaded", 1)]
    again = office.deliver(
        a_pdf(),
        resource=RESOURCE,
        file_name="policy.pdf",
        data_time=datetime(2026, 11, 2, tzinfo=UTC),
    )
    assert registered(database) == [("loaded", 1)]
    kept = {key: data for key, data in office.raw_files().items() if key not in before}
    assert [data for key, data in kept.items() if not key.endswith(".json")] == [a_pdf()]
    assert list(office.intake.store.list("dept-gongan", "staging/")) == []
    receipt = f"receipts/{RESOURCE}/{again.delivery_id}.json"
    assert office.intake.store.stat("dept-gongan", receipt) is not None


def registered(database: Database) -> list[tuple[str, int | None]]:
    """State and version of every delivery of a file, by plain SQL."""
    query = (
        sa.select(deliveries.c.state, file_deliveries.c.version)
        .join(file_deliveries, file_deliveries.c.delivery_id == deliveries.c.delivery_id)
        .join(files, files.c.file_id == file_deliveries.c.file_id)
        .order_by(deliveries.c.delivery_id)
    )
    with database.reading() as conn:
        return [(state, version) for state, version in conn.execute(query)]
