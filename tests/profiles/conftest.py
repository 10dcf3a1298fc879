"""A catalogue of a thousand published records, and the shapes and samples of the profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import Graph

from catalog import platform
from catalog.database import Database, migrate, open_database
from catalog.departments import add
from catalog.profiles.entries import Entry, Site, entries_after, open_site
from standards.code_lists import load_code_lists
from tests.catalog.makers import CIVIL_AFFAIRS, PLATFORM, a_clock, a_department
from tests.conftest import require_part
from tests.profiles.makers import publish_directly, published_record

ADDRESS = "https://data.invalid/share"
MANY = 1000
_DATA = Path(__file__).parents[3] / "shared" / "data" / "dcat"


@pytest.fixture(scope="session")
def dcat_data() -> Path:
    """The files that `make real` reads too, where they are."""
    if not _DATA.is_dir():
        require_part("data", "../shared/data/dcat")
    return _DATA


@pytest.fixture(scope="session")
def shapes(dcat_data: Path) -> Graph:
    """What DCAT-AP 3.0.1 demands, as it was published."""
    return Graph().parse(dcat_data / "dcat-ap/3.0.1/html/shacl/shapes.ttl")


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A thousand published records of every kind."""
    opened = open_database(f"sqlite:///{tmp_path_factory.mktemp('many') / 'catalogue.db'}")
    migrate(opened)
    with opened.transaction() as conn:
        owner = a_department(department_id="datong", code=PLATFORM, name="示例市数据局", duty=None)
        platform.install(conn, {k: v for k, v in owner.items() if v}, "admin", "某人", a_clock())
        add(conn, a_department(), a_clock())
        civil = a_department(
            department_id="minzheng",
            code=CIVIL_AFFAIRS,
            name="示例市民政局",
            duty="civil_affairs",
            parent="gongan",
        )
        add(conn, civil, a_clock())
        publish_directly(conn, map(published_record, range(MANY)))
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def site(many: Database) -> Site:
    with many.reading() as conn:
        return open_site(conn, ADDRESS, load_code_lists())


@pytest.fixture(scope="session")
def entries(many: Database, site: Site) -> list[Entry]:
    """All of them, as the profiles take them."""
    found: list[Entry] = []
    cursor: str | None = None
    with many.reading() as conn:
        while True:
            page, cursor = entries_after(conn, site, cursor, 300)
            found += page
            if cursor is None:
                return found
