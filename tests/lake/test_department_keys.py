"""What a department's key may do and what not, by trying everything on every S3 server."""

from __future__ import annotations

import re
from io import BytesIO

import pytest

from lake.errors import BucketNotFound
from tests.lake.attempts import (
    ALIKE,
    BASE,
    CLOSED_NAME,
    CLOSED_TEXT,
    OPEN,
    OTHER,
    OWN,
    Attempt,
    attempt,
    everything,
    odd_spellings,
)
from tests.lake.raw_s3 import RawS3, Reply
from tests.lake.site import Site

READABLE = r"(receipts/r/d\.json|outgoing/g/x\.csv)"
PREFIX = r"(receipts/|outgoing/g/)"

# Each pattern is of whole names of attempts; one that nothing meets any more fails the test.
ALLOWED = {
    "drop a file, or drop it anew": r"PUT own/incoming/r/geheim\.csv",
    "drop a file with a header of no effect": r"PUT own/incoming/r/geheim\.csv x-minio-source.*",
    "begin to drop a file in parts": r"POST own/incoming/r/geheim\.csv\?uploads",
    "see what it may read": rf"HEAD own/{READABLE}",
    "read what it may read": rf"GET own/{READABLE}(\?partNumber=1)?",
    "list what it may read": rf"GET own\?list-type=(1|2|2&metadata=true)&prefix={PREFIX}"
    rf"(&prefix={PREFIX})?",
    "list on from a place": r"GET own\?list-type=2&prefix=receipts/&start-after=",
    "copy what it may read to where it may write": r"PUT own/incoming/copies/[0-9]-"
    r"dept-tax%2F(receipts|outgoing)%2F.*",
}
ALLOWED_BY_MINIO = {
    "list versions, of which there are none": rf"GET own\?versions&prefix={PREFIX}"
    rf"(&prefix={PREFIX})?",
    "read what it may read, by its only version": rf"GET own/{READABLE}\?versionId=null",
    "read a part of what it may read": rf"POST own/{READABLE}\?select&select-type=2",
    "end an upload that is not there": r"DELETE own/incoming/r/geheim\.csv\?uploadId=none",
    "remove what no bucket ever has": r"DELETE \w+\?website",
    "ask for its own name and policy": r"admin accountinfo",
}
ALLOWED_BY_SEAWEEDFS = {
    "list no bucket": r"GET /(\?events)?",
    "list by the first of two prefixes": r"GET own\?list-type=(1|2|2&metadata=true)"
    r"&prefix=receipts/&prefix=.*",
    "list a prefix that no key has": r"GET own\?list-type=(1|2|2&metadata=true)"
    r"&prefix=receipts/\.\.?/.*",
    "list on from a marker": r"GET own\?list-type=1&prefix=receipts/&marker=a",
    "drop a file with headers of MinIO or AWS": r"PUT own/incoming/r/geheim\.csv x-amz-.*",
    "read what it may read, whatever a torrent is": rf"GET own/{READABLE}\?torrent.*",
    "see a folder that it may list": r"(GET|HEAD) receipts/",
    "drop a file of a broken name": r"PUT incoming/%c0%ae%c0%ae/raw/r/d/geheim signed plain",
}


def tells_too_much(tried: Attempt, reply: Reply) -> list[str]:
    """Words of the answer that the department must not learn, and did not say itself."""
    text = reply.body.decode(errors="replace")
    words = [w for w in (CLOSED_NAME, OTHER, ALIKE, BASE) if w in text and not tried.says(w)]
    return [*words, *([CLOSED_TEXT] if CLOSED_TEXT in text else [])]


def listed_elsewhere(reply: Reply) -> list[str]:
    """Keys in a listing that lie where the department may not list."""
    if b"ListBucketResult" not in reply.body and b"ListVersionsResult" not in reply.body:
        return []
    keys = [key.decode() for key in re.findall(rb"<Key>(.*?)</Key>", reply.body)]
    return [key for key in keys if not key.startswith(("receipts/", "outgoing/"))]


