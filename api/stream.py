"""An answer as server-sent events (WHATWG HTML, 9.2): what was understood, then the statements, then the whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Iterator
from concurrent.futures import Future
from typing import Protocol

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.answering import Answering
from api.negotiate import EVENTS
from api.problems import Problem, problem_of
from api.schemas.responses import AnswerOut, CitationOut
from api.work import Stop, Workers, too_long, wait_for

COMMENT_SECONDS = 15.0
"""How long the connection is silent before a comment line keeps it open."""
COMMENT = ": still working\n\n"

Event = tuple[str, BaseModel]


class Wire(Protocol):
    """How events are written. What it says of an event may be empty."""

    def event(self, name: str, data: BaseModel) -> str:
        """The lines of one event: `understood`, `citation`, `statement` or, last of all, `answer`."""

    def error(self, problem: Problem) -> str:
        """The lines of a fault after the first event; nothing comes after them."""


class Events:
    """The events of `POST /v1/ask`, each under its name."""

    def event(self, name: str, data: BaseModel) -> str:
        """One event."""
        return f"event: {name}\n{data_line(data.model_dump(mode='json', by_alias=True))}"

    def error(self, problem: Problem) -> str:
        """The event `error`, with the problem object."""
        return f"event: error\n{data_line(problem.body())}"


def events_of(answer: AnswerOut, statements: int = 0, citations_told: Collection[int] = ()) -> Iterator[Event]:
    """A finished answer as events: each citation before the first statement that uses it, the whole at the end.

    So many `statements` and these citations were told already.
    """
    citations = {c.number: c for c in answer.citations if c.number not in citations_told}
    for statement in answer.statements[statements:]:
        for number in statement.citations:
            if number in citations:
                yield "citation", citations.pop(number)
        yield "statement", statement
    yield "answer", answer


def data_line(data: object) -> str:
    """The data of one event and its end: JSON has no line ends of its own.

    In ASCII: some clients take other characters, such as U+2028, for line ends.
    """
    return f"data: {json.dumps(data)}\n\n"


async def stream_answer(workers: Workers, answering: Answering, request: Request, wire: Wire | None = None) -> Response:
    """Start on an answer; the response begins with the first event.

    Raises:
        Problem, Exception: a fault before the first event, to be shown as for any other answer.
        GoneError: the client has closed the connection.
    """
    stream = _Stream(workers, answering)
    try:
        first = await wait_for(asyncio.ensure_future(stream.next()), workers.seconds, request)
    except BaseException:
        stream.close()
        raise
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.lines(first, wire or Events()), headers=headers, media_type=EVENTS)


class _Stream:
    """Events made in a worker's thread and read on the event loop."""

    def __init__(self, workers: Workers, answering: Answering) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + workers.seconds
        self._seconds = workers.seconds
        self._queue: asyncio.Queue[Event | BaseException] = asyncio.Queue()
        self._told: list[Event] = []
        self._stop = Stop()
        self._future = workers.start(lambda stop: answering(stop, self._tell), self._stop)
        self._future.add_done_callback(self._finished)

    def _tell(self, name: str, data: BaseModel) -> None:
        self._told.append((name, data))
        self._put(name, data)

    def _finished(self, future: Future[AnswerOut]) -> None:
        if future.cancelled():
            return
        if error := future.exception():
            self._loop.call_soon_threadsafe(self._queue.put_nowait, error)
            return
        if not any(name == "understood" for name, _ in self._told):
            self._tell("understood", future.result().understood)
        numbers = [data.number for name, data in self._told if isinstance(data, CitationOut)]
        statements = sum(name == "statement" for name, _ in self._told)
        for name, data in events_of(future.result(), statements, numbers):
            self._put(name, data)

    def _put(self, name: str, data: BaseModel) -> None:
        self._loop.call_soon_threadsafe(self._queue.put_nowait, (name, data))

    async def next(self) -> Event:
        """The next event; raises what the work raised."""
        item = await self._queue.get()
        if isinstance(item, BaseException):
            raise item
        return item

    async def lines(self, event: Event, wire: Wire) -> AsyncIterator[str]:
        """The wire format from `event` on, to the answer or an error."""
        try:
            yield wire.event(*event)
            while event[0] != "answer":
                waiting = asyncio.ensure_future(self.next())
                try:
                    while not await self._comes(waiting):
                        yield COMMENT
                finally:
                    waiting.cancel()
                event = waiting.result()
                if lines := wire.event(*event):
                    yield lines
        except Exception as error:
            yield wire.error(problem_of(error))
        finally:
            self.close()

    async def _comes(self, waiting: asyncio.Future[Event]) -> bool:
        """Whether the next event comes before a comment is due; raises when the time is over."""
        left = self._deadline - self._loop.time()
        if left <= 0:
            raise too_long(self._seconds)
        done, _ = await asyncio.wait([waiting], timeout=min(COMMENT_SECONDS, left))
        return bool(done)

    def close(self) -> None:
        """Nobody reads any further: stop the work."""
        self._stop.set()
        self._future.cancel()
