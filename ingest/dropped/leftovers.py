"""Keep the manifests that were dropped, and remove those whose delivery has been made."""

import hashlib
import io
from dataclasses import replace

from catalog import deliveries
from catalog.deliveries import Delivery
from ingest.dropped.find import DroppedFile, Found
from ingest.dropped.manifest import LARGEST, bytes_of, ending_of
from ingest.dropped.stream import DropChanged, reading
from ingest.holding import never
from ingest.intake import Intake
from lake.layout import received_manifest_key


def keep_manifest(intake: Intake, delivery: Delivery, manifest: Found, content: bytes) -> None:
    """Keep a manifest as it came, beside the raw file; doing it again changes nothing."""
    whole = len(content) <= LARGEST
    sha256 = hashlib.sha256(content).hexdigest() if whole else _sha256_of(intake, manifest)
    key = received_manifest_key(str(delivery.raw_key), sha256, ending_of(manifest))
    if whole:
        intake.store.put(manifest.bucket, key, io.BytesIO(content), len(content))
    else:
        intake.store.copy(manifest.bucket, manifest.key, key)


def _sha256_of(intake: Intake, manifest: Found) -> str:
    digest = hashlib.sha256()
    with reading(intake, manifest, never) as stream:
        while chunk := stream.read(LARGEST):
            digest.update(chunk)
    return digest.hexdigest()


def without_used_manifests(intake: Intake, file: DroppedFile) -> DroppedFile:
    """Remove, and leave out, manifests that counted for an earlier file of the same name."""
    mark = file.found.mark
    own = [each for each in file.manifests if not remove_used_manifest(intake, each, beside=mark)]
    return replace(file, manifests=tuple(own))


def remove_used_manifest(intake: Intake, manifest: Found, *, beside: str | None) -> bool:
    """Remove a manifest that a delivery of another file has used; say whether it is used up.

    `beside` is the mark of the file it lies beside. One manifest counts for one delivery: it must
    not speak for the next file of the same name.
    """
    with intake.database.reading() as conn:
        owner = deliveries.find_by_manifest_mark(conn, manifest.mark)
    if owner is None or owner.raw_key is None or owner.drop_mark == beside:
        return False
    try:
        keep_manifest(intake, owner, manifest, bytes_of(intake, manifest))
    except DropChanged:
        return True
    intake.store.remove_if_unchanged(manifest.bucket, manifest.key, manifest.info)
    return True
