"""Write what the department finds under receipts/: the receipt (回执) and the quality report."""

import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from catalog.deliveries import Delivery
from ingest.intake import Intake
from lake.layout import answer_key, receipt_key, report_key

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
        **({} if delivery.files is None else {"files": delivery.files}),
        "rules": dict(delivery.rules),
        "reason": None if delivery.reason is None else dict(delivery.reason),
        "notes": [*_arrival_notes(delivery), *delivery.notes],
        "received_at": local(delivery.received_at),
        "loaded_at": None if delivery.loaded_at is None else local(delivery.loaded_at),
    }


def _arrival_notes(delivery: Delivery) -> list[str]:
    """Say what was taken for granted about a file that came without a manifest."""
    dropped = delivery.dropped
    if dropped is None or dropped["manifest"] is not None or delivery.resource_id is None:
        return []
    mode, moment = delivery.mode.value, local(delivery.data_time)
    zh = f"没有清单：报送方式按记录的默认值 {mode}，数据时间取文件的到达时间 {moment}"
    en = f"no manifest: mode {mode} is the record's default, the data time is the file's arrival"
    return [f"{zh} · {en}, {moment}"]


def local(moment: datetime) -> str:
    """Show a moment as people here read it: ISO 8601 in Asia/Shanghai, to the second."""
    return moment.astimezone(LOCAL).isoformat(timespec="seconds")


def write_report(intake: Intake, bucket: str, delivery: Delivery) -> None:
    """Write receipt and report; writing them again gives the same bytes."""
    for key, document in documents(delivery).items():
        _put(intake, bucket, key, document)
    if delivery.dropped is not None:
        write_answer(intake, bucket, delivery.dropped["key"], delivery)


def documents(delivery: Delivery) -> dict[str, Mapping[str, Any]]:
    """Return receipt and report, by the key of each."""
    resource_id, delivery_id = delivery.resource_id, delivery.delivery_id
    return {
        receipt_key(resource_id, delivery_id): receipt(delivery),
        report_key(resource_id, delivery_id): {**verdict(delivery), **_where_it_lay(delivery)},
    }


def write_answer(intake: Intake, bucket: str, dropped_key: str, delivery: Delivery) -> None:
    """Write a delivery's receipt where it is found by the name of the file that was dropped."""
    answer = {
        **receipt(delivery),
        "dropped": dropped_key,
        "receipt_key": receipt_key(delivery.resource_id, delivery.delivery_id),
        "report_key": report_key(delivery.resource_id, delivery.delivery_id),
    }
    _put(intake, bucket, answer_key(dropped_key), answer)


def receipt(delivery: Delivery) -> dict[str, Any]:
    """Return what the department is given in hand: the verdict without the rules that applied."""
    told = verdict(delivery)
    return {
        "receipt": "报送回执 delivery receipt",
        **{name: told[name] for name in _RECEIPT if name in told},
        "department_id": delivery.department_id,
        "account": delivery.account,
        **_where_it_lay(delivery),
    }


def _where_it_lay(delivery: Delivery) -> dict[str, Any]:
    if delivery.dropped is None:
        return {}
    return {"dropped": delivery.dropped["key"], "manifest": delivery.dropped["manifest"]}


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
    "files",
    "reason",
    "notes",
)


def _put(intake: Intake, bucket: str, key: str, document: Mapping[str, Any]) -> None:
    content = json.dumps(document, ensure_ascii=False, indent=2).encode()
    intake.store.put(bucket, key, io.BytesIO(content), len(content))
