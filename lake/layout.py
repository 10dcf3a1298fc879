"""Names every bucket, key and table of the lake: where a thing lies follows from what it is."""

from __future__ import annotations

import hashlib
import re

from lake.errors import UnsafeKey

BASE_BUCKET = "datong-base"
BASE_NAMESPACE = "base"
INCOMING = "incoming/"

_LONGEST_NAME = 240
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def bucket_of(department_id: str) -> str:
    """Name the bucket of a department."""
    return f"dept-{_safe(department_id)}"


def staging_key(upload_id: str) -> str:
    """Name the place of an upload whose hash is not known yet."""
    return f"staging/{_safe(upload_id)}"


def raw_key(resource_id: str, delivery_id: str, sha256: str) -> str:
    """Name the place of the delivered bytes, which are never changed again."""
    return f"raw/{_safe(resource_id)}/{_safe(delivery_id)}/{_safe(sha256)}"


def raw_manifest_key(resource_id: str, delivery_id: str) -> str:
    """Name the manifest beside the delivered bytes."""
    return f"raw/{_safe(resource_id)}/{_safe(delivery_id)}/manifest.json"


def refused_raw_key(delivery_id: str, sha256: str) -> str:
    """Name the place, in the sender's bucket, of a file refused before its resource is known."""
    # No resource is called so: the id of a resource begins with a letter.
    return f"raw/_refused/{_safe(delivery_id)}/{_safe(sha256)}"


def refused_manifest_key(delivery_id: str) -> str:
    """Name the manifest beside a file refused before its resource is known."""
    return f"raw/_refused/{_safe(delivery_id)}/manifest.json"


def received_manifest_key(raw_key: str, sha256: str, ending: str) -> str:
    """Name the place, beside delivered bytes, of a manifest as its sender wrote it."""
    folder, _, _ = raw_key.rpartition("/")
    return f"{folder}/manifest.received-{_safe(sha256[:12])}.{_safe(ending)}"


def quarantine_rows_key(resource_id: str, delivery_id: str) -> str:
    """Name the Parquet file of a delivery's bad rows, every item as text."""
    return f"quarantine/{_safe(resource_id)}/{_safe(delivery_id)}/rows.parquet"


def quarantine_violations_key(resource_id: str, delivery_id: str) -> str:
    """Name the Parquet file of the violations of a delivery's bad rows."""
    return f"quarantine/{_safe(resource_id)}/{_safe(delivery_id)}/violations.parquet"


def quarantine_sums_key(resource_id: str, delivery_id: str) -> str:
    """Name the list of the SHA-256 of a delivery's quarantine files, beside them."""
    return f"quarantine/{_safe(resource_id)}/{_safe(delivery_id)}/sums.json"


def curated_prefix(resource_id: str, generation: int) -> str:
    """Name the folder of one curated table: its data and its Iceberg metadata."""
    return f"curated/{_safe(resource_id)}/g{generation:d}"


def curated_data_prefix(resource_id: str, generation: int, delivery_id: str) -> str:
    """Name the folder of a delivery's Parquet files, those of all attempts."""
    return f"{curated_prefix(resource_id, generation)}/data/{_safe(delivery_id)}/"


def curated_data_key(
    resource_id: str, generation: int, delivery_id: str, part: int, *, attempt: int = 1
) -> str:
    """Name one Parquet file of one attempt: what is committed is never written to again, not even
    by an attempt that was thought dead and comes back."""
    prefix = curated_data_prefix(resource_id, generation, delivery_id)
    return f"{prefix}a{attempt:d}-part-{part:05d}.parquet"


def receipt_key(resource_id: str | None, delivery_id: str) -> str:
    """Name the receipt of a delivery (`_refused` where its resource was never known)."""
    return f"receipts/{_receipt_folder(resource_id)}/{_safe(delivery_id)}.json"


def report_key(resource_id: str | None, delivery_id: str) -> str:
    """Name the quality report of a delivery, beside its receipt."""
    return f"receipts/{_receipt_folder(resource_id)}/{_safe(delivery_id)}.report.json"


def answer_key(dropped_key: str) -> str:
    """Name the newest answer to a file that lay in incoming/, found by the name of the file.

    `incoming/household/a.csv` is answered in `receipts/_incoming/household/a.csv.json`; deeper
    folders become part of the name, and what has no folder of a resource lies in `_`.
    """
    folder, _, name = dropped_key.removeprefix(INCOMING).partition("/")
    if not name or _ID.fullmatch(folder) is None:
        folder, name = "_", dropped_key.removeprefix(INCOMING)
    flat = name.replace("/", "__")
    if len(flat.encode()) > _LONGEST_NAME:
        # a file system takes no name of more than 255 bytes
        digest = hashlib.sha256(flat.encode()).hexdigest()
        flat = f"{flat[:50]}-{digest[:12]}"
    return f"receipts/_incoming/{folder}/{flat}.json"


def table_identifier(department_id: str, resource_id: str, generation: int) -> tuple[str, str]:
    """Name the Iceberg table of a resource and generation as (namespace, table).

    No slug holds `_`, so two resources never share a name.
    """
    namespace = bucket_of(department_id).replace("-", "_")
    return namespace, f"{_safe(resource_id).replace('-', '_')}_g{generation:d}"


def view_prefix(table: str) -> str:
    """Name the folder, in the base bucket, of one table of a view (`person`)."""
    return f"curated/{_safe(table)}"


def view_data_key(table: str, view_version: int, part: int, *, build: str) -> str:
    """Name one Parquet file that one build, of an id of its own, writes for a view's table.

    Builds that end before they are recorded have the version of the next: what one of them
    committed is never written to again.
    """
    folder = f"v{view_version:06d}-{_safe(build)}"
    return f"{view_prefix(table)}/data/{folder}/part-{part:05d}.parquet"


def _receipt_folder(resource_id: str | None) -> str:
    return "_refused" if resource_id is None else _safe(resource_id)


def _safe(name: str) -> str:
    if _ID.fullmatch(name) is None:
        raise UnsafeKey(name)
    return name
