"""How far the uploads are that wait or are being indexed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Literal


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way. `passages` is how many it was found to hold (0 until it is read), `embedded` how many of
    them are done; `since` is when it came, ISO 8601."""

    name: str
    size: int
    since: str
    state: Literal["waiting", "reading", "embedding"] = "waiting"
    embedded: int = 0
    passages: int = 0


class Uploading:
    """The uploads of one app, oldest first. Shared by threads."""

    def __init__(self) -> None:
        self._numbers = count()
        self._now: dict[int, Upload] = {}
        self._lock = threading.Lock()

    @contextmanager
    def file(self, name: str, size: int) -> Iterator[Progress]:
        """Show a file until the block ends; its progress is told to what the block is given."""
        number = next(self._numbers)
        with self._lock:
            self._now[number] = Upload(name, size, datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            yield Progress(self, number)
        finally:
            with self._lock:
                self._now.pop(number)

    def now(self) -> list[Upload]:
        """Every upload that is not done."""
        with self._lock:
            return list(self._now.values())

    def told(self, number: int, state: Literal["reading", "embedding"], embedded: int, passages: int) -> None:
        """Note how far one is; whose block has ended is done."""
        with self._lock:
            if number in self._now:
                self._now[number] = replace(self._now[number], state=state, embedded=embedded, passages=passages)


@dataclass(frozen=True, slots=True)
class Progress:
    """Takes the progress of one file."""

    uploads: Uploading
    number: int

    def reading(self) -> None:
        """Its turn has come."""
        self.uploads.told(self.number, "reading", 0, 0)

    def embedded(self, done: int, of: int) -> None:
        """So many of its passages are embedded."""
        self.uploads.told(self.number, "embedding", done, of)
