"""Drafts found in other catalogues, and what an import made."""

from typing import Any

from api.answers.base import Answer, Moment
from api.answers.records import RecordStateAnswer


class DraftSummary(Answer):
    """One line of a list of drafts; `decisions` counts what is left to decide."""

    draft_id: str
    source: str
    name: str
    department_name: str
    decisions: int
    duplicate_of: str | None
    state: str
    resource_id: str | None
    imported_at: Moment


class DecisionAnswer(Answer):
    """What a person has to decide; `value` is what was found for it."""

    path: str
    value: str | None
    zh: str
    en: str


class DraftAnswer(Answer):
    """A draft: what is known in the fields of a record, what else was found, what is to decide."""

    draft_id: str
    source: str
    position: int
    name: str
    department_name: str
    document: dict[str, Any]
    found: dict[str, Any]
    decisions: list[DecisionAnswer]
    duplicate_of: str | None
    state: str
    imported_at: Moment
    settled_by: str | None
    settled_at: Moment | None
    resource_id: str | None
    reason: str | None


class ClaimAnswer(RecordStateAnswer):
    """The record that was made of a draft."""

    draft_id: str


class ListedAnswer(Answer):
    """A record that made no draft, and why."""

    position: int
    name: str
    reason: str


class DuplicateAnswer(Answer):
    """Two records of a source that bear one title, by position from 0."""

    position: int
    repeats: int
    name: str
    likeness: str
    as_written: bool


class DraftImportAnswer(Answer):
    """What became of a foreign catalogue: `drafts` and the listed records are all its records.

    `added`, `changed`, `unchanged` and `settled` say what was kept of the drafts; `decisions` how
    many drafts leave which field open; `unknown` the spellings that no table knows, by field.
    """

    source: str
    mapping: str
    records: int
    drafts: int
    added: int
    changed: int
    unchanged: int
    settled: int
    listed: list[ListedAnswer]
    decisions: dict[str, int]
    unknown: dict[str, dict[str, int]]
    unmapped: dict[str, int]
    duplicates: list[DuplicateAnswer]


class RefusedLineAnswer(Answer):
    """A line that was not imported, and every fault of its record."""

    line: int
    resource_id: str | None
    violations: list[dict[str, Any]]


class RecordImportAnswer(Answer):
    """What became of a file of complete records; `errors` shows the first of the refused lines."""

    lines: int
    added: int
    changed: int
    unchanged: int
    refused: int
    published: bool
    errors: list[RefusedLineAnswer]
    errors_left_out: int
