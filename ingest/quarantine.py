"""Keep the bad rows and their violations beside the delivery; read them back for their owner."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from catalog.deliveries import Delivery
from ingest.intake import Intake
from ingest.run_checks import CheckedRows
from ingest.sentences import sentence
from lake.layout import bucket_of, quarantine_rows_key, quarantine_violations_key
from standards.records import Record


def keep(intake: Intake, delivery: Delivery, checked: CheckedRows) -> None:
    """Store the quarantined rows as text, and every violation, warnings included."""
    resource_id = str(delivery.resource_id)
    bucket = bucket_of(delivery.department_id)
    files = {
        quarantine_rows_key(resource_id, delivery.delivery_id): checked.bad,
        quarantine_violations_key(resource_id, delivery.delivery_id): checked.violations,
    }
    for key, path in files.items():
        if path is not None:
            intake.store.put_file(bucket, key, path)


def violations_of(intake: Intake, delivery: Delivery, record: Record) -> Iterator[dict[str, Any]]:
    """Yield the violations of a delivery in order of rows, with their sentences.

    Each has row, line, key, item, rule, severity, value, zh, en. They hold values as delivered:
    only the delivering department and the auditor may see them.
    """
    if delivery.resource_id is None:
        return
    bucket = bucket_of(delivery.department_id)
    key = quarantine_violations_key(delivery.resource_id, delivery.delivery_id)
    if intake.store.stat(bucket, key) is None:
        return
    with TemporaryDirectory(dir=intake.scratch) as folder:
        path = Path(folder) / "violations.parquet"
        intake.store.get_file(bucket, key, path)
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=10_000):
                for row in batch.to_pylist():
                    yield _told(row, record)


def _told(row: Mapping[str, Any], record: Record) -> dict[str, Any]:
    item = None if row["item"] is None else record.find_item(row["item"])
    zh, en = sentence(row["rule"], item, row["value"])
    return {**row, "zh": zh, "en": en}
