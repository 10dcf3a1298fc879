"""Asks for persons over so many connections as fast as they are answered; counts and times.

One process on uvloop, requests made beforehand, answers read just far enough to know that they
are whole and name a person: it has to cost less than the servers it measures.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import cast

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Asking(asyncio.Protocol):
    """One connection: sends the next request when the answer to the one before is whole."""

    def __init__(self, requests: list[bytes], until: float, done: "asyncio.Future[None]") -> None:
        self.latencies: list[float] = []
        self._requests, self._until, self._done = requests, until, done
        self._place, self._sent, self._wanted, self._seen = 0, 0.0, 0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is below none
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._seen:
            data = self._seen + data
        if not self._wanted:
            self._wanted = _length_of(data)
        if not self._wanted or len(data) < self._wanted:
            self._seen = data
            return
        now = time.perf_counter()
        self.latencies.append((now - self._sent) * 1000)
        if not data.startswith(b"HTTP/1.1 200") or b'"found":true' not in data:
            self._finish(RuntimeError(f"an answer was no person: {data[:400]!r}"))
        elif now >= self._until:
            self._finish(None)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or RuntimeError("the server closed the connection"))

    def _ask(self) -> None:
        self._wanted, self._seen = 0, b""
        self._place += 1
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._place % len(self._requests)])

    def _finish(self, error: Exception | None) -> None:
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)
        self._transport.close()


def _length_of(data: bytes) -> int:
    """Bytes of the whole answer, 0 while its head is not there."""
    end = data.find(_HEAD_END)
    if end < 0:
        return 0
    found = data.find(_LENGTH) + len(_LENGTH)
    return end + len(_HEAD_END) + int(data[found : data.index(b"\r", found)])


async def ask(port: int, requests: list[bytes], connections: int, seconds: float) -> list[float]:
    """Ask for so long; latencies in ms of every answer."""
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    asking = []
    for place in range(connections):
        done = loop.create_future()
        one = Asking(requests[place::connections], until, done)
        await loop.create_connection(lambda one=one: one, "127.0.0.1", port)  # type: ignore[misc]
        asking.append((one, done))
    await asyncio.gather(*(done for _, done in asking))
    return [latency for one, _ in asking for latency in one.latencies]


def main(port: str, questions: str, connections: str, seconds: str) -> None:
    """Print `{seconds, cpu_s, latencies}`; `questions` is a file of one JSON list of requests."""
    requests = [each.encode() for each in json.loads(Path(questions).read_text(encoding="utf-8"))]
    started, used = time.perf_counter(), time.process_time()
    latencies = uvloop.run(ask(int(port), requests, int(connections), float(seconds)))
    told = {"seconds": time.perf_counter() - started, "cpu_s": time.process_time() - used}
    print(json.dumps({**told, "latencies": [round(each, 3) for each in latencies]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
