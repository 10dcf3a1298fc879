"""What only a service has: uploads in parts, and empty objects that stand for folders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from minio.datatypes import Part

from catalog.database import Database
from lake.location import StoreLocation
from tests.ingest.drops import BUCKET, KEY, Inbox, an_inbox
from tests.ingest.office import a_csv, a_person, open_office

# Every part but the last has at least 5 MiB.
FIRST = a_csv(*(a_person(n, address="长" * 100) for n in range(1, 900))).encode() * 22
PARTS = (FIRST, a_csv(a_person(901)).encode())


@pytest.fixture
def inbox(database: Database, tmp_path: Path, s3_location: StoreLocation) -> Iterator[Inbox]:
    office = open_office(database, s3_location, tmp_path)
    office.publish()
    yield an_inbox(office)
    office.intake.tables.close()


@pytest.fixture
def client(s3_location: StoreLocation) -> Minio:
    """What a department has: a client that speaks S3."""
    keys = (s3_location.access_key, s3_location.secret_key)
    return Minio(s3_location.endpoint, *keys, secure=False)


def test_a_half_written_multipart_upload_is_not_taken(inbox: Inbox, client: Minio) -> None:
    assert len(FIRST) > 5 << 20
    upload = client._create_multipart_upload(BUCKET, KEY, {})
    parts = []
    for number, content in enumerate(PARTS, start=1):
        assert inbox.look() == []
        etag = client._upload_part(BUCKET, KEY, content, None, upload, number)
        parts.append(Part(number, etag))
    assert inbox.look() == []
    client._complete_multipart_upload(BUCKET, KEY, upload, parts)
    [taken] = inbox.look()
    assert inbox.read(str(taken.delivery.raw_key)) == b"".join(PARTS)
    assert inbox.listed() == []


def test_an_upload_that_was_given_up_is_never_taken(inbox: Inbox, client: Minio) -> None:
    upload = client._create_multipart_upload(BUCKET, KEY, {})
    client._upload_part(BUCKET, KEY, FIRST, None, upload, 1)
    client._abort_multipart_upload(BUCKET, KEY, upload)
    assert inbox.look() == []


def test_empty_objects_that_stand_for_folders_are_ignored(inbox: Inbox, client: Minio) -> None:
    for key in ("incoming/household/", "incoming/nothing/"):
        client.put_object(BUCKET, key, io.BytesIO(b""), 0)
    assert inbox.look() == []
    inbox.put()
    assert [taken.file.key for taken in inbox.look()] == [KEY]
    for key in ("incoming/household/", "incoming/nothing/"):
        client.remove_object(BUCKET, key)
