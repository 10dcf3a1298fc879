"""Workbooks of records, templates, and drafts made from a sample."""

from typing import Any

from api.answers.base import Answer
from api.answers.records import RecordStateAnswer


class CheckedRecord(Answer):
    """One record of a workbook: its id and name as written, and the cell where it begins."""

    resource_id: str | None
    name: str | None
    place: str
    valid: bool
    violations: list[dict[str, Any]]


class WorkbookCheck(Answer):
    """The verdict on a workbook; `violations` are those of the workbook and of all its records."""

    valid: bool
    violations: list[dict[str, Any]]
    records: list[CheckedRecord]


class WorkbookAdded(Answer):
    records: list[RecordStateAnswer]


class TemplateAnswer(Answer):
    """A template that was written; `resource_id` is null for that of records."""

    file: str
    resource_id: str | None
    columns: int


class DraftedRecord(Answer):
    """A record proposed from a sample: as YAML with comments, what of it is known, the fields left
    open, and what is worth knowing."""

    yaml: str
    record: dict[str, Any]
    todo: list[str]
    remarks: list[str]
