"""Fixtures of the lake's tests: a store of each kind, and a bucket of this test alone."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from lake.folder_store import FolderStore
from lake.location import LocationKind, StoreLocation
from lake.objects import ObjectStore
from lake.s3_store import S3Store


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
def catalog_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'tables.sqlite'}"
