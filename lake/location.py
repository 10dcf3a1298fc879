"""Says once where the stored bytes lie, for the object store, PyIceberg and DuckDB alike."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from lake.engine import quote_value
from lake.errors import InvalidLocation
from lake.objects import check_bucket, check_key

# DuckDB reads these as a pattern, and a URL ends its path at the last two.
_FORBIDDEN_IN_ROOT = frozenset("*?[]{}#\n\r\0")


class LocationKind(StrEnum):
    """Where buckets can lie."""

    FOLDER = "folder"
    S3 = "s3"


@dataclass(frozen=True, slots=True)
class StoreLocation:
    """A place of buckets: `root` for a folder; endpoint (`host:port`), keys, region for S3.

    Make one with `parse_location`, `StoreLocation.folder` or `StoreLocation.s3`.
    """

    kind: LocationKind
    root: Path = Path("/")
    endpoint: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    region: str = ""
    secure: bool = False

    @classmethod
    def folder(cls, root: Path) -> StoreLocation:
        """Take a folder as the place of buckets; InvalidLocation if its path holds wildcards."""
        absolute = root.absolute()
        if _FORBIDDEN_IN_ROOT & set(str(absolute)):
            raise InvalidLocation(f"file://{absolute}")
        return cls(LocationKind.FOLDER, root=absolute)

    @classmethod
    def s3(
        cls,
        endpoint: str,
        access_key: str,
        secret_key: str,
        *,
        region: str = "us-east-1",
        secure: bool = False,
    ) -> StoreLocation:
        """Take an S3 service as the place of buckets."""
        return cls(
            LocationKind.S3,
            endpoint=endpoint,
            access_key=access_key,
            secret_key=secret_key,
            region=region,
            secure=secure,
        )

    def url(self, bucket: str, key: str) -> str:
        """Name an object, or a prefix of objects, as DuckDB and PyIceberg both read it.

        Nothing is percent-encoded: neither of the two decodes.
        """
        check_bucket(bucket)
        check_key(key)
        if self.kind is LocationKind.FOLDER:
            return f"file://{self.root}/{bucket}/{key}"
        return f"s3://{bucket}/{key}"

    def duckdb_settings(self) -> list[str]:
        """Give the statements after which DuckDB with httpfs reads and writes here."""
        if self.kind is LocationKind.FOLDER:
            return []
        options = {
            "KEY_ID": quote_value(self.access_key),
            "SECRET": quote_value(self.secret_key),
            "REGION": quote_value(self.region),
            "ENDPOINT": quote_value(self.endpoint),
            "URL_STYLE": quote_value("path"),
            "USE_SSL": str(self.secure).lower(),
        }
        listed = ", ".join(f"{name} {value}" for name, value in options.items())
        return [f"CREATE OR REPLACE SECRET datong_lake (TYPE s3, {listed})"]

    def pyiceberg_properties(self) -> dict[str, str]:
        """Give the properties with which PyIceberg's FileIO reads and writes here."""
        properties = {"py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO"}
        if self.kind is LocationKind.S3:
            scheme = "https" if self.secure else "http"
            properties |= {
                "s3.endpoint": f"{scheme}://{self.endpoint}",
                "s3.access-key-id": self.access_key,
                "s3.secret-access-key": self.secret_key,
                "s3.region": self.region,
            }
        return properties


def parse_location(
    url: str,
    *,
    access_key: str = "",
    secret_key: str = "",
    region: str = "us-east-1",
    secure: bool = False,
) -> StoreLocation:
    """Read `file:///absolute/folder` or `s3://host:port`; InvalidLocation for anything else."""
    if url.startswith("file:///"):
        return StoreLocation.folder(Path(url.removeprefix("file://")))
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidLocation(_without_keys(url)) from None
    # Keys belong in settings of their own: a URL is printed and logged.
    is_bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username)
    if parts.scheme != "s3" or not parts.hostname or not is_bare:
        raise InvalidLocation(_without_keys(url))
    if not access_key or not secret_key:
        raise InvalidLocation(url, keys_missing=True)
    return StoreLocation.s3(parts.netloc, access_key, secret_key, region=region, secure=secure)


def _without_keys(url: str) -> str:
    """What may be said of a URL that was given keys all the same."""
    return re.sub("//.*@", "//…@", url.partition("?")[0])
