"""What a check found: each thing once, in the group of what became of it, with its next step."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

Words = tuple[str, str]
NOTHING: Words = ("", "")


class Group(StrEnum):
    """What is wrong with a thing that was found, or that it was put right."""

    ORPHANS = "orphans"
    MISSING = "missing"
    CHANGED = "changed"
    UNFINISHED = "unfinished"
    REPAIRED = "repaired"


class Kind(StrEnum):
    """What was found."""

    RAW = "raw"
    MANIFEST = "manifest"
    QUARANTINE = "quarantine"
    RECEIPT = "receipt"
    CURATED_DATA = "curated_data"
    CURATED_ROWS = "curated_rows"
    TABLE = "table"
    METADATA = "metadata"
    SNAPSHOT = "snapshot"
    VIEW_DATA = "view_data"
    VIEW_ROWS = "view_rows"
    VIEW_BUILD = "view_build"
    SERVING = "serving"
    POINTER = "pointer"
    STAGING = "staging"
    UPLOAD = "upload"
    DELIVERY = "delivery"
    JOB = "job"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing: where it is (`bucket` null for what is no object), whose, and what to do.

    `about` is a delivery, a resource or a view; `next` is null where nothing is left to do.
    """

    kind: Kind
    bucket: str | None
    key: str | None
    about: str | None
    zh: str
    en: str
    next: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Findings:
    """What was found so far, by group."""

    def __init__(self) -> None:
        self._by: dict[Group, list[Finding]] = {group: [] for group in Group}

    def add(
        self,
        group: Group,
        kind: Kind,
        *,
        bucket: str | None = None,
        key: str | None = None,
        about: str | None = None,
        detail: Words = NOTHING,
    ) -> None:
        """Name a thing; `detail` says what it should be and is, or what was done with it."""
        from ingest.fsck.sentences import said

        zh, en, following = said(
            group, kind, place="/".join(part for part in (bucket, key) if part), detail=detail
        )
        self._by[group].append(
            Finding(kind=kind, bucket=bucket, key=key, about=about, zh=zh, en=en, next=following)
        )

    def of(self, group: Group) -> tuple[Finding, ...]:
        return tuple(self._by[group])

    @property
    def ok(self) -> bool:
        """Nothing is left: what was wrong, if anything, was put right."""
        return not any(self._by[group] for group in Group if group is not Group.REPAIRED)

    def as_json(self) -> dict[str, Any]:
        found = {str(group): [each.as_json() for each in self._by[group]] for group in Group}
        return {"ok": self.ok, **found}
