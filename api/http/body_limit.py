"""Refuses a body beyond measure while it is read; uploads alone may be of any size."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 * 1024
UPLOADS = "/deliveries"


class BodyLimit:
    """A question fits into 64 KiB many times over; what is larger is answered 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].endswith(UPLOADS):
            await self._app(scope, receive, send)
            return
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

        await self._app(scope, receive_some, send)
