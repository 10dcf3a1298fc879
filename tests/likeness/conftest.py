"""A migrated catalogue on both databases, and a home whose police has published its residents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.conftest import datong, document, served, services_at
from tests.api.makers import World, make_offices
from tests.catalog.conftest import database, migrated_url, template

__all__ = ["database", "datong", "document", "migrated_url", "template"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The offices of a city; its index shows what they have published."""
    services = services_at(tmp_path_factory.mktemp("likeness"))
    made = make_offices(services)
    made.account("minzheng-steward", "steward", department="minzheng")
    made.account("minzheng-reviewer", "reviewer", department="minzheng")
    follower = services.search_follower()
    follower.catch_up()
    follower.close()
    yield made
    services.close()


@pytest.fixture
def http(world: World) -> Iterator[httpx.Client]:
    with served(world.services) as address, httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def keyed(world: World) -> Callable[[str], dict[str, str]]:
    return lambda account: {"Authorization": f"Bearer {world.keys[account]}"}
