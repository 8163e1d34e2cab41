"""The files as they came, kept under the SHA-256 of their bytes."""

from __future__ import annotations

import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path


class Originals:
    """A folder of files named by their content.

    Whoever writes or removes holds the index's write lock, so no file is removed between its writing and the
    commit that refers to it, and a partial file is nobody's. What nothing refers to is removed after the commit
    that made it so: whatever is undone, the file is still there.
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
        if os.name == "posix":  # the new name, too, must outlive a power cut
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def keep_only(self, hashes: Container[str]) -> None:
        """Remove every other file, also what a killed process left behind."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if path.name not in hashes:
                with suppress(OSError):  # someone may be reading it on Windows; the next removal takes it along
                    path.unlink()
