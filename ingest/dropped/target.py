"""Say what a dropped file is for: the record its folder names, where that is the sender's own."""

from catalog import deliveries, records
from catalog.errors import RecordNotFound, RecordNotPublished
from catalog.records import PublishedRecord
from ingest.dropped.find import DroppedFile
from ingest.intake import Intake
from standards.records import read_record


def find_record(intake: Intake, file: DroppedFile) -> PublishedRecord | None:
    """Return the published record of the file's folder; None where the file will be refused."""
    if file.folder is None:
        return None
    try:
        with intake.database.reading() as conn:
            found = records.published(conn, file.folder)
    except (RecordNotFound, RecordNotPublished):
        return None
    return found if found.department_id == file.department_id else None


def names_of(record: PublishedRecord) -> tuple[str, ...]:
    """Return the names by which a manifest may call the resource: its id and its code."""
    code = record.resource_code
    return (record.resource_id,) if code is None else (record.resource_id, code)


def waits_for_manifest(intake: Intake, file: DroppedFile) -> bool:
    """Whether the record asks for a manifest that is not there yet.

    What became a delivery before a crash waits for nothing.
    """
    if file.manifests:
        return False
    record = find_record(intake, file)
    if record is None or not read_record(record.document).manifest_required:
        return False
    with intake.database.reading() as conn:
        return deliveries.find_by_drop_mark(conn, file.found.mark) is None
