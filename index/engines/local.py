"""The default engine: one SQLite file holds everything, FAISS searches its vectors in memory.

Written in transactions, so that a file's documents are in whole or not at all, and a crash at any moment loses nothing
that was committed. The write-ahead log lets any number of threads and processes read while one writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.engines import Entry, Found, SourceRecord, Vectors
from index.engines.connections import Connections
from index.engines.filters import match_any, newest_version, storable, visible, where
from index.engines.kept import Kept
from index.engines.listing import Listing
from index.engines.opening import open_file
from index.engines.originals import Originals
from index.engines.schema import (
    DOCUMENT,
    SOURCE,
    document_of,
    insert_document,
    insert_embedding,
    insert_passage,
    meta,
    select_passages,
    source_of,
)
from index.engines.vectors import Keys, VectorIndex
from index.models import Document, Filters

FILE = "footnote.sqlite3"


class LocalEngine(Listing):
    """An open index in a folder: `footnote.sqlite3`, and the original files in `files/`."""

    def __init__(self, folder: Path, connections: Connections, dimension: int) -> None:
        super().__init__(connections, Originals(folder / "files"))
        self._dimension = dimension
        self._vectors = VectorIndex(dimension)
        self._filtered = Kept(16)

    # What is in it

    @property
    def version(self) -> str:
        """The index's own random name and the number of changes so far."""
        with self._connections.read() as connection:
            return _version(connection)

    def sources(self) -> tuple[SourceRecord, ...]:
        """Every ingested file, by root and source."""
        with self._connections.read() as connection:
            rows = connection.execute(f"SELECT {SOURCE} FROM sources ORDER BY root, source")
            return tuple(source_of(row) for row in rows)

    # Writing

    def replace(
        self, record: SourceRecord, entries: Sequence[Entry], abbreviations: Mapping[str, str], original: bytes
    ) -> None:
        """Store everything of one file in one transaction, in place of what was stored of it before.

        A document with the same id in another file gives way with that whole file: same source and bytes, moved root.
        """
        for entry in entries:
            self._check(entry)
        with self._connections.write() as connection:
            self._originals.add(record.sha256, original)
            ids = json.dumps([entry.document.id for entry in entries])
            replaced = connection.execute(
                "DELETE FROM sources WHERE (root = ? AND source = ?) OR key IN"
                " (SELECT file FROM documents WHERE id IN (SELECT value FROM json_each(?)))",
                (record.root, record.source, ids),
            ).rowcount
            cursor = connection.execute(
                f"INSERT INTO sources VALUES (NULL{', ?' * 9})",
                (
                    record.root,
                    record.source,
                    record.sha256,
                    record.size,
                    record.modified,
                    record.indexed_at,
                    len(entries),
                    record.recipe,
                    json.dumps(record.problems),
                ),
            )
            file = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO abbreviations VALUES (?, ?, ?)", [(file, *pair) for pair in abbreviations.items()]
            )
            for position, entry in enumerate(entries):
                key = insert_document(connection, file, position, entry)
                for passage, (words, context) in zip(entry.passages, _embeddings(connection, entry), strict=True):
                    insert_passage(connection, key, passage, words, context)
            _changed(connection)
        if replaced:
            self._drop_originals()

    def _check(self, entry: Entry) -> None:
        shape = (len(entry.passages), self._dimension)
        for vectors in (entry.vectors, *(() if entry.contexts is None else (entry.contexts,))):
            if vectors.shape != shape or not np.isfinite(vectors).all():
                raise ValueError(f"expected finite vectors of shape {shape}, got {vectors.shape}")
        for passage in entry.passages:
            if passage.document_id != entry.document.id or passage.text != entry.text[passage.start : passage.end]:
                raise ValueError(f"passage {passage.start}-{passage.end} is no slice of {entry.document.id}")

    def touch(self, record: SourceRecord) -> None:
        """Note where the file with this source and these bytes is now: its root and modification time."""
        with self._connections.write() as connection:
            connection.execute(
                "UPDATE sources SET root = ?, modified = ? WHERE source = ? AND sha256 = ?",
                (record.root, record.modified, record.source, record.sha256),
            )

    def remove_source(self, source: str, root: str) -> int:
        """Remove a file with its documents; the number of documents removed."""
        with self._connections.write() as connection:
            named = (root, source)
            (documents,) = connection.execute(
                "SELECT count(*) FROM documents d JOIN sources s ON s.key = d.file WHERE s.root = ? AND s.source = ?",
                named,
            ).fetchone()
            removed = connection.execute("DELETE FROM sources WHERE root = ? AND source = ?", named).rowcount
            if removed:
                _changed(connection)
        if removed:
            self._drop_originals()
        return int(documents)

    def remove_document(self, document_id: str) -> bool:
        """Remove one document; False when there is none. A file whose last document goes is forgotten."""
        with self._connections.write() as connection:
            removed = connection.execute("DELETE FROM documents WHERE id = ?", (storable(document_id),)).rowcount
            if removed:
                connection.execute("DELETE FROM sources WHERE key NOT IN (SELECT file FROM documents)")
                _changed(connection)
        if removed:
            self._drop_originals()
        return removed > 0

    def sketches(self) -> tuple[tuple[Document, bytes], ...]:
        """Every document with the sketch of its words, by source and position."""
        with self._connections.read() as connection:
            rows = connection.execute(
                f"SELECT d.sketch, {DOCUMENT} FROM documents d ORDER BY d.source, d.position, d.id"
            )
            return tuple((document_of(row), sketch) for sketch, *row in rows)

    @property
    def versions_known(self) -> bool:
        """Whether nothing has changed since `supersede` last noted it."""
        with self._connections.read() as connection:
            return bool(meta(connection, "compared") == meta(connection, "changes"))

    def supersede(self, later: Mapping[str, str], version: str) -> None:
        """Note which documents a later version supersedes (id -> id of the later one); none does the others."""
        by = "(SELECT j.value FROM json_each(?1) AS j WHERE j.key = documents.id)"
        with self._connections.write() as connection:
            current = version == _version(connection)  # another process may have written since
            changed = connection.execute(
                f"UPDATE documents SET superseded_by = {by} WHERE superseded_by IS NOT {by}",
                (json.dumps(dict(later)),),
            ).rowcount
            if changed:
                _changed(connection)
            if current:
                connection.execute("UPDATE meta SET value = ? WHERE name = 'compared'", (meta(connection, "changes"),))

    def vectors_of(self, digests: Iterable[bytes]) -> dict[bytes, Vectors]:
        """The vectors of those texts that are the words or the context of a passage, by their digests."""
        query = "SELECT vector FROM embeddings WHERE digest = ?"
        with self._connections.read() as connection:
            found = ((digest, connection.execute(query, (digest,)).fetchone()) for digest in set(digests))
            return {digest: np.frombuffer(row[0], np.float32) for digest, row in found if row}

    def _drop_originals(self) -> None:
        """Remove the original files of which nothing is stored any more."""
        with self._connections.write() as connection:
            self._originals.keep_only({sha256 for (sha256,) in connection.execute("SELECT sha256 FROM sources")})

    # Searching

    def dense(self, vector: Vectors, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k nearest passages by cosine similarity among those the filters allow."""
        with self._connections.read() as connection:
            self._vectors.refresh(connection, int(meta(connection, "changes")))
            allowed = self._allowed(connection, filters)
        return self._vectors.search(vector, k, allowed)

    def lexical(self, query: str, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k best passages by BM25 (Robertson & Zaragoza 2009) as FTS5 computes it, text counted over context."""
        if (match := match_any(query)) is None or k < 1:
            return []
        with self._connections.read() as connection:
            allowed = self._allowed(connection, filters)
            # The plus keeps SQLite from searching for the words once per allowed passage.
            condition = "" if allowed is None else "AND +rowid IN (SELECT value FROM json_each(?))"
            rows = connection.execute(
                f"SELECT rowid, -rank FROM stems WHERE stems MATCH ? {condition} ORDER BY rank, rowid LIMIT ?",
                (match, k) if allowed is None else (match, json.dumps(allowed.tolist()), k),
            )
            return [(key, score) for key, score in rows]

    def _allowed(self, connection: sqlite3.Connection, filters: Filters) -> Keys | None:
        """The passages that may be searched, None for all; found once for both searches of a question."""
        condition, values = self._condition(connection, filters)
        if not condition:
            return None
        query = f"SELECT p.key FROM passages p JOIN documents d ON d.key = p.document WHERE {condition}"

        def read() -> Keys:
            return np.fromiter((key for (key,) in connection.execute(query, values)), np.int64)

        return self._filtered.get(filters, int(meta(connection, "changes")), read)

    def _condition(self, connection: sqlite3.Connection, filters: Filters) -> tuple[str, list[str]]:
        """SQL for the passages that exist for the asker and that the filters allow; "" for all."""
        parts = [where(filters)]
        if self.restricted(connection):
            parts.append(visible(filters.groups))
        if self.any_superseded(connection):
            parts.append(newest_version(filters))
        return " AND ".join(sql for sql, _ in parts if sql), [value for _, values in parts for value in values]

    def fetch(self, keys: Sequence[int]) -> list[Found]:
        """The passages with these keys, in the order of the keys; a passage that is gone is left out."""
        with self._connections.read() as connection:
            found = select_passages(connection, keys)
        return [Found(key, *found[key]) for key in keys if key in found]

    def neighbours(self, key: int) -> tuple[int, ...]:
        """The keys of all passages of this passage's document, in order; empty when it is gone."""
        with self._connections.read() as connection:
            rows = connection.execute(
                "SELECT key FROM passages WHERE document = (SELECT document FROM passages WHERE key = ?) ORDER BY key",
                (int(key),),
            )
            return tuple(found for (found,) in rows)

    def keys_of(self, document_id: str) -> tuple[int, ...]:
        """The keys of all passages of a document, in order; empty when there is none."""
        with self._connections.read() as connection:
            rows = connection.execute(
                "SELECT p.key FROM passages p JOIN documents d ON d.key = p.document WHERE d.id = ? ORDER BY p.key",
                (storable(document_id),),
            )
            return tuple(key for (key,) in rows)

    # Documents

    def matching(self, filters: Filters) -> tuple[Document, ...]:
        """The documents of which the filters allow a passage, by source and position."""
        with self._connections.read() as connection:
            condition, values = self._condition(connection, filters)
            rows = connection.execute(
                f"SELECT {DOCUMENT} FROM documents d WHERE EXISTS (SELECT 1 FROM passages p WHERE p.document = d.key"
                f" AND {condition or 'TRUE'}) ORDER BY d.source, d.position, d.id",
                values,
            )
            return tuple(document_of(row) for row in rows)

    def close(self) -> None:
        """Close the connections. The last process to close folds the write-ahead log into the file."""
        self._connections.close()


def _embeddings(connection: sqlite3.Connection, entry: Entry) -> Iterator[tuple[int, int | None]]:
    """The keys of the vectors of each passage's words and context."""
    contexts = np.zeros_like(entry.vectors) if entry.contexts is None else entry.contexts
    for i, (words, context) in enumerate(zip(entry.vectors, contexts, strict=True)):
        digests = entry.digests[i] if entry.digests else (sha256(words).digest(), sha256(context).digest())
        key = insert_embedding(connection, digests[1], context) if context.any() else None
        yield insert_embedding(connection, digests[0], words), key


def _version(connection: sqlite3.Connection) -> str:
    return f"{meta(connection, 'index')}-{meta(connection, 'changes')}"


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'changes'")


def open_local(
    folder: Path, *, embedder: str | None = None, dimension: int | None = None, create: bool = False
) -> LocalEngine:
    """Open, or create, the index in `folder`. See `index.engines.open_engine` for what may be raised."""
    return LocalEngine(folder, *open_file(folder / FILE, embedder, dimension, create))
