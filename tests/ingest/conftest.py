"""A department ready to deliver, on a folder and on a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.database import Database, migrate, open_database
from lake.location import StoreLocation
from tests.ingest.drops import Inbox, an_inbox
from tests.ingest.office import Office, open_office


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, copied for each test, because migrating each one anew takes longer."""
    path = tmp_path_factory.mktemp("ingest") / "template.db"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as conn:
        conn.exec_driver_sql("COMMIT")
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "catalogue.db"
    path.write_bytes(template.read_bytes())
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.dispose()


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    """The police, their record published, on a local folder."""
    opened = open_office(database, StoreLocation.folder(tmp_path / "lake"), tmp_path)
    opened.publish()
    yield opened
    opened.intake.tables.close()


@pytest.fixture
def office_on_s3(database: Database, tmp_path: Path, seaweedfs: StoreLocation) -> Iterator[Office]:
    """The same on a real S3 server."""
    opened = open_office(database, seaweedfs, tmp_path)
    opened.publish()
    yield opened
    opened.intake.tables.close()


@pytest.fixture
def inbox(database: Database, tmp_path: Path) -> Iterator[Inbox]:
    """The police's incoming/ on a local folder."""
    yield from _opened(database, StoreLocation.folder(tmp_path / "lake"), tmp_path)


@pytest.fixture(params=["folder", "seaweedfs", "minio"])
def any_inbox(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> Iterator[Inbox]:
    """The same on each kind of store in turn."""
    place = (
        StoreLocation.folder(tmp_path / "lake")
        if request.param == "folder"
        else request.getfixturevalue(request.param)
    )
    yield from _opened(database, place, tmp_path)


def _opened(database: Database, place: StoreLocation, home: Path) -> Iterator[Inbox]:
    office = open_office(database, place, home)
    office.publish()
    yield an_inbox(office)
    office.intake.tables.close()
