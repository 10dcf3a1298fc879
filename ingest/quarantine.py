"""Keep the bad rows and their violations beside the delivery; read them back for their owner."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from catalog.deliveries import Delivery
from ingest.intake import Intake
from ingest.run_checks import CheckedRows
from ingest.sentences import sentence
from lake.checksums import put_hashed, sealed, sha256_of_object
from lake.layout import (
    bucket_of,
    quarantine_rows_key,
    quarantine_sums_key,
    quarantine_violations_key,
)
from standards.records import Record

# What names the objects of a delivery's quarantine, by resource and delivery.
QUARANTINE_KEYS = (quarantine_rows_key, quarantine_violations_key, quarantine_sums_key)


def keep(intake: Intake, delivery: Delivery, checked: CheckedRows) -> None:
    """Store the quarantined rows as text, and every violation, warnings included."""
    resource_id = str(delivery.resource_id)
    bucket = bucket_of(delivery.department_id)
    files = {
        quarantine_rows_key(resource_id, delivery.delivery_id): checked.bad,
        quarantine_violations_key(resource_id, delivery.delivery_id): checked.violations,
    }
    sums = {
        key.rpartition("/")[2]: put_hashed(intake.store, bucket, key, path)
        for key, path in files.items()
        if path is not None
    }
    if sums:
        _put_sums(intake, delivery, sums)


def list_sums(intake: Intake, delivery: Delivery) -> None:
    """List the SHA-256 of the files as they are now: for those that were stored without."""
    resource_id, bucket = str(delivery.resource_id), bucket_of(delivery.department_id)
    keys = (
        quarantine_rows_key(resource_id, delivery.delivery_id),
        quarantine_violations_key(resource_id, delivery.delivery_id),
    )
    sums = {
        key.rpartition("/")[2]: sha256_of_object(intake.store, bucket, key)
        for key in keys
        if intake.store.stat(bucket, key) is not None
    }
    _put_sums(intake, delivery, sums)


def _put_sums(intake: Intake, delivery: Delivery, sums: Mapping[str, str]) -> None:
    content = sealed(sums)
    key = quarantine_sums_key(str(delivery.resource_id), delivery.delivery_id)
    intake.store.put(bucket_of(delivery.department_id), key, io.BytesIO(content), len(content))


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
