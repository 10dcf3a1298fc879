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
from ingest.decode import DecodedText, decode
from ingest.formats import FileFormat, tell_format
from ingest.intake import Intake
from ingest.parquet_source import parquet_source
from ingest.refusals import FileRefused
from ingest.run_checks import CheckedRows, RowsDisagree, run_checks
from ingest.source import TextSource
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
    if delivery.sha256_declared not in {None, delivery.sha256}:
        stated = str(delivery.sha256_declared)
        raise FileRefused(refusals.sha256_differs(stated=stated, found=delivery.sha256))
    kind = tell_format(path)
    for statement in enumerations(record, intake.code_lists):
        con.execute(statement)
    text = decode(path, scratch) if kind is FileFormat.CSV else None
    source = _source(intake, kind, record, path, text, scratch)
    try:
        checked = _run(intake, con, delivery, record, source, scratch)
    except (RowsDisagree, duckdb.Error) as error:
        # The engine found the text less regular than its bytes promised: read it row by row.
        if text is None or source.faults:
            raise _unreadable(kind, error) from error
        source = exact_source(record, text, scratch)
        try:
            checked = _run(intake, con, delivery, record, source, scratch)
        except RowsDisagree as still:
            raise _unreadable(kind, still) from still
    _agree_rows(delivery, checked.rows_in)
    return Reading(kind, source, checked)


def _source(
    intake: Intake,
    kind: FileFormat,
    record: Record,
    path: Path,
    text: DecodedText | None,
    scratch: Path,
) -> TextSource:
    if text is not None:
        return csv_source(record, text, scratch)
    if kind is FileFormat.XLSX:
        return xlsx_source(record, path, scratch, intake.limits.workbook_bytes)
    return parquet_source(record, path)


def _run(
    intake: Intake,
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    record: Record,
    source: TextSource,
    scratch: Path,
) -> CheckedRows:
    plan = plan_checks(record, source, intake.code_lists)
    return run_checks(con, plan, delivery_id=delivery.delivery_id, scratch=scratch)


def _agree_rows(delivery: Delivery, rows: int) -> None:
    if delivery.rows_declared is not None and delivery.rows_declared != rows:
        raise FileRefused(refusals.rows_differ(stated=delivery.rows_declared, found=rows))


def _unreadable(kind: FileFormat, error: Exception) -> Exception:
    if isinstance(error, RowsDisagree):
        return FileRefused(refusals.unexplained_rows(counted=error.counted, read=error.read))
    if kind is FileFormat.PARQUET and isinstance(
        error, duckdb.IOException | duckdb.InvalidInputException
    ):
        return FileRefused(refusals.unreadable("Parquet"))
    return error
