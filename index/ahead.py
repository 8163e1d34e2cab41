"""Reading ahead: the next files are read in threads while the one before them is embedded and stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(
    work: Callable[[T], R], items: Iterable[T], size: Callable[[T], int], threads: int, budget: int
) -> Iterator[tuple[T, Future[R]]]:
    """Each item with what becomes of it, in the order of the items, however long each of them takes.

    `threads` items are worked on at once. At most twice as many wait for whoever takes the results, and no more than
    `budget` in size together unless a single one is larger, so that memory does not grow with their number.
    """
    waiting: deque[tuple[T, Future[R]]] = deque()
    held = 0
    pool = ThreadPoolExecutor(threads, thread_name_prefix="ahead")
    try:
        for item in items:
            while waiting and (len(waiting) > 2 * threads or held + size(item) > budget):
                held -= size(waiting[0][0])
                yield waiting.popleft()
            waiting.append((item, pool.submit(work, item)))
            held += size(item)
        while waiting:
            yield waiting.popleft()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
