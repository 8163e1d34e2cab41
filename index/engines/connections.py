"""Connections to one SQLite file, shared by threads, and what its errors mean for a person."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from queue import Empty, LifoQueue

from index.errors import StoreBroken, StoreUnavailable

BUSY_SECONDS = 10.0
"""How long to wait for another process that writes."""

_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_CANNOT_WRITE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_TODO = {
    **dict.fromkeys(_BUSY, "Another process is writing to it; try again in a moment."),
    **dict.fromkeys(_CANNOT_WRITE, "Make the folder writable, or name another one with `data`."),
    sqlite3.SQLITE_FULL: "Make room on the disk and try again.",
    sqlite3.SQLITE_IOERR: "Check the disk and its free space, and try again.",
}


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # the upper bytes say more than is needed


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise `StoreUnavailable` and `StoreBroken` in place of what SQLite and the file system raise."""
    try:
        yield
    except sqlite3.Error as error:
        if _code(error) in _BROKEN:
            raise StoreBroken(
                f"The index {path} is damaged: {error}.", "Restore it from a copy, or remove it and index again."
            ) from error
        if (todo := _TODO.get(_code(error))) is not None:
            raise StoreUnavailable(f"The index {path} cannot be used now: {error}.", todo) from error
        raise
    except OSError as error:
        raise StoreUnavailable(
            f"{error.filename or path} cannot be used: {error.strerror}.",
            "Check the folder's permissions and the disk's free space, or name another folder with `data`.",
        ) from error


class Connections:
    """A pool of connections: each is used by one thread at a time, and as many are opened as are needed at once.

    A reader sees one state of the index from the start of its block to the end, whatever is written meanwhile
    (SQLite's WAL). A folder that cannot be written to is read as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection within a read transaction."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection within the one write transaction: committed at the end, rolled back on any exception."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with store_errors(self._path):
            try:
                connection = self._idle.get_nowait()
            except Empty:
                connection = self._connect()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._idle.put(connection)

    def _connect(self) -> sqlite3.Connection:
        uri = self._path.absolute().as_uri()
        try:
            return connect(f"{uri}?mode=rw")
        except sqlite3.OperationalError as error:
            log = self._path.with_name(self._path.name + "-wal")
            if _code(error) not in _CANNOT_WRITE or not self._path.is_file() or _size(log):
                raise
            # SQLite wants to write beside the file even to read it, unless it is told that nobody changes it:
            # nobody can, as long as nothing waits in the log.
            return connect(f"{uri}?mode=ro&immutable=1")

    def close(self) -> None:
        """Close every connection."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


def connect(uri: str) -> sqlite3.Connection:
    """Open a connection with the engine's pragmas and SQL functions."""
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # opens the file, which nothing did so far
        connection.create_function("fold", 1, fold, deterministic=True)
        connection.create_function("holds_words", 2, holds_words, deterministic=True)
        connection.create_function("mentions", 2, mentions, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def fold(text: str | None) -> str | None:
    """Text for a comparison that ignores case, in any script; SQLite's own ignores it in ASCII only."""
    return None if text is None else text.casefold()


def holds_words(text: str, words: str) -> bool:
    """Whether each of the words stands somewhere in a text, in any case."""
    folded = text.casefold()
    return all(word in folded for word in words.casefold().split())


def mentions(text: str, name: str) -> bool:
    """Whether a name stands in a text as whole words; in capitals, if the name is all capitals ("IT", not "it")."""
    return _name_pattern(name).search(text) is not None


@lru_cache(maxsize=256)
def _name_pattern(name: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", 0 if name.isupper() else re.IGNORECASE)
