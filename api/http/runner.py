"""Runs deliveries in threads of their own, so that lookups never wait behind a large file."""

import asyncio
import io
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import structlog
from fastapi import FastAPI

from api.http.context import Context
from api.http.upload import BodyFile
from api.logs import frames_of
from api.problems import problem_of
from api.usecases.deliveries import DeliveryWanted, Outcome, deliver_file

READ_SIZE = 1 << 20


class DeliveryRunner:
    """A few deliveries at a time; more of them wait for their turn, each with its body unread."""

    def __init__(self, most_at_once: int) -> None:
        self._threads = ThreadPoolExecutor(most_at_once, thread_name_prefix="deliver")
        self._going_on: set[asyncio.Future[Outcome]] = set()

    async def run(
        self,
        context: Context,
        wanted: DeliveryWanted,
        chunks: AsyncIterator[bytes],
        *,
        early: bool,
    ) -> Outcome:
        """Deliver a body; with `early`, answer as soon as its bytes are kept for good.

        What goes on after an early answer is finished by this process, or, after a crash, by the
        recovery of the next start.
        """
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[Outcome] = loop.create_future()

        def tell(outcome: Outcome) -> None:
            loop.call_soon_threadsafe(_settle, kept, outcome)

        def work() -> Outcome:
            body = io.BufferedReader(BodyFile(chunks, loop), READ_SIZE)
            return deliver_file(
                context.services, context.caller(), wanted, body, on_kept=tell if early else None
            )

        done = loop.run_in_executor(self._threads, work)
        if not early:
            return await done
        await asyncio.wait({done, kept}, return_when=asyncio.FIRST_COMPLETED)
        if done.done():
            return await done
        self._going_on.add(done)
        done.add_done_callback(self._finished)
        return await kept

    def close(self) -> None:
        """Wait for what is going on, and take nothing new."""
        self._threads.shutdown(wait=True)

    def _finished(self, done: "asyncio.Future[Outcome]") -> None:
        self._going_on.discard(done)
        error = done.exception()
        if error is not None and (not isinstance(error, Exception) or problem_of(error) is None):
            structlog.get_logger().error(
                "delivery", error=type(error).__name__, says=str(error), frames=frames_of(error)
            )


def _settle(future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if not future.done():
        future.set_result(outcome)


def runner_of(app: FastAPI) -> DeliveryRunner:
    return cast(DeliveryRunner, app.state.runner)
