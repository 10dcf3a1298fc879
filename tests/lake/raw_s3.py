"""Requests to an S3 service as no client would send them: any path, any query, signed all right."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from lake.location import StoreLocation

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reply:
    """What came back; `code` is the word of an error, empty for a request that was carried out."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        found = re.search(rb"<Code>(.*?)</Code>", self.body) or re.search(
            rb'"Code":"(.*?)"', self.body
        )
        return found[1].decode() if found else ""

    @property
    def succeeded(self) -> bool:
        """Carried out, or begun; an answer 200 may list errors instead."""
        return self.status < 400 and b"<Error>" not in self.body

    def text_of(self, tag: str) -> str:
        found = re.search(rb"<%b>(.*?)</%b>" % (tag.encode(), tag.encode()), self.body)
        assert found is not None, self
        return found[1].decode()


class RawS3:
    """Signs by Signature Version 4 with a key; without one it asks as anybody."""

    def __init__(self, location: StoreLocation, access_key: str, secret_key: str = "") -> None:
        self.endpoint, self._region = location.endpoint, location.region
        self._access_key, self._secret_key = access_key, secret_key

    def ask(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        signed_path: str | None = None,
        signed_query: Query | None = None,
        service: str = "s3",
    ) -> Reply:
        """Send path and query as given; they are signed as given too, or in another form."""
        # Stable: values of the same name keep their order, as the servers read them.
        pairs = sorted(query if signed_query is None else signed_query, key=lambda pair: pair[0])
        canonical = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in pairs)
        sent = {"host": self.endpoint, **{n.lower(): v for n, v in (headers or {}).items()}}
        if self._access_key:
            sent |= self._signed(method, signed_path or path, canonical, body, sent, service)
        plain = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in query)
        return self._send(method, f"{path}?{plain}" if plain else path, body, sent)

    def _send(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        connection = http.client.HTTPConnection(self.endpoint, timeout=30)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            given = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, answer.read(), given)
        finally:
            connection.close()

    def _signed(
        self,
        method: str,
        path: str,
        query: str,
        body: bytes,
        headers: Mapping[str, str],
        service: str,
    ) -> dict[str, str]:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        added = {
            "x-amz-date": moment,
            "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        }
        signed = dict(sorted({**headers, **added}.items()))
        names = ";".join(signed)
        listed = "".join(f"{name}:{value.strip()}\n" for name, value in signed.items())
        request = "\n".join(
            (method, path, query, listed, names, added["x-amz-content-sha256"])
        ).encode()
        scope = f"{moment[:8]}/{self._region}/{service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request).hexdigest()}"
        key = f"AWS4{self._secret_key}".encode()
        for part in (moment[:8], self._region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        added["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return added