def test_a_key_does_what_it_is_for_and_nothing_else(site: Site) -> None:
    before, settings = site.objects(), settings_of(site)
    carried_out, told, badly_signed = [], [], set()
    for tried in everything():
        reply = tried.make(site.department)
        if reply.succeeded:
            carried_out.append(tried.name)
        if tells_too_much(tried, reply) or listed_elsewhere(reply):
            told.append((tried.name, reply))
        if reply.code in {"SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed"}:
            badly_signed.add(tried.name)
    assert told == []
    of_the_server = ALLOWED_BY_MINIO if site.is_minio else ALLOWED_BY_SEAWEEDFS
    patterns = [*ALLOWED.values(), *of_the_server.values()]
    forbidden = [n for n in carried_out if not any(re.fullmatch(p, n) for p in patterns)]
    assert forbidden == []
    assert site.objects() == before
    assert settings_of(site) == settings
    idle = [p for p in patterns if not any(re.fullmatch(p, name) for name in carried_out)]
    assert idle == []
    # a request that is refused for its form alone shows nothing
    assert all("%c0%ae" in name for name in badly_signed), badly_signed


def settings_of(site: Site) -> dict[str, list[str]]:
    """Whatever the service says of a bucket but the moment and number of the request."""
    kinds = ("policy", "versioning", "lifecycle", "notification", "tagging", "acl", "cors")
    passing = re.compile(rb"<(RequestId|HostId|LastModified)>.*?</\1>")
    return {
        bucket: [
            passing.sub(b"", attempt("GET", bucket, kind).make(site.platform).body).decode()
            for kind in kinds
        ]
        for bucket in (OWN, OTHER, ALIKE, BASE)
    }


def test_the_platform_may_do_what_a_department_may_not(site: Site) -> None:
    """The attempts are well made: the same requests, signed by the platform, are carried out."""
    for tried in (
        attempt("GET", "own/raw/r/d/geheim"),
        attempt("GET", "own", "list-type=2&prefix=raw/"),
        attempt("GET", "own", "list-type=2&prefix=raw/&prefix=receipts/"),
        attempt("GET", "own", "versioning"),
        attempt("PUT", "own/incoming/copies/x", x_amz_copy_source=f"{OTHER}/raw/r/d/geheim"),
        attempt("GET", "own", "uploads"),
    ):
        assert tried.make(site.platform).succeeded, tried.name
    assert CLOSED_TEXT.encode() in attempt("GET", "own/raw/r/d/geheim").make(site.platform).body


def test_nobody_may_do_anything_without_a_key(site: Site) -> None:
    before = site.objects()
    nobody = RawS3(site.location, "")
    done = [
        tried.name
        for tried in everything()
        if not tried.name.startswith(("admin ", "iam "))
        and tried.make(nobody).succeeded
        and not re.fullmatch(r"DELETE \w+\?website", tried.name)
    ]
    assert done == []
    assert site.objects() == before


def test_a_key_of_another_secret_opens_nothing(site: Site) -> None:
    forger = RawS3(site.location, site.key.access_key, "x" * 40)
    for tried in (attempt("GET", f"own/{OPEN[0]}"), attempt("PUT", "own/incoming/x", body=b"x")):
        assert tried.make(forger).status == 403


def test_only_minio_lists_the_names_of_the_own_bucket_to_a_clever_request(site: Site) -> None:
    """MinIO judges one spelling of a parameter and obeys another: names of the department's own
    bucket are told, never contents and never those of another. No policy can forbid it.
    """
    leaks = []
    for tried in odd_spellings():
        reply = tried.make(site.department)
        assert CLOSED_TEXT.encode() not in reply.body
        assert not any(name.encode() in reply.body for name in (OTHER, ALIKE, BASE))
        leaks += [tried.name] if listed_elsewhere(reply) else []
    assert bool(leaks) == site.is_minio, leaks


def test_a_department_learns_of_no_bucket_that_is_not_there(site: Site) -> None:
    for name in (OTHER, "dept-none"):
        assert attempt("GET", f"{name}/x").make(site.department).code == "AccessDenied"
    with pytest.raises(BucketNotFound):
        site.store.put("dept-none", "x", BytesIO(b""))
