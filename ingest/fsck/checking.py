"""What every part of a check has at hand, and how each of them mends or tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from catalog import deliveries, leases
from catalog.deliveries import Delivery
from ingest.fsck.findings import NOTHING, Findings, Group, Kind, Words
from ingest.intake import Intake
from ingest.writer import is_gone
from lake.inventory import TableFiles, UnreadableFile
from lake.objects import ObjectInfo

# Younger things may be part of something that goes on, whatever the registers say of it.
SETTLED = timedelta(days=1)
PAGE = 1000
REWRITTEN: Words = ("已重写", "written again")
REMOVED: Words = ("无人使用，已删除", "used by nobody, removed")


@dataclass(frozen=True, slots=True)
class Options:
    """`dry_run` looks only; `quick` compares sizes and reads no content."""

    dry_run: bool = False
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Checking:
    """One check of one lake; `serving` holds a folder of serving files for each of `views`."""

    intake: Intake
    options: Options
    serving: Path
    views: Sequence[str]
    files: TableFiles
    found: Findings = field(default_factory=Findings)

    @property
    def now(self) -> datetime:
        return self.intake.clock.now()

    def is_settled(self, modified: datetime) -> bool:
        return modified < self.now - SETTLED

    def mend(
        self,
        group: Group,
        kind: Kind,
        mending: Callable[[], Words | None],
        *,
        bucket: str | None = None,
        key: str | None = None,
        about: str | None = None,
        detail: Words = NOTHING,
    ) -> None:
        """Put a thing right, but in a dry run, and tell what became of it."""
        done = None if self.options.dry_run else mending()
        self.tell(group, kind, done, bucket=bucket, key=key, about=about, detail=detail)

    def tell(
        self,
        group: Group,
        kind: Kind,
        done: Words | None = None,
        *,
        bucket: str | None = None,
        key: str | None = None,
        about: str | None = None,
        detail: Words = NOTHING,
    ) -> None:
        """Name a thing with what is wrong with it or, where it was put right, what was done."""
        outcome = group if done is None else Group.REPAIRED
        words = detail if done is None else done
        self.found.add(outcome, kind, bucket=bucket, key=key, about=about, detail=words)

    def remove(self, kind: Kind, bucket: str, info: ObjectInfo, about: str | None) -> None:
        """Remove an object that the caller has shown to be of no use, if it is still the same."""

        def removing() -> Words | None:
            gone = self.intake.store.remove_if_unchanged(bucket, info.key, info)
            return REMOVED if gone else None

        self.mend(Group.ORPHANS, kind, removing, bucket=bucket, key=info.key, about=about)

    def is_held(self, lease: str) -> bool:
        """Whether a living process writes under this lease."""
        with self.intake.database.reading() as conn:
            holder = leases.holder_of(conn, lease, self.now)
        return holder is not None and not is_gone(holder)

    def delivery(self, delivery_id: str) -> Delivery | None:
        """The delivery as the register has it now."""
        with self.intake.database.reading() as conn:
            return deliveries.find(conn, delivery_id)

    def deliveries_of(self, department_id: str) -> Iterator[Delivery]:
        """Every delivery of a department, newest first, a page at a time."""
        before = None
        while True:
            with self.intake.database.reading() as conn:
                page = deliveries.list_deliveries(conn, department_id, limit=PAGE, before=before)
            yield from page
            if len(page) < PAGE:
                return
            before = page[-1].delivery_id


def sizes(expected: int, found: int) -> Words:
    return f"应为 {expected} 字节，现为 {found} 字节", f"{expected} bytes expected, {found} found"


def row_counts(expected: int, found: int) -> Words:
    return f"应为 {expected} 行，现为 {found} 行", f"{expected} rows expected, {found} found"


def unreadable(error: UnreadableFile) -> Words:
    return f"无法读取（{error.reason}）", f"it cannot be read ({error.reason})"


def sums(expected: str, found: str) -> Words:
    return (
        f"登记的 SHA-256 为 {expected}，现为 {found}",
        f"SHA-256 recorded {expected}, found {found}",
    )
