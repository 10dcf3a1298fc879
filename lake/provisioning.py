"""Opens the store to a department: its bucket, and a key that may do only what it must."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from lake.errors import NoKeyService, StoreUnavailable
from lake.objects import check_bucket
from lake.s3_calls import http_client, known_errors

if TYPE_CHECKING:
    from lake.location import StoreLocation

# docs/decisions/0022-department-keys.md says what each is for and what was tried against it.
PUT_PREFIXES = ("incoming/",)
GET_PREFIXES = ("receipts/", "outgoing/")

_ONLY_THE_PLATFORM = 0o700
# On MinIO the holder is the access key, which therefore must not be guessed.
_HOLDER_BYTES = 16


@dataclass(frozen=True, slots=True)
class DepartmentKey:
    """A key to an S3 service as it is shown once; `holder` is what the service calls who has it.

    Nothing of it is printed or logged: MinIO takes uploads from whoever knows an access key alone
    (CVE-2026-41145, never mended in its open source).
    """

    holder: str = field(repr=False)
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


class KeyService(Protocol):
    """The part of an S3 service that makes keys.

    Every call may raise StoreUnavailable, and KeyServiceRefused where the platform's own key
    may not do it.
    """

    def holders(self) -> list[str]:
        """List the names of all holders of keys."""

    def add(self, holder: str, bucket: str) -> DepartmentKey:
        """Make a holder with one key, which may do in the bucket what `policy_of` says."""

    def remove(self, holder: str) -> None:
        """End a holder and every key and session of it, at once; one not there is no error."""


def policy_of(bucket: str) -> dict[str, Any]:
    """Say what a department may do, in the policy language of S3.

    Nothing is said of other prefixes and buckets, and what is not allowed is refused.
    """
    listed = [f"{prefix}*" for prefix in GET_PREFIXES]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                # Parts are put too; without the second, an upload cut short could not be ended.
                "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
                "Resource": [f"arn:aws:s3:::{bucket}/{prefix}*" for prefix in PUT_PREFIXES],
            },
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [f"arn:aws:s3:::{bucket}/{prefix}*" for prefix in GET_PREFIXES],
            },
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [f"arn:aws:s3:::{bucket}"],
                # StringLike is satisfied by one of several prefixes in a request, while MinIO
                # lists the first of them; ForAllValues is satisfied by a request without any.
                "Condition": {
                    "StringLike": {"s3:prefix": listed},
                    "ForAllValues:StringLike": {"s3:prefix": listed},
                },
            },
        ],
    }


def key_service(location: StoreLocation) -> KeyService:
    """Find out what the service is, and how keys are made there; NoKeyService.

    Only services on which the limits of a key were tried are known here.
    """
    with known_errors("S3"):
        scheme = "https" if location.secure else "http"
        with http_client() as client:
            said = client.request("GET", f"{scheme}://{location.endpoint}/").headers
            # A proxy may say its own name for that of MinIO, but lets its health be asked.
            health = client.request("GET", f"{scheme}://{location.endpoint}/minio/health/live")
    if said.get("Server", "").startswith("SeaweedFS"):
        from lake.provisioning_seaweedfs import SeaweedKeys

        return SeaweedKeys(location)
    if health.status == 200:
        from lake.provisioning_minio import MinioKeys

        return MinioKeys(location)
    raise NoKeyService(location.endpoint)


def issue_key(service: KeyService, bucket: str) -> DepartmentKey:
    """Make a new key for a department's bucket; every older one has ended when it is returned.

    Each key has a holder of its own: a session that was opened with an older key (AssumeRole)
    would come to life again with a holder of the same name.
    """
    key = service.add(f"{_prefix(bucket)}{secrets.token_hex(_HOLDER_BYTES)}", bucket)
    _end_all_but(service, bucket, key.holder)
    return key


def revoke_keys(service: KeyService, bucket: str) -> int:
    """End every key of a department's bucket, at once; says how many holders there were."""
    return _end_all_but(service, bucket, None)


def _end_all_but(service: KeyService, bucket: str, kept: str | None) -> int:
    old = [
        holder
        for holder in service.holders()
        if holder.startswith(_prefix(bucket)) and holder != kept
    ]
    for holder in old:
        service.remove(holder)
    return len(old)


def _prefix(bucket: str) -> str:
    # No bucket has a dot in it, so the keys of dept-a are never taken for those of dept-a-b.
    return f"{bucket}."


def open_folders(location: StoreLocation, bucket: str) -> None:
    """Make the folders of a department on a local lake, for the platform's own user alone."""
    check_bucket(bucket)
    folder = location.root / bucket
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_ONLY_THE_PLATFORM)
        for prefix in (*PUT_PREFIXES, *GET_PREFIXES):
            (folder / prefix).mkdir(exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(bucket, error.strerror or type(error).__name__) from error
