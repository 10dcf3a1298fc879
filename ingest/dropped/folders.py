"""Make the folders that files are dropped into, where buckets are folders of a local disk."""

from catalog.record_lists import published_tables
from ingest.intake import Intake
from lake.layout import INCOMING, bucket_of


def make_folders(intake: Intake) -> int:
    """Make `incoming/<resource_id>/` for every published table and say how many were missing.

    A service has no folders: there this does nothing.
    """
    with intake.database.reading() as conn:
        tables = published_tables(conn)
    made = 0
    for record in tables:
        key = f"{INCOMING}{record.resource_id}"
        folder = intake.store.local_path(bucket_of(record.department_id), key)
        if folder is None:
            return 0
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            made += 1
    return made
