"""Refuses a body beyond measure while it is read; uploads alone may be of any size."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MOST_BYTES = 64 * 1024
# a record of thousands of items
MOST_BYTES_OF_RECORD = 4 * 1024 * 1024
RECORDS = "/v1/records"
UPLOADS = "/deliveries"


def limited(scope: Scope, receive: Receive) -> Receive:
    """A question fits into 64 KiB many times over; what is larger is answered 413."""
    if scope["method"] == "GET" or scope["path"].endswith(UPLOADS):
        return receive
    most = MOST_BYTES_OF_RECORD if scope["path"].startswith(RECORDS) else MOST_BYTES
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
