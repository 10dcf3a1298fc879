"""Everything that the holder of a department's key may try: one request each, by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from tests.lake.raw_s3 import Query, RawS3, Reply

OWN, OTHER, ALIKE, BASE = "dept-tax", "dept-police", "dept-tax-b", "datong-base"
ABSENT = "dept-none"
BUCKETS = {"own": OWN, "other": OTHER, "alike": ALIKE, "base": BASE, "absent": ABSENT}

CLOSED_TEXT, OPEN_TEXT = "verschlossen", "offen"
"""What protected objects hold, and what those hold that the department may read."""
CLOSED_NAME = "geheim"
"""What the key of every protected object has in it."""
CLOSED = (
    "incoming/r/geheim.csv",
    "staging/geheim",
    "raw/r/d/geheim",
    "quarantine/r/d/geheim",
    "curated/r/g1/geheim",
    "incoming-x/geheim",
    "receipts-geheim",
    "geheim",
)
OPEN = ("receipts/r/d.json", "outgoing/g/x.csv")
READ = ("acl", "tagging", "attributes", "retention", "legal-hold", "torrent")
SETTINGS = (
    "accelerate", "acl", "analytics", "cors", "encryption", "inventory", "lifecycle", "location",
    "logging", "metrics", "notification", "object-lock", "ownershipControls", "policy",
    "policyStatus", "publicAccessBlock", "replication", "requestPayment", "tagging", "versioning",
    "website",
)  # fmt: skip
PREFIXES = (
    "", "r", "raw/", "staging/", "incoming/", "quarantine/", "curated/", "receipts", "receipts-",
    "receipts/../raw/", "receipts/./", "/receipts/", "outgoing", "receipts/", "outgoing/g/",
)  # fmt: skip
TRICKS = (
    "incoming/../raw/r/d/geheim", "incoming/%2e%2e/raw/r/d/geheim",
    "incoming%2F..%2Fraw/r/d/geheim", "incoming/..%2Fraw/r/d/geheim",
    "incoming/./../raw/r/d/geheim", "incoming//../raw/r/d/geheim",
    "receipts/../raw/r/d/geheim", "receipts%2F..%2Fraw%2Fr%2Fd%2Fgeheim",
    "receipts/r/d.json/../../../raw/r/d/geheim", "incoming/../../dept-police/raw/r/d/geheim",
    "receipts%2F..%2F..%2Fdept-police%2Fraw%2Fr%2Fd%2Fgeheim", "receipts/%00/../raw/r/d/geheim",
    "incoming/..%5Craw%5Cr%5Cd%5Cgeheim", "receipts/%252e%252e/raw/r/d/geheim",
    "incoming/%c0%ae%c0%ae/raw/r/d/geheim", "/raw/r/d/geheim", "./raw/r/d/geheim",
    "incoming", "receipts/", "raw/", "%69ncoming/../raw/r/d/geheim",
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One request of the department; `name` says it in words of its own buckets and places."""

    name: str
    method: str
    path: str
    query: Query = ()
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    signed_path: str | None = None
    service: str = "s3"

    def make(self, client: RawS3) -> Reply:
        reply = self._ask(client, self.query)
        if reply.code == "SignatureDoesNotMatch":
            # one server signs values of the same name in their order, another sorts them
            reply = self._ask(client, sorted(self.query))
        return reply

    def _ask(self, client: RawS3, query: Query) -> Reply:
        return client.ask(
            self.method,
            self.path,
            self.query,
            self.body,
            self.headers,
            signed_path=self.signed_path,
            signed_query=query,
            service=self.service,
        )

    def says(self, word: str) -> bool:
        """Whether the request itself has the word in it, so that an answer may repeat it."""
        return word in f"{self.path} {self.query} {dict(self.headers)} {self.body!r}"


def query_of(text: str) -> Query:
    """The pairs of `uploads&prefix=a`."""
    pairs = [part.partition("=") for part in text.split("&")] if text else []
    return [(name, value) for name, _, value in pairs]


def attempt(method: str, place: str, query: str = "", body: bytes = b"", **headers: str) -> Attempt:
    """At a place such as `own/raw/x`; the name says the headers too, where there are any."""
    bucket, slash, key = place.partition("/")
    path = f"/{BUCKETS.get(bucket, bucket)}{slash}{quote(key)}"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    said = "".join(f" {name}={value}" for name, value in sent.items())
    name = f"{method} {place}{'?' if query else ''}{query}{said}"
    return Attempt(name, method, path, query_of(query), body, sent)


