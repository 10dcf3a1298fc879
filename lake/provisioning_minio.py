"""Keys of departments on MinIO: a user with a policy, made through its admin API."""

from __future__ import annotations

import json
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import urllib3
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import MinioAdminException

from lake.errors import KeyServiceRefused, StoreUnavailable
from lake.provisioning import DepartmentKey, policy_of
from lake.s3_calls import http_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lake.location import StoreLocation

# Users may otherwise change their own secret and make service accounts that outlive a policy.
_NO_SELF_SERVICE = {"Effect": "Deny", "Action": ["admin:*"]}
# As text the longest secret that MinIO takes, 40 characters.
_SECRET_BYTES = 30


class _NoSuchUser(Exception):
    """There is no user of this name."""


class MinioKeys:
    """Implements KeyService; a department's policy bears the name of its bucket."""

    def __init__(self, location: StoreLocation) -> None:
        self._endpoint = location.endpoint
        self._admin = MinioAdmin(
            endpoint=location.endpoint,
            credentials=StaticProvider(location.access_key, location.secret_key),
            region=location.region,
            secure=location.secure,
            http_client=http_client(),
        )

    def holders(self) -> list[str]:
        """List the names of all users."""
        with self._known_errors():
            return list(json.loads(self._admin.user_list()))

    def add(self, holder: str, bucket: str) -> DepartmentKey:
        """Make a user, whose name is its access key, under the policy of the bucket."""
        policy = policy_of(bucket)
        policy["Statement"].append(_NO_SELF_SERVICE)
        key = DepartmentKey(holder, holder, secrets.token_urlsafe(_SECRET_BYTES))
        with self._known_errors():
            self._admin.policy_add(bucket, policy=policy)
            # Without a policy a user may do nothing: cut short here, it is a key to no door.
            self._admin.user_add(key.access_key, key.secret_key)
            self._admin.attach_policy([bucket], user=holder)
        return key

    def remove(self, holder: str) -> None:
        """Remove a user; its service accounts go with it, its sessions are refused."""
        with suppress(_NoSuchUser), self._known_errors():
            self._admin.user_remove(holder)

    @contextmanager
    def _known_errors(self) -> Iterator[None]:
        try:
            yield
        except MinioAdminException as error:
            status, reason = error._code, _reason(error._body)
            if reason == "XMinioAdminNoSuchUser":
                raise _NoSuchUser from error
            if status in {"401", "403"}:
                raise KeyServiceRefused(self._endpoint, reason) from error
            raise StoreUnavailable("MinIO", reason) from error
        except urllib3.exceptions.HTTPError as error:
            raise StoreUnavailable("MinIO", type(error).__name__) from error


def _reason(body: str) -> str:
    """The short word in an answer of the admin API."""
    try:
        return str(json.loads(body)["Code"])
    except (ValueError, KeyError, TypeError):
        return "no-reason"
