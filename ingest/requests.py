"""Say what a sender asks when delivering a file."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.deliveries import DeliveryMode
from ingest.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Dropped:
    """Where a file lay in incoming/: its key and that of its manifest, without long numbers.

    The marks name the very objects. `refusal` is what was wrong with the place or the manifest.
    """

    key: str
    mark: str
    manifest: str | None = None
    manifest_mark: str | None = None
    refusal: Refusal | None = None

    def as_json(self) -> Mapping[str, Any]:
        """Return what the register keeps beside the marks."""
        refusal = None if self.refusal is None else self.refusal.as_json()
        return {"key": self.key, "manifest": self.manifest, "refusal": refusal}


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """One file for one resource, as the sender states it.

    `data_time` is the moment the content describes (aware). `rows` and `sha256` are the control
    totals (对账) of the manifest, None where the sender gives none. `dropped` says where the file
    lay if it came through incoming/.
    """

    resource: str
    account: str
    department_id: str
    mode: DeliveryMode
    data_time: datetime
    file_name: str
    rows: int | None = None
    sha256: str | None = None
    idempotency_key: str | None = None
    dropped: Dropped | None = None


def retry_key(request: DeliveryRequest, *, resource: str, sha256: str) -> str:
    """Return what makes two requests the same: resource, sender, mode, data time and bytes.

    `resource` names the generation too: what filled one table is no retry for its successor.
    """
    moment = request.data_time.astimezone(UTC).isoformat()
    parts = (resource, request.department_id, request.mode.value, moment, sha256)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