def everything() -> Iterator[Attempt]:
    """All single requests."""
    yield Attempt("GET /", "GET", "/")
    yield Attempt("GET /?events", "GET", "/", query_of("events=s3:ObjectCreated:*"))
    yield attempt("PUT", "dept-new")
    for name in BUCKETS:
        yield from at_a_bucket(name)
        for key in (*CLOSED, *OPEN):
            yield from at_an_object(f"{name}/{key}")
            yield from copies(BUCKETS[name], key)
    yield from by_crooked_paths()
    yield from at_the_administration()


def at_a_bucket(name: str) -> Iterator[Attempt]:
    everybody = {"AWS": ["*"]}
    statement = {
        "Effect": "Allow",
        "Principal": everybody,
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{BUCKETS[name]}/*"],
    }
    opening = json.dumps({"Version": "2012-10-17", "Statement": [statement]}).encode()
    yield attempt("HEAD", name)
    yield attempt("PUT", name)
    yield attempt("DELETE", name)
    yield attempt("DELETE", name, x_minio_force_delete="true")
    for setting in SETTINGS:
        yield attempt("GET", name, setting)
        yield attempt("DELETE", name, setting)
        yield attempt("PUT", name, setting, opening if setting == "policy" else b"<x/>")
    yield attempt("PUT", name, "acl", x_amz_acl="public-read")
    yield attempt("PUT", name, "versioning", VERSIONING)
    yield attempt("PUT", name, "lifecycle", LIFECYCLE)
    yield attempt("PUT", name, "notification", b"<NotificationConfiguration/>")
    yield attempt("GET", name, "events=s3:ObjectCreated:*&prefix=receipts/")
    keys = "".join(f"<Object><Key>{key}</Key></Object>" for key in (*CLOSED, *OPEN))
    yield attempt("POST", name, "delete", f"<Delete>{keys}</Delete>".encode())
    yield from listings(name)


def listings(name: str) -> Iterator[Attempt]:
    kinds = ("list-type=2", "list-type=1", "versions", "uploads", "list-type=2&metadata=true")
    for kind in kinds:
        yield attempt("GET", name, kind)
        for prefix in PREFIXES:
            yield attempt("GET", name, f"{kind}&prefix={prefix}")
            yield attempt("GET", name, f"{kind}&prefix={prefix}&prefix=receipts/")
            yield attempt("GET", name, f"{kind}&prefix=receipts/&prefix={prefix}")
    yield attempt("GET", name, "list-type=2&delimiter=/")
    yield attempt("GET", name, "list-type=2&prefix=receipts/&start-after=")
    yield attempt("GET", name, "list-type=1&prefix=receipts/&marker=a")


def odd_spellings() -> Iterator[Attempt]:
    """The name of the parameter in capitals, as a parameter or as a header."""
    for kind in ("list-type=2", "list-type=1", "versions"):
        yield attempt("GET", "own", f"{kind}&Prefix=receipts/")
        yield attempt("GET", "own", f"{kind}&prefix=raw/&Prefix=receipts/")
        yield attempt("GET", "own", f"{kind}&prefix=raw/", Prefix="receipts/")


def at_an_object(place: str) -> Iterator[Attempt]:
    yield attempt("HEAD", place)
    yield attempt("GET", place)
    yield attempt("GET", place, "versionId=null")
    yield attempt("GET", place, "partNumber=1")
    yield attempt("GET", place, "uploadId=none")
    for part in READ:
        yield attempt("GET", place, part, x_amz_object_attributes="ETag,ObjectSize")
    yield attempt("POST", place, "select&select-type=2", SELECT)
    yield attempt("POST", place, "restore", b"<RestoreRequest/>")
    yield attempt("DELETE", place)
    yield attempt("DELETE", place, "versionId=null")
    yield attempt("DELETE", place, "tagging")
    yield attempt("DELETE", place, "uploadId=none")
    yield attempt("PUT", place, "tagging", TAGS)
    yield attempt("PUT", place, "retention", b"<Retention/>")
    yield attempt("PUT", place, "legal-hold", b"<LegalHold><Status>ON</Status></LegalHold>")
    yield attempt("PUT", place, "acl", x_amz_acl="public-read")
    yield attempt("PUT", place, "partNumber=1&uploadId=none", b"spoiled")
    yield attempt("POST", place, "uploadId=none", b"<CompleteMultipartUpload/>")
    yield attempt("PUT", place, body=b"spoiled", x_amz_meta_snowball_auto_extract="true")
    yield attempt("PUT", place, body=b"spoiled", x_minio_source_replication_request="true")
    yield attempt("PUT", place, body=b"spoiled", x_amz_write_offset_bytes="0")
    yield attempt("PUT", place, body=b"spoiled")
    yield attempt("POST", place, "uploads")


def copies(bucket: str, key: str) -> Iterator[Attempt]:
    """The service reads for whoever asks it to copy: into the one place that may be written to."""
    whole = f"{bucket}/{key}"
    sources = (whole, f"/{whole}", f"/{quote(whole, safe='')}", f"/{whole}?versionId=null")
    crooked = (f"{OWN}/receipts/../../{whole}", f"//{whole}", f"{bucket}//{key}")
    for number, source in enumerate((*sources, *crooked)):
        target = f"own/incoming/copies/{number}-{quote(whole, safe='')}"
        yield attempt("PUT", target, x_amz_copy_source=source)
    yield attempt("PUT", "own/receipts/r/copy", x_amz_copy_source=whole)


def by_crooked_paths() -> Iterator[Attempt]:
    for trick in TRICKS:
        path = f"/{OWN}/{trick}"
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            body = b"spoiled" if method == "PUT" else b""
            name = f"{method} {trick}"
            yield Attempt(name, method, path, body=body)
            # a server may undo the encoding before it looks at the signature
            plain = quote(unquote(path))
            if plain != path:
                yield Attempt(f"{name} signed plain", method, path, body=body, signed_path=plain)


def at_the_administration() -> Iterator[Attempt]:
    for command in (
        "info", "accountinfo", "list-users", "list-canned-policies", "list-groups", "get-config",
        "storageinfo", "datausageinfo", "profile", "trace", "list-remote-targets",
        "idp-config/openid", "temporary-account-info", "list-pools", "inspect-data", "export-iam",
        "export-bucket-metadata", "top/locks", "healthinfo",
    ):  # fmt: skip
        yield Attempt(f"admin {command}", "GET", f"/minio/admin/v3/{command}")
    yield Attempt("admin own user", "GET", "/minio/admin/v3/user-info", [("accessKey", OWN)])
    for command in ("add-service-account", "add-user", "add-canned-policy", "set-user-status"):
        query = [("accessKey", OWN), ("name", OWN), ("status", "enabled")]
        yield Attempt(f"admin {command}", "PUT", f"/minio/admin/v3/{command}", query, b"{}")
    for path in ("/minio/v2/metrics/cluster", "/metrics", "/.minio.sys/config/config.json",
                 "/etc/iam/identity.json", "/minio/kms/v1/status"):  # fmt: skip
        yield Attempt(f"GET {path}", "GET", path)
    for action in (
        "ListUsers", "CreateUser", "DeleteUser", "PutUserPolicy", "GetUserPolicy", "ListPolicies",
        "AttachUserPolicy", "CreatePolicy", "UpdateUser", "ListRoles", "CreateRole",
        "CreateServiceAccount", "ListGroups", "AddUserToGroup",
    ):  # fmt: skip
        form = f"Action={action}&Version=2010-05-08&UserName={OTHER}&PolicyName=p".encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        yield Attempt(f"iam {action}", "POST", "/", (), form, headers, service="iam")
    for action in ("CreateAccessKey", "ListAccessKeys", "DeleteAccessKey"):
        form = f"Action={action}&Version=2010-05-08&UserName={OTHER}&AccessKeyId=AAAA".encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        yield Attempt(f"iam {action} of another", "POST", "/", (), form, headers, service="iam")


VERSIONING = (
    b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Status>Enabled</Status></VersioningConfiguration>"
)
LIFECYCLE = (
    b"<LifecycleConfiguration><Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix>raw/</Prefix>"
    b"</Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>"
)
TAGS = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"
SELECT = (
    b"<SelectObjectContentRequest><Expression>select * from s3object</Expression>"
    b"<ExpressionType>SQL</ExpressionType><InputSerialization><CSV/></InputSerialization>"
    b"<OutputSerialization><CSV/></OutputSerialization></SelectObjectContentRequest>"
)
