"""Commit the good rows of a delivery to its curated table, once, whatever happened before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import curated
from catalog.curated import CuratedTable
from catalog.deliveries import Delivery
from ingest.intake import Intake
from ingest.steps import Step
from lake.checksums import files_property, put_hashed
from lake.curated import arrow_schema
from lake.iceberg import ATTEMPT_PROPERTY, DELIVERY_PROPERTY, Snapshot
from lake.layout import (
    bucket_of,
    curated_data_key,
    curated_data_prefix,
    curated_prefix,
    table_identifier,
)
from standards.records import Record

RESULT_PROPERTY = "datong.result"


@dataclass(frozen=True, slots=True)
class Target:
    """The curated table that a delivery is loaded into."""

    table: CuratedTable
    identifier: tuple[str, str]


def open_target(intake: Intake, delivery: Delivery, record: Record, generation: int) -> Target:
    """Make sure that the table is there, with the columns of the record, and is registered."""
    bucket = bucket_of(delivery.department_id)
    identifier = table_identifier(delivery.department_id, record.resource_id, generation)
    prefix = curated_prefix(record.resource_id, generation)
    intake.tables.ensure_table(bucket, identifier, arrow_schema(record), prefix)
    with intake.database.transaction() as conn:
        table = curated.register_table(
            conn, CuratedTable(record.resource_id, generation, bucket, ".".join(identifier))
        )
    return Target(table, identifier)


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit found in a table's history, with the verdict that travelled in it."""

    snapshot: Snapshot
    result: Mapping[str, Any]


def find_committed(intake: Intake, target: Target, delivery_id: str) -> Committed | None:
    """Look in the table's history for this delivery: a commit whose record was cut off."""
    snapshot = intake.tables.find_delivery(target.identifier, delivery_id)
    if snapshot is None:
        return None
    properties = intake.tables.properties_of(target.identifier, snapshot.snapshot_id)
    return Committed(snapshot, json.loads(properties[RESULT_PROPERTY]))


def is_committed(intake: Intake, delivery: Delivery) -> bool:
    """Whether the rows of a delivery are in its table, recorded or not."""
    if delivery.resource_id is None or delivery.generation is None:
        return False
    identifier = table_identifier(delivery.department_id, delivery.resource_id, delivery.generation)
    return intake.tables.find_delivery(identifier, delivery.delivery_id) is not None


def commit(
    intake: Intake,
    target: Target,
    delivery: Delivery,
    good: Sequence[Path],
    result: Mapping[str, Any],
    attempt: int,
) -> Snapshot:
    """Stage the rows under keys of the attempt's own and commit them in one transaction.

    The verdict travels in the snapshot's properties, so that a restart after a cut between
    commit and record needs nothing but the table.
    """
    resource_id, bucket = str(delivery.resource_id), target.table.bucket
    sums = {}
    for part, path in enumerate(good):
        key = curated_data_key(
            resource_id, target.table.generation, delivery.delivery_id, part, attempt=attempt
        )
        url = intake.location.url(bucket, key)
        sums[url] = put_hashed(intake.store, bucket, key, path)
    intake.on_step(Step.ROWS_STAGED)
    snapshot = intake.tables.append_files(
        target.identifier,
        list(sums),
        {
            **files_property(sums),
            DELIVERY_PROPERTY: delivery.delivery_id,
            ATTEMPT_PROPERTY: str(attempt),
            RESULT_PROPERTY: json.dumps(dict(result), ensure_ascii=False, sort_keys=True),
        },
    )
    intake.on_step(Step.ROWS_COMMITTED)
    return snapshot


def remove_other_attempts(
    intake: Intake, target: Target, delivery: Delivery, committed: Snapshot
) -> None:
    """Remove what attempts that came to nothing have staged, once a commit stands against them.

    What the commit names stays, whoever made it: another attempt may have been faster. One that is
    only thought dead may stage more, but can no longer commit it.
    """
    resource_id, bucket = str(delivery.resource_id), target.table.bucket
    own = intake.tables.data_files_by_delivery(
        target.identifier, committed.snapshot_id, {delivery.delivery_id}
    )
    kept = set(own.get(delivery.delivery_id, ()))
    prefix = curated_data_prefix(resource_id, target.table.generation, delivery.delivery_id)
    for info in list(intake.store.list(bucket, prefix)):
        if intake.location.url(bucket, info.key) not in kept:
            intake.store.remove(bucket, info.key)
