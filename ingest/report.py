"""Write what the department finds under receipts/: the receipt (回执) and the quality report."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from catalog.deliveries import Delivery
from ingest.intake import Intake
from lake.layout import receipt_key, report_key

LOCAL = ZoneInfo("Asia/Shanghai")


def verdict(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery's verdict as every caller gets it (shared by command, route, report)."""
    refused = delivery.refused
    return {
        "delivery_id": delivery.delivery_id,
        "resource_id": delivery.resource_id,
        "mode": delivery.mode.value,
        "data_time": local(delivery.data_time),
        "file_name": delivery.file_name,
        "sha256": delivery.sha256,
        "size": delivery.size,
        "format": delivery.format,
        "encoding": delivery.encoding,
        "state": delivery.state.value,
        "rows_in": delivery.rows_in or 0,
        "accepted": delivery.accepted or 0,
        "quarantined": delivery.quarantined or 0,
        "refused": 1 if refused else 0,
        "unchanged": delivery.unchanged or 0,
        "rules": dict(delivery.rules),
        "reason": None if delivery.reason is None else dict(delivery.reason),
        "notes": list(delivery.notes),
        "received_at": local(delivery.received_at),
        "loaded_at": None if delivery.loaded_at is None else local(delivery.loaded_at),
    }


def local(moment: datetime) -> str:
    """Show a moment as people here read it: ISO 8601 in Asia/Shanghai, to the second."""
    return moment.astimezone(LOCAL).isoformat(timespec="seconds")


def write_report(intake: Intake, bucket: str, delivery: Delivery) -> None:
    """Write receipt and report; writing them again gives the same bytes."""
    told = verdict(delivery)
    receipt = {
        "receipt": "报送回执 delivery receipt",
        **{name: told[name] for name in _RECEIPT},
        "department_id": delivery.department_id,
        "account": delivery.account,
    }
    _put(intake, bucket, receipt_key(delivery.resource_id, delivery.delivery_id), receipt)
    _put(intake, bucket, report_key(delivery.resource_id, delivery.delivery_id), told)


_RECEIPT = (
    "delivery_id",
    "resource_id",
    "file_name",
    "sha256",
    "size",
    "received_at",
    "mode",
    "data_time",
    "state",
    "rows_in",
    "accepted",
    "quarantined",
    "refused",
    "reason",
)


def _put(intake: Intake, bucket: str, key: str, document: Mapping[str, Any]) -> None:
    content = json.dumps(document, ensure_ascii=False, indent=2).encode()
    intake.store.put(bucket, key, io.BytesIO(content), len(content))
