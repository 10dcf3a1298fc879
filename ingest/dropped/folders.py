"""Make the folders that files are dropped into, where buckets are folders of a local disk."""

from catalog.record_lists import places_to_deliver
from ingest.intake import Intake
from lake.layout import INCOMING, bucket_of


def make_folders(intake: Intake) -> int:
    """Make `incoming/<resource_id>/` for all that takes files and say how many were missing.

    A service has no folders: there this does nothing.
    """
    with intake.database.reading() as conn:
        taking = places_to_deliver(conn)
    made = 0
    for resource_id, department_id in taking:
        key = f"{INCOMING}{resource_id}"
        folder = intake.store.local_path(bucket_of(department_id), key)
        if folder is None:
            return 0
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            made += 1
    return made
