"""Checks a delivery manifest (交付清单): what is delivered, as of when, and its control totals."""

from collections.abc import Mapping
from datetime import datetime

from standards.faults import error
from standards.schema_check import check_schema
from standards.violations import Violation


def check_manifest(document: Mapping[str, object]) -> tuple[Violation, ...]:
    """All violations of {resource, mode, data_time, rows?, sha256?, file?, idempotency_key?}."""
    found = check_schema("manifest", document)
    data_time = document.get("data_time")
    if not isinstance(data_time, str) or any(fault.path == "data_time" for fault in found):
        return found
    try:
        datetime.fromisoformat(data_time)
    except ValueError:
        zh, en = "存在的日期和时间", "a date and time that exist"
        return (*found, error("data_time", data_time, "manifest.data_time.date", zh, en))
    return found
