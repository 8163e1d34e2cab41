"""Every error Footnote raises on purpose: what happened, and what to do about it.

The command line prints `str(error)` and exits with `exit_code`; the HTTP service maps each class to a
problem response in one table (`api/problems.py`).
"""

from __future__ import annotations

from collections.abc import Iterable


class FootnoteError(Exception):
    """The root of the tree. `what` is one plain sentence, `todo` the next step for a person."""

    exit_code = 1

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what if not todo else f"{what} {todo}")
        self.what = what
        self.todo = todo


class SettingsError(FootnoteError):
    """A setting is misspelt or has a value of the wrong kind."""

    exit_code = 2


class UnknownName(FootnoteError):
    """A name that is not in one of the visible dicts (embedders, rerankers, engines, ...)."""

    exit_code = 2

    def __init__(self, role: str, name: str, known: Iterable[str]) -> None:
        super().__init__(f"There is no {role} called {name!r}.", f"Known: {', '.join(sorted(known))}.")


class InvalidQuestion(FootnoteError):
    """A question or a filter that cannot be worked with: empty, too long, control characters."""

    exit_code = 2

    def __init__(self, field: str, what: str, todo: str = "") -> None:
        super().__init__(what, todo)
        self.field = field


class NotFound(FootnoteError):
    """No document (or answer) with this id."""


class LoadError(FootnoteError):
    """A file could not be turned into text; indexing reports it and goes on."""


class UnsupportedFormat(LoadError):
    """The content is of a format no loader reads."""


class UnreadableFile(LoadError):
    """The file is empty, damaged, encrypted, or may not be read."""


class FileTooLarge(LoadError):
    """The file is larger than the limit in the settings."""


class ModelError(FootnoteError):
    """Model weights are missing or are not the ones expected."""


class StoreError(FootnoteError):
    """The index cannot be read or written."""


class StoreUnavailable(StoreError):
    """The disk is full or read-only, or another process holds the index for too long."""


class StoreBroken(StoreError):
    """The SQLite file is damaged or was made by a newer version."""


class EmbedderMismatch(StoreError):
    """The index was made with another embedding model."""


class NoIndex(StoreError):
    """There is no index yet in the data folder."""
