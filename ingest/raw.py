"""Keep the delivered bytes for good, and fetch them back with proof that they are the same."""

import hashlib
import io
import json
from pathlib import Path

from catalog.deliveries import Delivery
from catalog.errors import KnownError
from ingest.intake import Intake
from ingest.report import local
from lake.errors import ObjectNotFound
from lake.layout import (
    bucket_of,
    raw_key,
    raw_manifest_key,
    refused_manifest_key,
    refused_raw_key,
    staging_key,
)

CHUNK = 4 << 20


class RawChanged(KnownError):
    """The kept bytes are no longer those that were delivered."""

    delivery_id: str
    expected: str
    found: str

    ZH = (
        "批次 {delivery_id} 的原始文件已改变：登记的 SHA-256 为 {expected}，现为 {found}；"
        "请从备份恢复"
    )
    EN = (
        "the raw file of delivery {delivery_id} has changed: registered as {expected}, "
        "now {found}; restore it from a backup"
    )


def keep_raw(intake: Intake, delivery: Delivery) -> str:
    """Move staged bytes to their lasting place with a manifest; doing it again changes nothing."""
    bucket = bucket_of(delivery.department_id)
    key, manifest = _keys(delivery)
    staged = staging_key(delivery.delivery_id)
    if intake.store.stat(bucket, staged) is not None:
        intake.store.move(bucket, staged, key)
    elif intake.store.stat(bucket, key) is None:
        raise ObjectNotFound(bucket, staged)
    content = json.dumps(_manifest(delivery), ensure_ascii=False, indent=2).encode()
    intake.store.put(bucket, manifest, io.BytesIO(content), len(content))
    return key


def fetch_raw(intake: Intake, delivery: Delivery, scratch: Path) -> Path:
    """Return a local file with the kept bytes; RawChanged when they are not the delivered ones."""
    bucket, (key, _) = bucket_of(delivery.department_id), _keys(delivery)
    path = intake.store.local_path(bucket, key)
    if path is None:
        path = scratch / "delivered"
        intake.store.get_file(bucket, key, path)
    found = sha256_of(path)
    if found != delivery.sha256:
        raise RawChanged(delivery.delivery_id, delivery.sha256, found)
    return path


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _keys(delivery: Delivery) -> tuple[str, str]:
    if delivery.resource_id is None:
        return (
            refused_raw_key(delivery.delivery_id, delivery.sha256),
            refused_manifest_key(delivery.delivery_id),
        )
    return (
        raw_key(delivery.resource_id, delivery.delivery_id, delivery.sha256),
        raw_manifest_key(delivery.resource_id, delivery.delivery_id),
    )


def _manifest(delivery: Delivery) -> dict[str, object]:
    return {
        "delivery_id": delivery.delivery_id,
        "resource": delivery.resource_named,
        "department_id": delivery.department_id,
        "account": delivery.account,
        "mode": delivery.mode.value,
        "data_time": local(delivery.data_time),
        "file_name": delivery.file_name,
        "size": delivery.size,
        "sha256": delivery.sha256,
        "rows_declared": delivery.rows_declared,
        "received_at": local(delivery.received_at),
    }
