"""Receives uploads in threads of their own, and lets each wait for its verdict without one."""

import asyncio
import io
from collections import defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import cast

import sqlalchemy as sa
from fastapi import FastAPI

from api.bootstrap import Services
from api.http.context import Context
from api.http.upload import BodyFile
from api.usecases.deliveries import (
    DeliveryWanted,
    Outcome,
    answer_now,
    deliver_file,
    finished_of,
)

READ_SIZE = 1 << 20
POLL = 0.1
# Who has waited so long is told that the loading goes on: a proxy in between waits no longer.
LONGEST_WAIT = 15 * 60


class DeliveryRunner:
    """A few uploads at a time; more of them wait for their turn, each with its body unread."""

    def __init__(self, services: Services, most_at_once: int) -> None:
        self._threads = ThreadPoolExecutor(most_at_once, thread_name_prefix="upload")
        # what the waiting ones need is short; it has a thread apart from those that read bodies
        self._verdicts = ThreadPoolExecutor(1, thread_name_prefix="verdict")
        self._waiting = Waiting(services, self._verdicts)

    async def run(
        self,
        context: Context,
        wanted: DeliveryWanted,
        chunks: AsyncIterator[bytes],
        *,
        early: bool,
    ) -> Outcome:
        """Keep a body for good and wait for a worker's verdict; with `early`, do not wait."""
        loop = asyncio.get_running_loop()

        def receive() -> Outcome:
            body = io.BufferedReader(BodyFile(chunks, loop), READ_SIZE)
            return deliver_file(context.services, context.caller(), wanted, body, wait=False)

        kept = await loop.run_in_executor(self._threads, receive)
        if early or not kept.running:
            return kept
        delivery_id = kept.answer.delivery_id
        await self._waiting.wait_for(delivery_id)
        return await loop.run_in_executor(
            self._verdicts,
            lambda: answer_now(context.services, context.caller(), delivery_id, retry=kept.retry),
        )

    def close(self) -> None:
        """Wait for what is being received, and take nothing new."""
        self._threads.shutdown(wait=True)
        self._verdicts.shutdown(wait=True)


class Waiting:
    """Deliveries that somebody waits for: one look at the database for all of them at a time."""

    def __init__(self, services: Services, thread: ThreadPoolExecutor) -> None:
        self._services, self._thread = services, thread
        # each has an event of his own: one who waits no longer takes nobody's from him
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def wait_for(self, delivery_id: str) -> None:
        """Return when the delivery has its verdict, or when that takes too long."""
        event = asyncio.Event()
        self._events[delivery_id].add(event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), LONGEST_WAIT)
        finally:
            self._forget(delivery_id, event)

    def _forget(self, delivery_id: str, event: asyncio.Event) -> None:
        waiting = self._events.get(delivery_id, set())
        waiting.discard(event)
        if not waiting:
            self._events.pop(delivery_id, None)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._events:
            finished = await loop.run_in_executor(self._thread, self._finished, list(self._events))
            for delivery_id in finished:
                for event in self._events.pop(delivery_id, ()):
                    event.set()
            await asyncio.sleep(POLL)

    def _finished(self, delivery_ids: list[str]) -> frozenset[str]:
        try:
            return finished_of(self._services, delivery_ids)
        except sa.exc.SQLAlchemyError:  # away for a while: those who wait go on waiting
            return frozenset()


def runner_of(app: FastAPI) -> DeliveryRunner:
    return cast(DeliveryRunner, app.state.runner)
