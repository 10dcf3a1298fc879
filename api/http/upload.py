"""The body of a request as a file that a worker thread reads, without holding it in memory."""

import asyncio
import io
from collections.abc import AsyncIterator
from email.message import Message
from pathlib import PurePosixPath


class BodyFile(io.RawIOBase):
    """Reads the chunks of an ASGI request from another thread; one chunk is held at a time.

    The event loop stays free: each `readinto` asks it for the next chunk and waits for that alone.
    """

    def __init__(self, chunks: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._chunks, self._loop = chunks, loop
        self._left = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left and not self._ended:
            self._left = memoryview(self._next_chunk())
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _next_chunk(self) -> bytes:
        chunk = asyncio.run_coroutine_threadsafe(_next_full(self._chunks), self._loop).result()
        self._ended = not chunk
        return chunk


async def _next_full(chunks: AsyncIterator[bytes]) -> bytes:
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""


def file_name_of(content_disposition: str | None) -> str | None:
    """The bare file name of a Content-Disposition header, RFC 6266 and RFC 5987 forms included."""
    if not content_disposition:
        return None
    message = Message()
    message["Content-Disposition"] = _as_sent(content_disposition)
    name = message.get_filename()
    if not name:
        return None
    bare = PurePosixPath(name.replace("\\", "/")).name
    return None if bare in {"", ".", ".."} else bare


def _as_sent(header: str) -> str:
    """Servers hand headers over as Latin-1; many clients send plain UTF-8 in them."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return header
