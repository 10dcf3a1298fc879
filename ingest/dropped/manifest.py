"""Read the manifest beside a dropped file: what its sender says about it, or what is wrong."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.clock import CHINA_TIME
from catalog.deliveries import DeliveryMode
from ingest import refusals
from ingest.dropped.find import DroppedFile, Found
from ingest.dropped.names import MANIFEST_ENDINGS, file_name_of
from ingest.dropped.stream import reading
from ingest.holding import never
from ingest.intake import Intake
from ingest.refusals import FileRefused, Refusal
from standards.documents import DocumentError, load_document
from standards.manifest_check import check_manifest
from standards.violations import errors_of

LARGEST = 1 << 20
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest states; `data_time` is aware."""

    mode: DeliveryMode
    data_time: datetime
    rows: int | None
    sha256: str | None
    idempotency_key: str | None


def ending_of(manifest: Found) -> str:
    """Return json, yaml or yml."""
    return next(ending for ending in MANIFEST_ENDINGS if manifest.key.endswith(f".{ending}"))


def bytes_of(intake: Intake, manifest: Found) -> bytes:
    """Return what a manifest holds; of one too large to be judged, only a byte more than may be."""
    with reading(intake, manifest, never) as stream:
        content = b""
        while len(content) <= LARGEST and (chunk := stream.read(LARGEST + 1 - len(content))):
            content += chunk
    return content


def read_manifest(file: DroppedFile, content: bytes, names: Collection[str]) -> Manifest:
    """Judge a manifest; `names` are those of the file's resource. Raises FileRefused."""
    document = _document(file, content)
    faults = errors_of(check_manifest(document))
    if faults:
        shown = faults[:_SHOWN]
        zh = "；".join(fault.zh for fault in shown)
        en = "; ".join(fault.en for fault in shown)
        raise FileRefused(refusals.invalid_manifest(_place(file, faults[0].path), zh, en))
    _check_agreement(file, document, names)
    rows = document.get("rows")
    return Manifest(
        mode=DeliveryMode(document["mode"]),
        data_time=_moment(file, document["data_time"]),
        rows=None if rows is None else int(rows),
        sha256=document.get("sha256"),
        idempotency_key=document.get("idempotency_key"),
    )


def too_many(file: DroppedFile) -> Refusal:
    """Say that two manifests beside one file are one too many."""
    listed = [file_name_of(manifest.key) for manifest in file.manifests]
    zh = f"同一文件有 {len(listed)} 份清单（{'、'.join(listed)}），只能有一份"
    en = f"the file has {len(listed)} manifests ({', '.join(listed)}) and may have one"
    return refusals.invalid_manifest("、".join(listed), zh, en)


def _document(file: DroppedFile, content: bytes) -> Mapping[str, Any]:
    if len(content) > LARGEST:
        zh, en = f"超过 {LARGEST} 字节", f"it has more than {LARGEST} bytes"
        raise FileRefused(refusals.invalid_manifest(_place(file), zh, en))
    try:
        return load_document(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        zh = f"第 {error.start + 1} 个字节起不是 UTF-8"
        en = f"it is not UTF-8 from byte {error.start + 1} on"
        place = _place(file, f"第 {error.start + 1} 字节 / byte {error.start + 1}")
        raise FileRefused(refusals.invalid_manifest(place, zh, en)) from error
    except DocumentError as error:
        zh, en = f"第 {error.line} 行：{error.zh}", f"line {error.line}: {error.en}"
        place = _place(file, f"第 {error.line} 行 / line {error.line}")
        raise FileRefused(refusals.invalid_manifest(place, zh, en)) from error


def _check_agreement(
    file: DroppedFile, document: Mapping[str, Any], names: Collection[str]
) -> None:
    if document["resource"] not in names:
        found = file.folder or ""
        raise FileRefused(refusals.manifest_of_another("resource", document["resource"], found))
    if document.get("file", file.name) != file.name:
        raise FileRefused(refusals.manifest_of_another("file", document["file"], file.name))


def _moment(file: DroppedFile, text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    try:
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=CHINA_TIME)
        return moment.astimezone(UTC)
    except OverflowError as error:
        zh, en = f"数据时间 {text} 超出范围", f"the data time {text} is out of range"
        refusal = refusals.invalid_manifest(_place(file, "data_time"), zh, en)
        raise FileRefused(refusal) from error


def _place(file: DroppedFile, within: str = "") -> str:
    name = file_name_of(file.manifests[0].key)
    return f"{name} {within}".rstrip()
