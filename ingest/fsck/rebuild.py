"""Make the files of a delivery once more from its raw bytes, to put back what was damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from catalog import records
from catalog.deliveries import Delivery
from catalog.errors import KnownError
from ingest.intake import Intake
from ingest.raw import fetched_raw
from ingest.reading import engine, read_and_check
from ingest.refusals import FileRefused
from ingest.run_checks import CheckedRows, RowsDisagree
from standards.records import read_record

# What raw bytes that are damaged as well, or rules that have changed since, lead to.
_NOT_AGAIN = (KnownError, FileRefused, RowsDisagree, duckdb.Error)


@contextmanager
def rebuilt(intake: Intake, delivery: Delivery, parts: int = 0) -> Iterator[CheckedRows | None]:
    """Give the checked rows of a delivery as its load had them; None where that fails.

    With as many threads as the load had `parts`, the same program writes the same bytes. Nothing
    of the lake is touched. Hold no file after the block.
    """
    intake.progress(f"重建批次 rebuilding delivery {delivery.delivery_id}", None)
    intake.scratch.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=intake.scratch) as folder:
        yield _checked(replace(intake, threads=parts or intake.threads), delivery, Path(folder))


def _checked(intake: Intake, delivery: Delivery, scratch: Path) -> CheckedRows | None:
    try:
        with intake.database.reading() as conn:
            document = records.document_of(
                conn, str(delivery.resource_id), delivery.record_version or 1
            )
        record = read_record(document)
        with engine(intake, scratch) as con, fetched_raw(intake, delivery, scratch) as path:
            return read_and_check(intake, con, delivery, record, path, scratch).checked
    except _NOT_AGAIN:
        return None
