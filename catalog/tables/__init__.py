"""All tables of the catalogue database as SQLAlchemy Core values."""

from catalog.tables.base import JsonText, UtcTime, metadata
from catalog.tables.drafts import drafts
from catalog.tables.file_resources import file_deliveries, file_fetches, files
from catalog.tables.lake import curated_tables, deliveries, leases, view_versions
from catalog.tables.organisation import account_keys, accounts, departments, platform_facts
from catalog.tables.publishing import (
    bindings,
    negative_list,
    notices,
    scheduled_publications,
    secrecy_reviews,
)
from catalog.tables.quality import record_scores
from catalog.tables.records import (
    catalogue_changes,
    code_fronts,
    record_events,
    record_versions,
    records,
    view_definitions,
)
from catalog.tables.registers import (
    department_names,
    department_versions,
    element_events,
    element_versions,
    elements,
    information_systems,
    system_versions,
)
from catalog.tables.search import demands
from catalog.tables.sharing import grants
from catalog.tables.work import jobs, rights_revision, workers

__all__ = [
    "JsonText",
    "UtcTime",
    "account_keys",
    "accounts",
    "bindings",
    "catalogue_changes",
    "code_fronts",
    "curated_tables",
    "deliveries",
    "demands",
    "department_names",
    "department_versions",
    "departments",
    "drafts",
    "element_events",
    "element_versions",
    "elements",
    "file_deliveries",
    "file_fetches",
    "files",
    "grants",
    "information_systems",
    "jobs",
    "leases",
    "metadata",
    "negative_list",
    "notices",
    "platform_facts",
    "record_events",
    "record_scores",
    "record_versions",
    "records",
    "rights_revision",
    "scheduled_publications",
    "secrecy_reviews",
    "system_versions",
    "view_definitions",
    "view_versions",
    "workers",
]
