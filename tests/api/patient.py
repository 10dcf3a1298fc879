"""A home that is well, to be broken in one place and examined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.settings import Settings
from api.usecases.doctor import Examination, examine
from catalog.clock import ManualClock
from catalog.database import Database
from tests.api.conftest import services_at
from tests.api.makers import World, make_world

NEVER_BUILT = "view_legal_entity"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home of this module alone: each test breaks one thing and mends it again."""
    services = services_at(tmp_path_factory.mktemp("patient"))
    yield make_world(services)
    services.close()


@pytest.fixture
def settings(world: World) -> Settings:
    return world.services.settings


@pytest.fixture
def database(world: World) -> Database:
    return world.services.database


def failed(found: Examination) -> set[str]:
    """The checks that failed, but for the one view that the world never builds."""
    for check in found.checks:
        assert check.zh
        assert check.en
        assert (check.next_zh is None) == (check.next_en is None) == check.ok
    assert len({check.name for check in found.checks}) == len(found.checks)
    return {check.name for check in found.checks if not check.ok} - {NEVER_BUILT}


def look(settings: Settings, **options: ManualClock) -> set[str]:
    return failed(examine(lambda: settings, **options))


@contextmanager
def changed(database: Database, statement: sa.Executable, back: sa.Executable) -> Iterator[None]:
    with database.transaction() as conn:
        conn.execute(statement)
    try:
        yield
    finally:
        with database.transaction() as conn:
            conn.execute(back)


@contextmanager
def instead(path: Path, content: bytes | None) -> Iterator[None]:
    """Let a file hold something else, or be gone, while the block runs."""
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def now() -> datetime:
    return datetime.now(UTC)
