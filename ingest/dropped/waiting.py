"""Tell what lies in incoming/ of every department and why, for an operator to look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from catalog import departments
from ingest.dropped.find import DroppedFile, Found, list_dropped
from ingest.dropped.names import is_nameable
from ingest.dropped.target import waits_for_manifest
from ingest.intake import Intake
from standards.identifiers.hide import without_long_numbers


class WaitsFor(StrEnum):
    """What a thing in incoming/ waits for."""

    WORKER = "worker"  # nothing: it is taken at the next look, if anybody looks
    MANIFEST = "manifest"  # the record asks for one
    FILE = "file"  # a manifest that came first, or too late
    END_OF_WRITING = "end_of_writing"  # its name says that somebody is still at it
    OTHER_NAME = "other_name"  # a name that the store takes from nobody else


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing in incoming/: where (without long numbers), since when, and for what it waits."""

    department_id: str
    key: str
    waits_for: WaitsFor
    since: datetime
    age: timedelta


def waiting(intake: Intake) -> list[Waiting]:
    """List what lies in incoming/ of every department, longest first."""
    with intake.database.reading() as conn:
        owners = departments.list_all(conn)
    found = [each for owner in owners for each in _waiting_of(intake, owner.department_id)]
    return sorted(found, key=lambda each: (each.since, each.key))


def _waiting_of(intake: Intake, department_id: str) -> Iterator[Waiting]:
    now, listing = intake.clock.now(), list_dropped(intake, department_id)
    for file in listing.files:
        yield _told(department_id, file.found, _reason(intake, file), now)
    for manifest in listing.lone_manifests:
        yield _told(department_id, manifest, WaitsFor.FILE, now)
    for other in listing.others:
        nameable = is_nameable(other.key)
        reason = WaitsFor.END_OF_WRITING if nameable else WaitsFor.OTHER_NAME
        yield _told(department_id, other, reason, now)


def _reason(intake: Intake, file: DroppedFile) -> WaitsFor:
    return WaitsFor.MANIFEST if waits_for_manifest(intake, file) else WaitsFor.WORKER


def _told(department_id: str, found: Found, reason: WaitsFor, now: datetime) -> Waiting:
    # A copied file may keep the time of its original; when it was put here is what counts.
    changed = datetime.fromtimestamp(found.changed_ns / 1e9, UTC)
    since = max(found.info.modified, changed)
    age = max(now - since, timedelta())
    # A name that is no text in any encoding we know is shown all the same.
    key = without_long_numbers(found.key).encode(errors="replace").decode()
    return Waiting(department_id, key, reason, since, age)
