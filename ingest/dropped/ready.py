"""Pick, of what lies in a department's incoming/, the files whose time has come."""

from collections.abc import Iterator
from contextlib import suppress

from ingest.dropped.find import DroppedFile, Listing, list_dropped
from ingest.dropped.leftovers import remove_used_manifest
from ingest.dropped.target import waits_for_manifest
from ingest.dropped.watch import Watch
from ingest.intake import Intake
from lake.errors import StoreUnavailable
from lake.layout import bucket_of
from lake.location import LocationKind


def ready(intake: Intake, watch: Watch, department_id: str) -> Iterator[DroppedFile]:
    """Yield the whole files of one department that have all they need, oldest first.

    An object of a service is whole when it is listed; a local file when it has kept still. A
    manifest that a crash left without its file is removed on the way.
    """
    listing = list_dropped(intake, department_id)
    watch.keep_only(bucket_of(department_id), set(_keys(listing)))
    for manifest in listing.lone_manifests:
        # No file depends on it: where that fails, the next look is soon enough.
        with suppress(StoreUnavailable):
            remove_used_manifest(intake, manifest, beside=None)
    # All are looked at, so that at the next look each has been seen before.
    for file in [each for each in listing.files if _is_quiet(intake, watch, each)]:
        may_try = watch.may_try(file.bucket, file.key, intake.clock.now())
        if may_try and not waits_for_manifest(intake, file):
            yield file


def _keys(listing: Listing) -> Iterator[str]:
    for file in listing.files:
        yield from (file.key, *(manifest.key for manifest in file.manifests))
    yield from (manifest.key for manifest in listing.lone_manifests)


def _is_quiet(intake: Intake, watch: Watch, file: DroppedFile) -> bool:
    if intake.location.kind is not LocationKind.FOLDER:
        return True
    now = intake.clock.now()
    quiet = [watch.is_quiet(found, now) for found in (file.found, *file.manifests)]
    return all(quiet)
