"""The files as they came, kept under the SHA-256 of their bytes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


class Originals:
    """A folder of files named by their content.

    Whoever writes or removes holds the index's write transaction: no file is removed between its writing and
    the commit that refers to it, and a partial file is nobody's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file with these bytes is, if it is there."""
        return self._folder / sha256

    def add(self, sha256: str, data: bytes) -> None:
        """Write a file, whole or not at all. Raises `OSError`."""
        path = self.path(sha256)
        if path.exists():
            return
        self._folder.mkdir(exist_ok=True)
        partial = self._folder / "partial"
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def remove(self, hashes: Iterable[str]) -> None:
        """Remove files; one that is already gone, or cannot be removed now, is no error."""
        for sha256 in hashes:
            try:
                self.path(sha256).unlink(missing_ok=True)
            except OSError:
                continue  # someone on Windows may be reading it; nothing refers to it any more
