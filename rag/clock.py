"""How long each stage of an answer took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Clock:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done inside; a stage that comes again goes on."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self._stages[name] = self._stages.get(name, 0.0) + time.perf_counter() - began

    def finish(self) -> Mapping[str, int]:
        """Every stage's milliseconds, and `total`."""
        stages = {name: round(seconds * 1000) for name, seconds in self._stages.items()}
        return {**stages, "total": round((time.perf_counter() - self._start) * 1000)}
