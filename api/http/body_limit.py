"""Refuses a body beyond measure while it is read; uploads alone may be of any size."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

MOST_BYTES = 64 * 1024
UPLOADS = "/deliveries"


def limited(scope: Scope, receive: Receive) -> Receive:
    """A question fits into 64 KiB many times over; what is larger is answered 413."""
    if scope["method"] == "GET" or scope["path"].endswith(UPLOADS):
        return receive
    declared = Headers(scope=scope).get("content-length", "")
    seen = int(declared) if declared.isdecimal() else 0

    async def receive_some() -> Message:
        nonlocal seen
        message = await receive() if seen <= MOST_BYTES else None
        if message is not None and not declared:
            seen += len(message.get("body", b""))
        if message is None or seen > MOST_BYTES:
            raise HTTPException(413)
        return message

    return receive_some
