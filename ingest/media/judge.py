"""Hold what a file is against the ending of its name and what its record expects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest import file_refusals, refusals
from ingest.media.kinds import KINDS, MediaKind, kind_called, kinds_of
from ingest.media.tell import tell
from ingest.refusals import FileRefused
from standards.documents import as_mapping, as_sequence

LONGEST_NAME = 255
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_WORD = re.compile(r"[a-z0-9]+")
# Other names under which people know a media type.
_SAME = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "text/xml": "application/xml",
    "application/x-zip-compressed": "application/zip",
    "application/x-pdf": "application/pdf",
    "application/x-ofd": "application/ofd",
    "text/rtf": "application/rtf",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file is that its resource takes: a short word for it, and its media type."""

    format: str
    media_type: str


def judge(path: Path, name: str, document: Mapping[str, object]) -> Judged:
    """Judge a delivered file by its content, under the name it came by. Raises FileRefused."""
    if not name.strip():
        raise FileRefused(file_refusals.no_file_name())
    if len(name) > LONGEST_NAME:
        raise FileRefused(file_refusals.file_name_too_long(LONGEST_NAME))
    if path.stat().st_size == 0:
        raise FileRefused(refusals.empty_file())
    kind, ending = tell(path), ending_of(name)
    _check_ending(kind, ending)
    media_type = kind.media_type_of(ending)
    _check_record(kind, media_type, document)
    return Judged(kind.code, media_type)


def ending_of(name: str) -> str:
    """The ending of a name in small letters, empty where it has none."""
    found = _ENDING.search(name)
    return "" if found is None else found[1].lower()


def _check_ending(kind: MediaKind, ending: str) -> None:
    """What a name says must be so; an ending that nobody knows says nothing."""
    meant = kind_called(ending)
    if meant is not None and kind.code not in kinds_of(ending):
        raise FileRefused(
            file_refusals.other_content(f".{ending}", meant.zh, kind.zh, meant.en, kind.en)
        )


def _check_record(kind: MediaKind, media_type: str, document: Mapping[str, object]) -> None:
    taken = _media_types(document)
    if taken and not any(_fits(pattern, kind, media_type) for pattern in taken):
        raise FileRefused(file_refusals.type_not_taken(kind.zh, kind.en, taken))
    endings = [] if taken else _endings(document)
    if endings and not any(kind.code in kinds_of(ending) for ending in endings):
        raise FileRefused(file_refusals.type_not_taken(kind.zh, kind.en, endings))


def _media_types(document: Mapping[str, object]) -> list[str]:
    stated = as_sequence(as_mapping(document.get("file")).get("media_types"))
    return [str(each).strip().lower() for each in stated]


def _fits(pattern: str, kind: MediaKind, media_type: str) -> bool:
    wanted = _SAME.get(pattern, pattern)
    # any bytes are an octet stream, and any text is plain text, whatever else its ending says
    if wanted == "text/plain" and kind.is_text:
        return True
    return wanted in {"application/octet-stream", media_type}


def _endings(document: Mapping[str, object]) -> list[str]:
    """The endings that `format.type` names, as `pdf` or `jpg、png`; other words say nothing."""
    stated = str(as_mapping(document.get("format")).get("type", "")).lower()
    known = {ending for kind in KINDS for ending in kind.endings}
    return [word for word in _WORD.findall(stated) if word in known]
