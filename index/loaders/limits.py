"""What a file may cost: bounds that hold for every format, so that one bad file never stops the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Tick = Callable[[], object]
"""Called by a loader after each page or part; a reader that falls silent for too long is ended."""


def idle() -> None:
    """The tick for a caller who does not watch."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for reading one file of a folder, and all that is packed in it.

    `file_bytes` holds for a file and for each file packed in it, `unpacked_bytes` for all of them together;
    `files` and `depth` count what a container may hold and how deep containers may lie in each other.
    `memory_bytes` is the address space of the process that reads, `silent_seconds` the longest time it may
    take for one page, `seconds` for the file.
    """

    file_bytes: int = 200 * 1024**2
    unpacked_bytes: int = 1024**3
    files: int = 5_000
    depth: int = 4
    memory_bytes: int = 2 * 1024**3
    silent_seconds: float = 90.0
    seconds: float = 3600.0
