"""All tables of the catalogue database as SQLAlchemy Core values."""

from catalog.tables.base import JsonText, UtcTime, metadata
from catalog.tables.lake import curated_tables, deliveries, leases, view_versions
from catalog.tables.organisation import account_keys, accounts, departments, platform_facts
from catalog.tables.records import (
    catalogue_changes,
    code_fronts,
    record_events,
    record_versions,
    records,
    view_definitions,
)
from catalog.tables.sharing import grants
from catalog.tables.work import jobs, rights_revision, workers

__all__ = [
    "JsonText",
    "UtcTime",
    "account_keys",
    "accounts",
    "catalogue_changes",
    "code_fronts",
    "curated_tables",
    "deliveries",
    "departments",
    "grants",
    "jobs",
    "leases",
    "metadata",
    "platform_facts",
    "record_events",
    "record_versions",
    "records",
    "rights_revision",
    "view_definitions",
    "view_versions",
    "workers",
]
