"""Fixtures of the lake's tests: a store of each kind, and a bucket of this test alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from catalog.database_urls import in_schema
from lake.folder_store import FolderStore
from lake.location import LocationKind, StoreLocation
from lake.objects import ObjectStore
from lake.s3_store import S3Store
from tests.conftest import require_part
from tests.lake.site import Site, a_site
from tests.servers.minio import find_minio, minio_server
from tests.servers.weed import find_weed, weed_server


def store_at(location: StoreLocation) -> ObjectStore:
    """Open the adapter for a place."""
    if location.kind is LocationKind.FOLDER:
        return FolderStore(location.root)
    return S3Store(location)


@pytest.fixture
def store(store_location: StoreLocation) -> ObjectStore:
    return store_at(store_location)


@pytest.fixture
def bucket(store: ObjectStore) -> str:
    name = f"dept-{uuid.uuid4().hex[:12]}"
    store.ensure_bucket(name)
    return name


@pytest.fixture
def catalog_url(empty_database: str) -> str:
    """The URL of a table catalogue as Settings makes it: a file, or a schema of its own."""
    sqlite = empty_database.startswith("sqlite")
    return empty_database if sqlite else in_schema(empty_database, "datong_tables")


@pytest.fixture(scope="module", params=["SeaweedFS", "MinIO"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server of each kind that no other test writes to, with the key of one department."""
    part, find, make = {
        "SeaweedFS": ("s3", find_weed, weed_server),
        "MinIO": ("minio", find_minio, minio_server),
    }[request.param]
    program = find()
    if program is None:
        require_part(part)
    with a_site(make(program, tmp_path_factory.mktemp("site"))) as found:
        yield found
