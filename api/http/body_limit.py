"""Refuses a body beyond measure while it is read; uploads alone may be of any size."""

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MOST_BYTES = 64 * 1024
# a record of thousands of items
MOST_BYTES_OF_RECORD = 4 * 1024 * 1024
RECORDS = "/v1/records"
# everybody may ask for this: a thousand items, and no more work than that
MOST_BYTES_TO_CHECK = 512 * 1024
CHECK = "/v1/records/check"
# the files of departments: the one road without a limit
UPLOADS = re.compile(r"/v1/resources/[^/]+(/[^/]+)?/deliveries")


def _most_of(path: str) -> int:
    if path == CHECK:
        return MOST_BYTES_TO_CHECK
    return MOST_BYTES_OF_RECORD if path.startswith(RECORDS) else MOST_BYTES


def limited(scope: Scope, receive: Receive) -> Receive:
    """A question fits into 64 KiB many times over; what is larger is answered 413."""
    if scope["method"] == "GET" or UPLOADS.fullmatch(scope["path"]):
        return receive
    most = _most_of(scope["path"])
    declared = Headers(scope=scope).get("content-length", "")
    seen = int(declared) if declared.isdecimal() else 0

    async def receive_some() -> Message:
        nonlocal seen
        message = await receive() if seen <= most else None
        if message is not None and not declared:
            seen += len(message.get("body", b""))
        if message is None or seen > most:
            raise HTTPException(413)
        return message

    return receive_some
