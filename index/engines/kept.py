"""What was read from an index, kept until the index changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Kept:
    """The last `size` values that were used, each with the count of changes at which it was read."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, changes: int, make: Callable[[], T]) -> T:
        """The value of `key` at this count of changes, made if it is not known."""
        with self._lock:
            known, value = self._values.get(key, (-1, None))
        if known != changes:
            value = make()
        with self._lock:
            self._values[key] = changes, value
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)
        return cast(T, value)
