"""A small pool of processes that read files, so that a bad file harms nothing but its own reading."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self

from index import errors
from index.errors import LoadError, UnreadableFile
from index.loaders import worker
from index.loaders.formats import LOADERS
from index.loaders.limits import Limits
from index.models import Loaded

_FILES_EACH = 200  # a process is replaced after so many: PDFium gives little memory back
_IN_PROCESS = frozenset({"text"})  # nothing in decoding text can run away


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Reads files in up to `count` processes, started when first needed. Any number of threads may call `read`."""

    def __init__(self, count: int | None = None, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.count = count or cores()
        self._idle: LifoQueue[_Process | None] = LifoQueue()
        self._busy: set[_Process] = set()
        self._closed = False
        for _ in range(self.count):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all processes, also those that read: who waits for them gets an error."""
        self._closed = True
        idle = [self._idle.get_nowait() for _ in range(self._idle.qsize())]
        for process in (*idle, *self._busy):
            if process is not None:
                process.kill()
        for process in idle:
            if process is not None:
                process.close()
            self._idle.put(None)

    def read(self, kind: str, data: bytes) -> Loaded:
        """Read `data` as the format `kind`, in a process of the pool unless it is plain text.

        Raises:
            LoadError: what the loader raised, or `UnreadableFile` where it crashed or took too long or too much.
        """
        if kind in _IN_PROCESS:
            return LOADERS[kind](data)
        process = self._idle.get()
        try:
            if process is None or not process.usable:
                process = _Process(self.limits)
            self._busy.add(process)
            if self._closed:
                process.close()
                raise UnreadableFile("Reading was stopped.", "Start it again.")
            loaded = process.read(kind, data)
        except LoadError:
            raise
        except BaseException:
            if process is not None:
                process.close()
            raise
        finally:
            if process is not None:
                self._busy.discard(process)
            self._idle.put(process if process is not None and process.usable else None)
        return loaded


class _Process:
    """One reading process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files = 0
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "index.loaders.worker", str(limits.memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # a frame left in a buffer would not wake the selector
            env={**os.environ, "PYTHONPATH": path, "OMP_THREAD_LIMIT": "1"},
            start_new_session=True,  # Ctrl-C is for us to deal with, and what it starts is ended with it
        )

    @property
    def usable(self) -> bool:
        """Whether it may read another file; one that may not is closed."""
        if self._files < _FILES_EACH and self._popen.poll() is None:
            return True
        self.close()
        return False

    def kill(self) -> None:
        """End it, and what it started, without waiting; any thread may do so."""
        if self._popen.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and wait for its end."""
        self._popen.poll()
        self.kill()
        self._popen.wait()
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream is not None:
                stream.close()

    def read(self, kind: str, data: bytes) -> Loaded:
        """Send one file and take what comes back."""
        self._files += 1
        assert self._popen.stdin is not None
        try:
            worker.send(self._popen.stdin, b"L", kind.encode() + b"\n" + data)
            answer = self._answer()
        except BrokenPipeError:
            answer = None
        if answer is None:
            self.close()
            raise UnreadableFile("The file makes its reader crash.", "It is damaged; get a whole copy or save it anew.")
        kind_of, content = answer
        values = json.loads(content)
        if kind_of == b"e":
            found: Callable[[str, str], LoadError] = getattr(errors, values[0])
            raise found(values[1], values[2])
        return Loaded(
            values["text"],
            tuple(values["pages"]),
            values["metadata"],
            tuple((page, words) for page, words in values["furniture"]),
            tuple(values["problems"]),
        )

    def _answer(self) -> tuple[bytes, bytes] | None:
        """The result or error, once it comes; every tick before it gives the reader more time."""
        assert self._popen.stdout is not None
        end = time.monotonic() + self._limits.seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._popen.stdout, selectors.EVENT_READ)
            while True:
                wait = min(self._limits.silent_seconds, end - time.monotonic())
                if wait <= 0 or not selector.select(wait):
                    self.close()
                    raise UnreadableFile("Reading the file takes too long.", "Split it, or save it anew.")
                frame = worker.receive(self._popen.stdout)
                if frame is None or frame[0] != b"t":
                    return frame
