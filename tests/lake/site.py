"""A place of buckets in which one department has a key, on a server of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lake.location import StoreLocation
from lake.provisioning import DepartmentKey, issue_key, key_service
from lake.s3_store import S3Store
from tests.lake.attempts import ALIKE, BASE, CLOSED, CLOSED_TEXT, OPEN, OPEN_TEXT, OTHER, OWN
from tests.lake.raw_s3 import RawS3
from tests.servers.server import S3Server


@dataclass(frozen=True)
class Site:
    """A server of this module alone, with four buckets, and the key of one department."""

    server: S3Server
    store: S3Store
    key: DepartmentKey

    @property
    def location(self) -> StoreLocation:
        return self.server.location

    @property
    def is_minio(self) -> bool:
        return self.server.name == "MinIO"

    @property
    def department(self) -> RawS3:
        return RawS3(self.location, self.key.access_key, self.key.secret_key)

    @property
    def platform(self) -> RawS3:
        return RawS3(self.location, self.location.access_key, self.location.secret_key)

    def objects(self) -> dict[tuple[str, str], str]:
        """The etag of everything but what the department itself may write."""
        return {
            (bucket, found.key): found.etag
            for bucket in (OWN, OTHER, ALIKE, BASE)
            for found in self.store.list(bucket)
            if bucket != OWN or not found.key.startswith("incoming/")
        }


def fill(store: S3Store) -> None:
    for bucket in (OWN, OTHER, ALIKE, BASE):
        store.ensure_bucket(bucket)
        for keys, text in ((CLOSED, CLOSED_TEXT), (OPEN, OPEN_TEXT)):
            for key in keys:
                store.put(bucket, key, io.BytesIO(f"{text} {bucket}/{key}".encode()))


@contextmanager
def a_site(server: S3Server) -> Iterator[Site]:
    """Run a server with four buckets of known content and a key for one of them."""
    with server:
        store = S3Store(server.location)
        fill(store)
        yield Site(server, store, issue_key(key_service(server.location), OWN))
