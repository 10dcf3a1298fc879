"""Answers the lookups that came meanwhile together: while one batch is written, the next collects.

Whoever has just been answered may ask again at once. The next batch waits for as many as were there
before, two milliseconds at the most: else those who wait and those who have been answered take
turns in batches of half the size, at twice the commits.

A batch is worked out in the event loop, which is where its calls came and where they are answered;
one thread waits for the database. Worked out in the thread it cost half as much again, for the two
take the interpreter from each other at every row that is read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeAlias, cast

from api.usecases.lookup_batch import Call, Outcome, Worked, answer_calls, finish, work_ahead

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.bootstrap import Services

MOST_AT_ONCE = 64  # a few milliseconds, in which nothing else is answered
PATIENCE = 0.002  # seconds
# Where others did not come, no batch waits so many times: so callers that come and go irregularly
# lose an eighth of a millisecond on the average.
TIMES_WITHOUT_WAITING = 16
_Waiting: TypeAlias = "tuple[Call, asyncio.Future[Outcome]]"


class LookupBatches:
    """The lookups of one process; used in its event loop."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._waiting: deque[_Waiting] = deque()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lookups")
        self._working: asyncio.Task[None] | None = None
        self._expected = 1  # calls of the next batch, if everyone asks again
        self._all_there = asyncio.Event()
        self._without_waiting = 0

    async def answer(self, call: Call) -> Outcome:
        """The outcome of a call; whoever hangs up meanwhile leaves his audit line all the same."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append((call, future))
        if len(self._waiting) >= self._expected:
            self._all_there.set()
        if self._working is None:
            self._working = loop.create_task(self._run())
        return await future

    async def close(self) -> None:
        """End, once nobody waits any more."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._services.close_readers)
        self._services.close_readers()
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
            await self._work()
        finally:
            self._working = None

    async def _work(self) -> None:
        """Answer batch after batch, until nothing waits."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            await self._gather()
            count = min(len(self._waiting), MOST_AT_ONCE)
            batch = [self._waiting.popleft() for _ in range(count)]
            calls = [call for call, _ in batch]
            try:
                worked = work_ahead(self._services, calls)
                outcomes = await loop.run_in_executor(self._thread, self._finish, calls, worked)
            except Exception as error:  # noqa: BLE001 - handed to the edge of each request
                outcomes = [Outcome("", error)] * count
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)
            self._expected = min(count + len(self._waiting), MOST_AT_ONCE)

    async def _gather(self) -> None:
        """Let those who were answered just now ask again, if they do so at once."""
        if len(self._waiting) >= self._expected:
            return
        if self._without_waiting:
            self._without_waiting -= 1
            return
        self._all_there.clear()
        try:
            await asyncio.wait_for(self._all_there.wait(), PATIENCE)
        except TimeoutError:
            self._without_waiting = TIMES_WITHOUT_WAITING

    def _finish(self, calls: Sequence[Call], worked: Worked | None) -> list[Outcome]:
        if worked is None:
            return answer_calls(self._services, calls)
        return finish(self._services, worked)


def batches_of(app: FastAPI) -> LookupBatches:
    return cast(LookupBatches, app.state.lookups)
