"""The vectors of all passages in memory, for exact nearest neighbours with FAISS.

They are read from SQLite, which is the truth. A copy of them on disk would only be one more thing that can be missing,
stale or broken, and it would not be faster: 60,000 vectors are read and added in 0.6 s, where a FAISS file of them
takes longer to read and check.
"""

from __future__ import annotations

import sqlite3
from importlib import import_module
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from index.engines import Vectors
from index.errors import StoreBroken

CONTEXT_WEIGHT = 0.5
"""How much a passage's context counts beside its words (`docs/evaluation.md`, "Words and context")."""

Keys = npt.NDArray[np.int64]


def _faiss() -> Any:
    # Its annotations leave out what its Python layer adds (arrays for pointers), hence Any.
    return import_module("faiss")


def joined(words: Vectors, contexts: Vectors) -> Vectors:
    """The vectors of passages, of length 1, from those of their words and of their contexts; all of one shape.

    The two are embedded apart, so that each text is embedded once, whatever stands before it: in fifty inspection
    reports of one form, a fifth of the passages have the words of another, and none has its title, too.
    """
    sums = words + CONTEXT_WEIGHT * contexts
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12), dtype=np.float32)


class VectorIndex:
    """Inner products over normalised vectors, exact. Follows the table `vectors` as it grows and shrinks."""

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._index: Any = None
        self._keys: Keys = np.zeros(0, dtype=np.int64)
        self._changes = -1
        self._lock = Lock()

    def refresh(self, connection: sqlite3.Connection, changes: int) -> None:
        """Take in what was added and removed, up to the count of changes that the connection sees."""
        with self._lock:
            if changes <= self._changes:
                return
            if self._index is None:
                self._index = _faiss().IndexIDMap(_faiss().IndexFlatIP(self._dimension))
            # A key is never used again, so what is new has a higher key than everything known.
            last = int(self._keys[-1]) if len(self._keys) else 0
            now = np.fromiter(
                (key for (key,) in connection.execute("SELECT passage FROM vectors ORDER BY 1")), np.int64
            )
            if len(gone := np.setdiff1d(self._keys, now, assume_unique=True)):
                self._index.remove_ids(gone)
            rows = connection.execute(
                "SELECT w.vector, c.vector FROM vectors v JOIN embeddings w ON w.key = v.words"
                " LEFT JOIN embeddings c ON c.key = v.context WHERE v.passage > ? ORDER BY v.passage",
                (last,),
            ).fetchall()
            none = bytes(self._dimension * 4)
            words, contexts = (b"".join(row[part] or none for row in rows) for part in (0, 1))
            new = now[now > last]
            if {len(words), len(contexts)} != {len(new) * self._dimension * 4}:
                self._index, self._keys = None, self._keys[:0]
                raise StoreBroken("The index holds vectors of a wrong length.", "Remove it and index again.")
            if len(new):
                both = (np.frombuffer(part, np.float32).reshape(len(new), -1) for part in (words, contexts))
                self._index.add_with_ids(joined(*both), new)
            self._keys, self._changes = now, changes

    def search(self, vector: Vectors, k: int, allowed: Keys | None) -> list[tuple[int, float]]:
        """The k nearest of the allowed keys (None: of all), best first."""
        faiss = _faiss()
        parameters = None
        if allowed is not None:
            if not len(allowed):
                return []
            bits = np.zeros(int(allowed.max()) + 1, dtype=bool)
            bits[allowed] = True
            bitmap = np.packbits(bits, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bitmap))
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, self._dimension)
        with self._lock:
            k = min(k, len(self._keys))
            if k < 1:
                return []
            scores, keys = self._index.search(query, k, params=parameters)
        return [(int(key), float(score)) for key, score in zip(keys[0], scores[0], strict=True) if key >= 0]
