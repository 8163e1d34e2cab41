"""A few threads with a short queue in front, so that slow work neither piles up nor stops the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request

from api.problems import Problem

T = TypeVar("T")


class StoppedError(Exception):
    """Raised inside a piece of work when nobody waits for its result any more."""


class Stop:
    """Says whether the work should go on; handed to the work, which looks at it between its stages."""

    def __init__(self) -> None:
        self._set = threading.Event()

    def set(self) -> None:
        """Ask the work to stop."""
        self._set.set()

    def check(self) -> None:
        """Raise `StoppedError` when it should."""
        if self._set.is_set():
            raise StoppedError


class Workers:
    """Runs synchronous work in at most `threads` threads; at most `waiting` further pieces wait for one."""

    def __init__(self, name: str, threads: int, waiting: int, seconds: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._running: set[Stop] = set()
        self.seconds = seconds

    def start(self, work: Callable[[Stop], T], stop: Stop) -> Future[T]:
        """Queue a piece of work. It keeps its place until it has really ended, also when nobody waits for it.

        Raises:
            Problem: 503, the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Problem(503, "Too much is being worked on already. Try again in a few seconds.")
        self._running.add(stop)

        def ended(_: Future[T]) -> None:
            self._running.discard(stop)
            self._places.release()

        future = self._threads.submit(contextvars.copy_context().run, work, stop)
        future.add_done_callback(ended)
        return future

    async def run(self, work: Callable[[Stop], T], request: Request | None = None) -> T:
        """The result of a piece of work, which is stopped when the client goes or the time is over.

        Raises:
            Problem: 503, the queue is full, or it took too long.
            GoneError: the client has closed the connection.
        """
        stop = Stop()
        future = self.start(work, stop)
        try:
            return await wait_for(asyncio.wrap_future(future), self.seconds, request)
        finally:
            stop.set()

    def close(self) -> None:
        """Stop what can be stopped, wait for the rest."""
        for stop in tuple(self._running):
            stop.set()
        self._threads.shutdown(cancel_futures=True)


class GoneError(Exception):
    """The client has closed the connection: there is nobody to answer."""


async def wait_for(result: asyncio.Future[T], seconds: float, request: Request | None) -> T:
    """Wait for a result, the client's leaving or the end of the time, whichever is first."""
    left = asyncio.ensure_future(_left(request)) if request else None
    waiting: set[asyncio.Future[T] | asyncio.Future[None]] = {result, left} if left else {result}
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if left:
            left.cancel()
        if not result.done():
            result.cancel()
    if result in done:
        return result.result()
    if done:
        raise GoneError
    raise too_long(seconds)


def too_long(seconds: float) -> Problem:
    """The 503 for work that took more than so many seconds."""
    return Problem(503, f"It was not done within {seconds:g} seconds. Try again, or ask for less.")


async def _left(request: Request) -> None:
    """Return when the client closes the connection. Only to be used once the body was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
