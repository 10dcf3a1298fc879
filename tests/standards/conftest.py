"""One embedded engine for the tests that compare SQL text with plain Python."""

from collections.abc import Iterator

import duckdb
import pytest


@pytest.fixture(scope="session")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection
