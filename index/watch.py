"""Keeping an index up to date with a folder while its files change."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

from index.files import File

QUIET_SECONDS = 1.0
"""A change is taken up once nothing has changed for so long; a file that was written to since may not be whole."""
_LATEST_SECONDS = 10.0  # where something changes all the time


def changes(folder: Path, leave_out: Path, stop: Event) -> Iterator[bool]:
    """Yield True whenever something in the folder has changed and come to rest, and False each second between, until
    `stop` is set.

    From the first time it yields, no change is missed, also none that happens while the caller works. Hidden files,
    and those in `leave_out`, do not count.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    import watchfiles

    top, hidden = folder.resolve(), leave_out.resolve()

    def counts(_: Any, path: str) -> bool:
        changed = Path(path)
        inside = changed.relative_to(top).parts if changed.is_relative_to(top) else ()
        return not (changed.is_relative_to(hidden) or any(part.startswith(".") for part in inside))

    for changed in watchfiles.watch(
        top,
        watch_filter=counts,
        step=round(QUIET_SECONDS * 1000),
        debounce=round(_LATEST_SECONDS * 1000),
        rust_timeout=1000,
        yield_on_timeout=True,
        stop_event=stop,
        raise_interrupt=True,
        ignore_permission_denied=True,
    ):
        yield bool(changed)


def being_written(file: File, now: Callable[[], float] = time.time) -> bool:
    """Whether a file changed a moment ago, so that more may be to come."""
    return 0 <= now() - file.modified / 1e9 < QUIET_SECONDS
