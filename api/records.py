"""Answers and what people thought of them, in an SQLite file next to the index.

Of an answer is kept what was asked and where its citations stand, never the quoted words: what is deleted from
the index is not found here either. Only the newest answers are kept; feedback stays until the file is removed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, TypeVar

from api.schemas.responses import AnswerOut
from index.errors import NotFound, StoreBroken, StoreUnavailable

NAME = "records.sqlite3"
KEPT = 10_000
"""How many answers are kept."""

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS feedback (
    answer_id TEXT PRIMARY KEY, at TEXT NOT NULL, helpful INTEGER NOT NULL, comment TEXT NOT NULL, record TEXT NOT NULL
);
"""


class Records:
    """The file, opened when it is first needed; shared by threads.

    Every method may raise `StoreUnavailable` (disk full, read-only or locked) and `StoreBroken`.
    """

    def __init__(self, folder: Path, kept: int = KEPT) -> None:
        self._path = folder / NAME
        self._kept = kept
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def keep(self, answer: AnswerOut, question: str, earlier: Sequence[str] = ()) -> None:
        """Keep an answer, so that feedback can name it, and let go of the oldest. `earlier`: the questions before."""
        record = {
            "asked_at": _now(),
            "question": question,
            "history": [{"question": text} for text in earlier],
            "understood": answer.understood.model_dump(mode="json", by_alias=True),
            "status": answer.status,
            "reason": answer.refusal.reason if answer.refusal else None,
            "citations": [c.model_dump(include={"document_id", "source", "start", "end"}) for c in answer.citations],
            "versions": answer.versions,
        }

        def write(file: sqlite3.Connection) -> None:
            added = file.execute(
                "INSERT OR REPLACE INTO answers (id, record) VALUES (?, ?)", (answer.id, json.dumps(record))
            )
            file.execute("DELETE FROM answers WHERE number <= ?", ((added.lastrowid or 0) - self._kept,))

        self._write(write)

    def judge(self, answer_id: str, helpful: bool, comment: str) -> None:
        """Store what someone thought of an answer; the last word on it counts.

        Raises:
            NotFound: no such answer is kept.
        """

        def write(file: sqlite3.Connection) -> int:
            return file.execute(
                "INSERT OR REPLACE INTO feedback SELECT id, ?, ?, ?, record FROM answers WHERE id = ?",
                (_now(), helpful, comment, answer_id),
            ).rowcount

        if not self._write(write):
            raise NotFound(f"There is no answer {answer_id!r}.", f"Only the last {self._kept} are kept.")

    def feedback(self) -> Iterator[dict[str, Any]]:
        """Every answer that was judged, with the judgement, oldest first."""
        query = "SELECT answer_id, at, helpful, comment, record FROM feedback ORDER BY at, rowid"
        rows = self._write(lambda file: file.execute(query).fetchall())
        for answer_id, at, helpful, comment, record in rows:
            judged = {"answer_id": answer_id, "at": at, "helpful": bool(helpful), "comment": comment}
            yield judged | json.loads(record)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open:
                self._open.close()
            self._open = None

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in one transaction."""
        with self._lock:
            try:
                if self._open is None:
                    self._open = self._connect()
                with self._open:
                    return work(self._open)
            except (sqlite3.OperationalError, OSError) as error:
                raise StoreUnavailable(
                    f"{self._path} cannot be written: {error}.", "Check the disk's space and permissions."
                ) from error
            except sqlite3.DatabaseError as error:
                raise StoreBroken(f"{self._path} is damaged: {error}.", "Move it away; a new one is made.") from error

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = sqlite3.connect(self._path, timeout=10, check_same_thread=False)
        try:
            file.execute("PRAGMA journal_mode=WAL")
            file.executescript(_SCHEMA)
        except sqlite3.Error:
            file.close()
            raise
        return file


def export_feedback(folder: Path, out: TextIO) -> int:
    """Write the feedback in a data folder as JSON lines, oldest first; the number of lines."""
    if not (folder / NAME).is_file():
        return 0
    with closing(Records(folder)) as records:
        lines = [json.dumps(judged, ensure_ascii=False) + "\n" for judged in records.feedback()]
    out.writelines(lines)
    return len(lines)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
