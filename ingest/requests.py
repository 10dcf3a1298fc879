"""Say what a sender asks when delivering a file."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.deliveries import DeliveryMode


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """One file for one resource, as the sender states it.

    `data_time` is the moment the content describes (aware). `rows` and `sha256` are the control
    totals (对账) of the manifest, None where the sender gives none.
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


def retry_key(request: DeliveryRequest, *, resource: str, sha256: str) -> str:
    """Return what makes two requests the same: resource, sender, mode, data time and bytes.

    `resource` names the generation too: what filled one table is no retry for its successor.
    """
    moment = request.data_time.astimezone(UTC).isoformat()
    parts = (resource, request.department_id, request.mode.value, moment, sha256)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
