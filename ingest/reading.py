"""Read a kept file by its format and run the checks on it; fall back to the exact reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from catalog.deliveries import Delivery
from ingest import refusals
from ingest.check_sql import enumerations, plan_checks
from ingest.csv_source import csv_source, exact_source
from ingest.decode import decode
from ingest.formats import FileFormat, tell_format
from ingest.intake import Intake
from ingest.parquet_source import parquet_source
from ingest.refusals import FileRefused
from ingest.run_checks import CheckedRows, RowsDisagree, run_checks
from ingest.source import TextSource
from ingest.statement import check_statement
from ingest.xlsx_source import xlsx_source
from lake.engine import open_engine
from standards.records import Record


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read and checked: what it was, and the rows it gave."""

    format: FileFormat
    source: TextSource
    checked: CheckedRows

    def result(self, unchanged: int) -> dict[str, Any]:
        """Return the facts of the load that the register keeps (LoadResult)."""
        none_good = (_NONE_GOOD,) if not self.checked.accepted else ()
        return {
            "rows_in": self.checked.rows_in,
            "accepted": self.checked.accepted,
            "quarantined": self.checked.quarantined,
            "unchanged": unchanged,
            "rules": dict(self.checked.rules),
            "encoding": self.source.encoding,
            "format": self.format.value,
            "notes": [*map(str, self.source.notes), *none_good],
        }


_NONE_GOOD = (
    "没有一行合格，已有数据保持不变 · no row was accepted; what was loaded before stays in force"
)


@contextmanager
def engine(intake: Intake, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine for one delivery, bounded in memory, spilling into its scratch folder."""
    con = open_engine(
        intake.location,
        threads=intake.threads,
        memory_limit=intake.memory_limit,
        temp_directory=scratch / "spill",
    )
    try:
        yield con
    finally:
        con.close()


def read_and_check(
    intake: Intake,
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    record: Record,
    path: Path,
    scratch: Path,
) -> Reading:
    """Return the checked rows of a file, or FileRefused where it cannot be trusted as a whole."""
    check_statement(delivery)
    kind = tell_format(path)
    for statement in enumerations(record, intake.code_lists):
        con.execute(statement)
    work = _Work(intake, con, delivery, record, scratch)
    reading = _read_text(work, path) if kind is FileFormat.CSV else _read_table(work, kind, path)
    _agree_rows(delivery, reading.checked.rows_in)
    return reading


@dataclass(frozen=True, slots=True)
class _Work:
    """What the reading of one file has at hand."""

    intake: Intake
    con: duckdb.DuckDBPyConnection
    delivery: Delivery
    record: Record
    scratch: Path

    def check(self, source: TextSource, folder: str = "first") -> CheckedRows:
        plan = plan_checks(self.record, source, self.intake.code_lists)
        return run_checks(
            self.con,
            plan,
            delivery_id=self.delivery.delivery_id,
            scratch=self.scratch / folder,
        )


def _read_text(work: _Work, path: Path) -> Reading:
    text = decode(path, work.scratch, parts=work.intake.threads)
    source = csv_source(work.record, text, work.scratch)
    if not source.marked:
        try:
            return Reading(FileFormat.CSV, source, work.check(source))
        except (RowsDisagree, duckdb.Error):
            # The text is less regular than its bytes promised: read it row by row.
            source = exact_source(work.record, text, work.scratch)
    try:
        return Reading(FileFormat.CSV, source, work.check(source, "exact"))
    except RowsDisagree as error:
        refusal = refusals.unexplained_rows(counted=error.counted, read=error.read)
        raise FileRefused(refusal) from error


def _read_table(work: _Work, kind: FileFormat, path: Path) -> Reading:
    try:
        if kind is FileFormat.XLSX:
            source = xlsx_source(work.record, path, work.scratch, work.intake.limits)
        else:
            source = parquet_source(work.record, path)
        return Reading(kind, source, work.check(source))
    except RowsDisagree as error:
        refusal = refusals.unexplained_rows(counted=error.counted, read=error.read)
        raise FileRefused(refusal) from error
    except duckdb.Error as error:
        if kind is FileFormat.PARQUET:
            raise FileRefused(refusals.unreadable("Parquet")) from error
        raise


def _agree_rows(delivery: Delivery, rows: int) -> None:
    if delivery.rows_declared is not None and delivery.rows_declared != rows:
        raise FileRefused(refusals.rows_differ(stated=delivery.rows_declared, found=rows))
