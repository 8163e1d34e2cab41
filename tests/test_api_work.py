import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from test_api_support import until

from api.problems import Problem
from api.work import Stop, StoppedError, Workers


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def waits_for(event: threading.Event) -> Callable[[Stop], str]:
    def work(stop: Stop) -> str:
        assert event.wait(30)
        return "done"

    return work


def test_a_full_queue_is_503_and_a_free_place_is_taken_again(release: threading.Event) -> None:
    workers = Workers("test", threads=1, waiting=1, seconds=30)

    async def ask() -> None:
        first = asyncio.ensure_future(workers.run(waits_for(release)))
        second = asyncio.ensure_future(workers.run(waits_for(release)))
        await asyncio.sleep(0)
        with pytest.raises(Problem) as raised:
            await workers.run(waits_for(release))
        assert raised.value.status_code == 503
        release.set()
        assert list(await asyncio.gather(first, second)) == ["done", "done"]
        assert await workers.run(waits_for(release)) == "done"

    asyncio.run(ask())
    workers.close()


def test_what_takes_too_long_is_503_and_keeps_its_place_until_it_stops(release: threading.Event) -> None:
    workers = Workers("test", threads=1, waiting=0, seconds=0.05)
    stopped = threading.Event()

    def work(stop: Stop) -> None:
        release.wait(30)
        try:
            stop.check()
        except StoppedError:
            stopped.set()
            raise

    async def ask() -> None:
        with pytest.raises(Problem, match="not done within"):
            await workers.run(work)
        with pytest.raises(Problem, match="Too much"):
            await workers.run(work)

    asyncio.run(ask())
    release.set()
    assert stopped.wait(30)
    workers.close()


def test_work_that_waits_is_dropped_when_nobody_wants_it(release: threading.Event) -> None:
    workers = Workers("test", threads=1, waiting=1, seconds=30)
    begun = []

    async def ask() -> None:
        first = asyncio.ensure_future(workers.run(waits_for(release)))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(workers.run(lambda stop: begun.append(1)))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        release.set()
        assert await first == "done"

    asyncio.run(ask())
    workers.close()
    assert not begun


def test_closing_stops_what_looks_and_waits_for_the_rest() -> None:
    workers = Workers("test", threads=2, waiting=0, seconds=30)
    begun = threading.Event()
    ended = []

    def looks(stop: Stop) -> None:
        begun.set()
        try:
            until(stop.check)
        except StoppedError:
            ended.append(1)

    workers.start(looks, Stop())
    assert begun.wait(30)
    workers.close()
    assert ended


def test_a_fault_in_the_work_comes_out() -> None:
    workers = Workers("test", threads=1, waiting=0, seconds=30)

    def work(stop: Stop) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(workers.run(work))
    workers.close()
