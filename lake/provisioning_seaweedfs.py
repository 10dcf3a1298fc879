"""Keys of departments on SeaweedFS: a user with a policy, made through its IAM API."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import urllib3
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3
from minio.time import to_amz_date, utcnow

from lake.errors import KeyServiceRefused, StoreUnavailable
from lake.provisioning import DepartmentKey, policy_of
from lake.s3_calls import http_client, parse_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lake.location import StoreLocation

_POLICY = "datong"
_API_VERSION = "2010-05-08"
_NOT_ALLOWED = frozenset({401, 403, 405})


class SeaweedKeys:
    """Implements KeyService on the IAM API, which stands on the port of S3.

    A holder may always make more keys for itself, of the same rights: no policy forbids that
    here. They end with the holder.
    """

    def __init__(self, location: StoreLocation) -> None:
        self._location = location
        scheme = "https" if location.secure else "http"
        self._url = urlsplit(f"{scheme}://{location.endpoint}/")
        self._http = http_client()

    def holders(self) -> list[str]:
        """List the names of all users."""
        names: list[str] = []
        page: dict[str, str] = {}
        while True:
            answer = self._ask("ListUsers", **page)
            names += [found.text or "" for found in answer.iterfind(".//{*}UserName")]
            marker = answer.findtext(".//{*}Marker")
            if answer.findtext(".//{*}IsTruncated") != "true" or not marker:
                return names
            page = {"Marker": marker}

    def add(self, holder: str, bucket: str) -> DepartmentKey:
        """Make a user with the policy as its own; the service makes both halves of the key."""
        self._ask("CreateUser", UserName=holder)
        document = json.dumps(policy_of(bucket))
        self._ask("PutUserPolicy", UserName=holder, PolicyName=_POLICY, PolicyDocument=document)
        answer = self._ask("CreateAccessKey", UserName=holder)
        access_key = answer.findtext(".//{*}AccessKeyId")
        secret_key = answer.findtext(".//{*}SecretAccessKey")
        if not access_key or not secret_key:
            raise StoreUnavailable("SeaweedFS", "CreateAccessKey")
        return DepartmentKey(holder, access_key, secret_key)

    def remove(self, holder: str) -> None:
        """Remove a user; every key of it goes with it."""
        self._ask("DeleteUser", absent="NoSuchEntity", UserName=holder)

    def _ask(self, action: str, *, absent: str = "", **parameters: str) -> Element:
        """Call the API; an error whose code is `absent` is an answer as well."""
        asked = {"Action": action, "Version": _API_VERSION, **parameters}
        body = urlencode(asked).encode()
        try:
            answer = self._http.request(
                "POST", self._url.geturl(), body=body, headers=self._signed(body)
            )
        except urllib3.exceptions.HTTPError as error:
            raise StoreUnavailable("SeaweedFS", type(error).__name__) from error
        if answer.status == 200:
            return parse_xml(answer.data)
        reason = str(answer.status)
        if answer.data:
            said = parse_xml(answer.data)
            reason = said.findtext(".//{*}Code", reason)
            if absent and reason == absent:
                return said
        if answer.status in _NOT_ALLOWED:
            raise KeyServiceRefused(self._location.endpoint, reason)
        raise StoreUnavailable("SeaweedFS", reason)

    def _signed(self, body: bytes) -> dict[str, str]:
        now = utcnow()
        sha256 = hashlib.sha256(body).hexdigest()
        headers = {
            "Host": self._url.netloc,
            "Content-Type": "application/x-www-form-urlencoded",
            "x-amz-date": to_amz_date(now),
            "x-amz-content-sha256": sha256,
        }
        signed = sign_v4_s3(
            method="POST",
            url=self._url,
            region=self._location.region,
            headers=dict(headers),
            credentials=Credentials(self._location.access_key, self._location.secret_key),
            content_sha256=sha256,
            date=now,
        )
        return {name: str(value) for name, value in signed.items()}
