"""Records in workbooks, checked and added, and the templates that are filled in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from api.answers.records import RecordStateAnswer
from api.answers.workbooks import CheckedRecord, TemplateAnswer, WorkbookAdded, WorkbookCheck
from api.bootstrap import local_code_lists
from api.errors import FileNotReadable
from api.usecases.access import Caller, watched
from api.usecases.record_steps import state_answer
from api.usecases.records import published_record, registers_at
from api.usecases.rights import UseCase
from catalog import records
from catalog.errors import InvalidRecord
from catalog.workbooks.errors import FileNotWritable, FileThere, NothingToFillIn
from catalog.workbooks.reading import Check, ReadWorkbook, RecordCells, read_workbook
from standards.elements import optional_text
from standards.identifiers.hide import without_long_numbers
from standards.records import read_record
from standards.violations import Violation, errors_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from api.bootstrap import Services
    from api.settings import Settings


def check_workbook(settings: Settings, path: Path) -> WorkbookCheck:
    """Judge every record of a workbook as `check_record` judges one; nothing is kept."""
    from standards.record_check import check_record

    code_lists, registers = local_code_lists(settings), registers_at(settings)
    read = _read(path, settings)
    found = [
        (each, each.check(lambda document: check_record(document, code_lists, registers=registers)))
        for each in read.records
    ]
    every = [*read.faults, *(violation for _, violations in found for violation in violations)]
    return WorkbookCheck(
        valid=not errors_of(every),
        violations=[violation.as_json() for violation in every],
        records=[_checked(each, violations) for each, violations in found],
    )


def _read(path: Path, settings: Settings) -> ReadWorkbook:
    try:
        return read_workbook(path, local_code_lists(settings))
    except OSError as error:
        raise FileNotReadable(str(path)) from error


def _checked(cells: RecordCells, violations: Iterable[Violation]) -> CheckedRecord:
    found = tuple(violations)
    return CheckedRecord(
        resource_id=optional_text(cells.document.get("resource_id")),
        name=optional_text(cells.document.get("name")),
        place=cells.anchor,
        valid=not errors_of(found),
        violations=[violation.as_json() for violation in found],
    )


def add_workbook(services: Services, caller: Caller, path: Path) -> WorkbookAdded:
    """Write every record of a workbook as `add_record` writes one: all of them, or none.

    Raises InvalidRecord with the violations of all, each with its cell, and what `add_record`
    raises.
    """
    with watched(services, caller, UseCase.RECORD_ADD) as trail:
        read = _read(path, services.settings)
        ids = [str(each.document.get("resource_id")) for each in read.records]
        trail.resource = ids[0] if len(ids) == 1 else None
        trail.rows = len(ids)
        with services.database.transaction() as conn:
            return WorkbookAdded(records=_add_all(conn, services, caller, read, path))


def _add_all(
    conn: sa.Connection, services: Services, caller: Caller, read: ReadWorkbook, path: Path
) -> list[RecordStateAnswer]:
    wrong = list(read.faults)
    added = []
    for cells in read.records:
        try:
            if errors_of(cells.faults):
                raise InvalidRecord(None, cells.faults)
            state = records.add_record(
                conn,
                cells.document,
                caller.require(),
                services.clock,
                code_lists=services.code_lists,
            )
            added.append(state_answer(state))
        except InvalidRecord as error:
            wrong += cells.check(_found(error.violations))
    if errors_of(wrong):
        raise InvalidRecord(without_long_numbers(path.name), tuple(wrong))
    return added


def _found(violations: tuple[Violation, ...]) -> Check:
    return lambda document: violations


def write_record_template(settings: Settings, out: Path, *, force: bool = False) -> TemplateAnswer:
    """Write the workbook in which records are described; FileThere, FileNotWritable."""
    from catalog.workbooks.columns import RecordTables
    from catalog.workbooks.record_workbook import write_template

    code_lists = local_code_lists(settings)
    _claim(out, force=force)
    write_template(out, code_lists)
    tables = RecordTables(code_lists)
    columns = sum(not each.given_by_platform for table in tables for each in table.columns)
    return TemplateAnswer(file=str(out), resource_id=None, columns=columns)


def write_delivery_template(
    services: Services, resource: str, out: Path, *, force: bool = False
) -> TemplateAnswer:
    """Write the workbook for deliveries of a published resource, which everybody may have.

    Raises RecordNotFound, NothingToFillIn, FileThere, FileNotWritable.
    """
    from catalog.workbooks import delivery_template

    record = read_record(published_record(services, resource).document)
    if not record.items:
        raise NothingToFillIn(record.resource_id)
    _claim(out, force=force)
    delivery_template.write_delivery_template(out, record, services.code_lists)
    return TemplateAnswer(file=str(out), resource_id=record.resource_id, columns=len(record.items))


def _claim(out: Path, *, force: bool) -> None:
    """See that a file can be written, before the work: it is not there, or may be replaced."""
    if out.exists() and not force:
        raise FileThere(str(out))
    try:
        out.touch()
    except OSError as error:
        raise FileNotWritable(str(out), error.strerror or type(error).__name__) from error
