"""Checks the registration of an information system (信息系统登记)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from standards.faults import error
from standards.record_rules import check_writable
from standards.schema_check import check_schema
from standards.violations import Violation


def check_system(document: Mapping[str, object]) -> tuple[Violation, ...]:
    """All violations of a registration as written; each is an error."""
    unwritable = check_writable(document)
    if unwritable:
        return tuple(replace(each, rule="system.unwritable") for each in unwritable)
    return (*check_schema("system", document), *_check_date(document))


def _check_date(document: Mapping[str, object]) -> Iterator[Violation]:
    since = document.get("online_since")
    if not isinstance(since, str) or len(since) != len("2026-01-01"):
        return
    try:
        date.fromisoformat(since)
    except ValueError:
        zh, en = "存在的日期", "a date that exists"
        yield error("online_since", since, "system.online_since.date", zh, en)
