"""A migrated catalogue on both databases, as the tests of the catalogue have it."""

from tests.catalog.conftest import database, migrated_url, template

__all__ = ["database", "migrated_url", "template"]
