"""Keep the delivered bytes for good, and fetch them back with proof that they are the same."""

import hashlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
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


class BytesLost(KnownError):
    """The bytes of a registered delivery are neither staged nor kept."""

    delivery_id: str

    ZH = "批次 {delivery_id} 的文件没有完整保存；请重新报送"
    EN = "the file of delivery {delivery_id} was never kept whole; deliver it again"


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
    key, manifest = keys_of(delivery)
    staged = staging_key(delivery.delivery_id)
    # Another process may be at the same: whose move comes second finds nothing to move.
    with suppress(ObjectNotFound):
        intake.store.move(bucket, staged, key)
    if intake.store.stat(bucket, key) is None:
        raise BytesLost(delivery.delivery_id)
    content = manifest_of(delivery)
    intake.store.put(bucket, manifest, io.BytesIO(content), len(content))
    return key


def verify_raw(intake: Intake, delivery: Delivery) -> None:
    """Read the kept bytes once more, to the last; RawChanged, ObjectNotFound.

    Before this nothing may be removed that could still be read instead.
    """
    digest = hashlib.sha256()
    with intake.store.open(bucket_of(delivery.department_id), str(delivery.raw_key)) as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != delivery.sha256:
        raise RawChanged(delivery.delivery_id, delivery.sha256, digest.hexdigest())


@contextmanager
def fetched_raw(intake: Intake, delivery: Delivery, scratch: Path) -> Iterator[Path]:
    """Give a local file with the kept bytes; RawChanged when they are not the delivered ones.

    They are hashed while the block works on them, and the block's outcome holds only if it ends
    without that error: nothing may be committed within.
    """
    bucket, (key, _) = bucket_of(delivery.department_id), keys_of(delivery)
    if intake.store.stat(bucket, key) is None:
        raise ObjectNotFound(bucket, key)
    path = intake.store.local_path(bucket, key)
    if path is None:
        path = scratch / "delivered"
        intake.store.get_file(bucket, key, path)
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(sha256_of, path)
        try:
            yield path
        finally:
            found = hashing.result()
            if found != delivery.sha256:
                # Whatever was found wrong with the file, it is not the file that was delivered.
                raise RawChanged(delivery.delivery_id, delivery.sha256, found)


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def keys_of(delivery: Delivery) -> tuple[str, str]:
    """Name the places of a delivery's kept bytes and of the manifest beside them."""
    if delivery.resource_id is None:
        return (
            refused_raw_key(delivery.delivery_id, delivery.sha256),
            refused_manifest_key(delivery.delivery_id),
        )
    return (
        raw_key(delivery.resource_id, delivery.delivery_id, delivery.sha256),
        raw_manifest_key(delivery.resource_id, delivery.delivery_id),
    )


def manifest_of(delivery: Delivery) -> bytes:
    """Write the manifest of kept bytes: what the register says of them, as JSON."""
    facts = {
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
        **({} if delivery.dropped is None else {"dropped": delivery.dropped["key"]}),
    }
    return json.dumps(facts, ensure_ascii=False, indent=2).encode()
