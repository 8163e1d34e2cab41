"""The default engine: one SQLite file holds everything, FAISS searches its vectors in memory.

Written in transactions, so that a file's documents are in whole or not at all, and a crash at any moment loses nothing
that was committed. The write-ahead log lets any number of threads and processes read while one writes.
"""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar, cast

import numpy as np

from index.engines import Entry, Found, Groups, Page, SourceRecord, Vectors
from index.engines.connections import Connections, connect, store_errors
from index.engines.filters import match_any, storable, visible, where
from index.engines.originals import Originals
from index.engines.schema import (
    APPLICATION_ID,
    DOCUMENT,
    SCHEMA,
    SCHEMA_VERSION,
    SOURCE,
    document_of,
    insert_document,
    insert_passage,
    period_of,
    select_passages,
    source_of,
)
from index.engines.vectors import VectorIndex
from index.errors import EmbedderMismatch, InvalidQuestion, NoIndex, NotFound, StoreBroken
from index.models import Document, Filters, Period

FILE = "footnote.sqlite3"
T = TypeVar("T")


class LocalEngine:
    """An open index in a folder: `footnote.sqlite3`, and the original files in `files/`."""

    def __init__(self, folder: Path, dimension: int) -> None:
        self._connections = Connections(folder / FILE)
        self._originals = Originals(folder / "files")
        self._dimension = dimension
        self._vectors = VectorIndex(dimension)
        self._summaries: dict[tuple[str, Groups], tuple[int, Any]] = {}
        self._summaries_lock = Lock()

    # What is in it

    @property
    def version(self) -> str:
        """The index's own random name and the number of changes so far."""
        with self._connections.read() as connection:
            return f"{_meta(connection, 'index')}-{_meta(connection, 'changes')}"

    def sources(self) -> tuple[SourceRecord, ...]:
        """Every ingested file, by root and source."""
        with self._connections.read() as connection:
            rows = connection.execute(f"SELECT {SOURCE} FROM sources ORDER BY root, source")
            return tuple(source_of(row) for row in rows)

    def documents_of(self, source: str, root: str) -> tuple[Document, ...]:
        """The documents of one file, in order."""
        with self._connections.read() as connection:
            rows = connection.execute(
                f"SELECT {DOCUMENT} FROM documents d JOIN sources s ON s.key = d.file"
                " WHERE s.root = ? AND s.source = ? ORDER BY d.position",
                (root, source),
            )
            return tuple(document_of(row) for row in rows)

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
            self._remove(
                connection,
                "(root = ? AND source = ?) OR key IN"
                " (SELECT file FROM documents WHERE id IN (SELECT value FROM json_each(?)))",
                (record.root, record.source, ids),
                keep={record.sha256},
            )
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
                key = insert_document(connection, file, position, entry.document, entry.text)
                connection.executemany(
                    "INSERT INTO aliases VALUES (?, ?, ?)", [(key, *pair) for pair in entry.aliases.items()]
                )
                vectors = np.ascontiguousarray(entry.vectors, dtype=np.float32)
                for passage, vector in zip(entry.passages, vectors, strict=True):
                    insert_passage(connection, key, passage, vector.tobytes())
            _changed(connection)

    def _check(self, entry: Entry) -> None:
        shape = (len(entry.passages), self._dimension)
        if entry.vectors.shape != shape or not np.isfinite(entry.vectors).all():
            raise ValueError(f"expected finite vectors of shape {shape}, got {entry.vectors.shape}")
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
            removed = self._remove(connection, "root = ? AND source = ?", (root, source))
            _changed(connection)
            return removed

    def remove_document(self, document_id: str) -> bool:
        """Remove one document; False when there is none. A file whose last document goes is forgotten."""
        with self._connections.write() as connection:
            removed = connection.execute("DELETE FROM documents WHERE id = ?", (storable(document_id),)).rowcount
            if removed:
                self._remove(connection, "documents > 0 AND key NOT IN (SELECT file FROM documents)")
                _changed(connection)
            return removed > 0

    def _remove(
        self, connection: sqlite3.Connection, condition: str, values: Sequence[object] = (), keep: Iterable[str] = ()
    ) -> int:
        """Remove the files for which the condition holds, and their originals if no other file has the same bytes."""
        files = connection.execute(f"SELECT key, sha256 FROM sources WHERE {condition}", values).fetchall()
        before = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
        connection.executemany("DELETE FROM sources WHERE key = ?", [(key,) for key, _ in files])
        after = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
        hashes = {sha256 for _, sha256 in files}.difference(keep)
        used = "SELECT sha256 FROM sources WHERE sha256 IN (SELECT value FROM json_each(?))"
        self._originals.remove(hashes.difference(h for (h,) in connection.execute(used, (json.dumps(list(hashes)),))))
        return int(before - after)

    # Searching

    def dense(self, vector: Vectors, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k nearest passages by cosine similarity among those the filters allow."""
        with self._connections.read() as connection:
            self._vectors.refresh(connection, int(_meta(connection, "changes")))
            condition, values = self._allowed(connection, filters)
            if not condition:
                return self._vectors.search(vector, k, None)
            query = f"SELECT p.key FROM passages p JOIN documents d ON d.key = p.document WHERE {condition}"
            keys = np.fromiter((key for (key,) in connection.execute(query, values)), np.int64)
        return self._vectors.search(vector, k, keys)

    def lexical(self, query: str, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k best passages by BM25 (Robertson & Zaragoza 2009) as FTS5 computes it, text counted over context."""
        if (match := match_any(query)) is None or k < 1:
            return []
        with self._connections.read() as connection:
            condition, values = self._allowed(connection, filters)
            rows = connection.execute(
                "SELECT stems.rowid, -stems.rank FROM stems"
                + (
                    " JOIN passages p ON p.key = stems.rowid JOIN documents d ON d.key = p.document"
                    if condition
                    else ""
                )
                + " WHERE stems MATCH ?"
                + (f" AND {condition}" if condition else "")
                + " ORDER BY stems.rank, stems.rowid LIMIT ?",
                (match, *values, k),
            )
            return [(key, score) for key, score in rows]

    def _allowed(self, connection: sqlite3.Connection, filters: Filters) -> tuple[str, list[str]]:
        """SQL for the passages that may be searched; "" when all may."""
        condition, values = where(filters)
        if not self._restricted(connection):
            return condition, values
        seen, groups = visible(filters.groups)
        return (f"{condition} AND {seen}" if condition else seen), values + groups

    def _restricted(self, connection: sqlite3.Connection) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM documents WHERE groups != '[]')"
        return self._summary(connection, "restricted", (), lambda: bool(connection.execute(query).fetchone()[0]))

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

    # Documents

    def documents(self, query: str = "", limit: int = 50, cursor: str | None = None, groups: Groups = ()) -> Page:
        """List documents by source; each word of `query` must stand in the title, source or publisher."""
        condition, values = visible(groups)
        for word in storable(query).casefold().split():
            condition += " AND instr(fold(d.title || ' ' || d.source || ' ' || coalesce(d.publisher, '')), ?) > 0"
            values.append(word)
        after = _read_cursor(cursor) if cursor else ("", -1, "")
        with self._connections.read() as connection:
            total = connection.execute(f"SELECT count(*) FROM documents d WHERE {condition}", values).fetchone()[0]
            rows = connection.execute(
                f"SELECT d.position, {DOCUMENT} FROM documents d WHERE {condition}"
                " AND (d.source, d.position, d.id) > (?, ?, ?) ORDER BY d.source, d.position, d.id LIMIT ?",
                (*values, *after, limit + 1),
            ).fetchall()
        items = tuple(document_of(row[1:]) for row in rows[:limit])
        more = len(rows) > limit > 0
        return Page(items, total, _write_cursor(items[-1].source, rows[limit - 1][0], items[-1].id) if more else None)

    def document(self, document_id: str, groups: Groups = ()) -> Document:
        """One document. Raises `NotFound`."""
        return document_of(self._one(DOCUMENT, document_id, groups))

    def text(self, document_id: str, groups: Groups = ()) -> str:
        """The text that a document's offsets point into. Raises `NotFound`."""
        return str(self._one("(SELECT text FROM texts WHERE document = d.key)", document_id, groups)[0])

    def original(self, document_id: str, groups: Groups = ()) -> tuple[Path, str]:
        """Where the bytes of the document's file are, and the file's name. Raises `NotFound`."""
        columns = "s.sha256, s.source"
        sha256, source = self._one(columns, document_id, groups)
        path = self._originals.path(sha256)
        if not path.is_file():
            raise NotFound(f"The file {source} is no longer in the data folder.", "Index it again.")
        return path, PurePosixPath(source).name

    def _one(self, columns: str, document_id: str, groups: Groups) -> Sequence[Any]:
        condition, values = visible(groups)
        with self._connections.read() as connection:
            row = connection.execute(
                f"SELECT {columns} FROM documents d JOIN sources s ON s.key = d.file WHERE d.id = ? AND {condition}",
                (storable(document_id), *values),
            ).fetchone()
        if row is None:
            raise NotFound(f"There is no document {document_id!r}.", "List the documents to find its id.")
        return cast(Sequence[Any], row)

    # Summaries: read at every question, so each is kept until the index changes

    def vocabulary(self, groups: Groups = ()) -> Mapping[str, int]:
        """Lower-case words (not stems, diacritics removed) and in how many passages each stands."""

        def make(connection: sqlite3.Connection) -> Mapping[str, int]:
            if not self._restricted(connection):
                return MappingProxyType(dict(connection.execute("SELECT term, doc FROM word_counts")))
            condition, values = visible(groups)
            rows = connection.execute(
                "SELECT term, count(*) FROM word_places WHERE doc IN (SELECT p.key FROM passages p"
                f" JOIN documents d ON d.key = p.document WHERE {condition}) GROUP BY term",
                values,
            )
            return MappingProxyType(dict(rows))

        return self._read_summary("vocabulary", groups, make)

    def abbreviations(self, groups: Groups = ()) -> Mapping[str, tuple[str, ...]]:
        """Short forms and what the documents say they stand for, most frequent first."""
        return self._pairs("abbreviations", "short, long", "abbreviations", "source = d.file", groups)

    def aliases(self, groups: Groups = ()) -> Mapping[str, tuple[str, ...]]:
        """Other names of voices (lower case) and the voices they stand for, most frequent first."""
        return self._pairs("aliases", "alias, voice", "aliases", "document = d.key", groups)

    def _pairs(self, name: str, columns: str, table: str, join: str, groups: Groups) -> Mapping[str, tuple[str, ...]]:
        def make(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
            condition, values = visible(groups)
            x, y = (f"t.{column}" for column in columns.split(", "))
            pairs: dict[str, tuple[str, ...]] = {}
            for key, value in connection.execute(
                f"SELECT {x}, {y} FROM {table} t JOIN documents d ON t.{join} WHERE {condition}"
                f" GROUP BY {x}, {y} ORDER BY {x}, count(DISTINCT d.file) DESC, {y}",
                values,
            ):
                pairs[key] = (*pairs.get(key, ()), value)
            return MappingProxyType(pairs)

        return self._read_summary(name, groups, make)

    def publishers(self, groups: Groups = ()) -> tuple[str, ...]:
        """The distinct publishers of documents."""
        return self._names("publishers", "SELECT d.publisher FROM documents d WHERE {}", groups)

    def voices(self, groups: Groups = ()) -> tuple[str, ...]:
        """The distinct voices of documents and passages."""
        query = (
            "SELECT p.voice FROM passages p JOIN documents d ON d.key = p.document WHERE {0}"
            " UNION SELECT d.voice FROM documents d WHERE {0}"
        )
        return self._names("voices", query, groups)

    def _names(self, name: str, query: str, groups: Groups) -> tuple[str, ...]:
        def make(connection: sqlite3.Connection) -> tuple[str, ...]:
            condition, values = visible(groups)
            rows = connection.execute(query.format(condition), values * query.count("{"))
            return tuple(sorted({value for (value,) in rows if value}))

        return self._read_summary(name, groups, make)

    def extent(self, groups: Groups = ()) -> Period | None:
        """From the first to the last day that any document is dated in or covers; None when none is dated."""

        def make(connection: sqlite3.Connection) -> Period | None:
            condition, values = visible(groups)
            # Open ends, stored as the first and the last day there is, say nothing about what is covered.
            start, end = connection.execute(
                "SELECT min(start), max(end) FROM ("
                f"SELECT d.published_start AS start, d.published_end AS end FROM documents d WHERE {condition}"
                " UNION ALL SELECT nullif(d.covers_start, '0001-01-01'), nullif(d.covers_end, '9999-12-31')"
                f" FROM documents d WHERE {condition})",
                values * 2,
            ).fetchone()
            return period_of(start or end, end or start) if start or end else None

        return self._read_summary("extent", groups, make)

    def _read_summary(self, name: str, groups: Groups, make: Callable[[sqlite3.Connection], T]) -> T:
        with self._connections.read() as connection:
            return self._summary(connection, name, tuple(sorted(set(groups))), lambda: make(connection))

    def _summary(self, connection: sqlite3.Connection, name: str, groups: Groups, make: Callable[[], T]) -> T:
        changes = int(_meta(connection, "changes"))
        with self._summaries_lock:
            if len(self._summaries) > 200:  # many different sets of groups: start afresh rather than grow
                self._summaries.clear()
            known, value = self._summaries.get((name, groups), (-1, None))
        if known != changes:
            value = make()
            with self._summaries_lock:
                self._summaries[name, groups] = changes, value
        return cast(T, value)

    def close(self) -> None:
        """Close the connections. The last process to close folds the write-ahead log into the file."""
        self._connections.close()


def _meta(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET value = value + 1 WHERE name = 'changes'")


def _write_cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_cursor(cursor: str) -> tuple[str, int, str]:
    try:
        source, position, document_id = json.loads(base64.b64decode(cursor, altchars=b"-_", validate=True))
        return storable(source + ""), position + 0, storable(document_id + "")
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidQuestion(
            "cursor", "The cursor is not one that a page gave.", "Start from the first page."
        ) from error


def open_local(
    folder: Path, *, embedder: str | None = None, dimension: int | None = None, create: bool = False
) -> LocalEngine:
    """Open, or create, the index in `folder`. See `index.engines.open_engine` for what may be raised."""
    path = folder / FILE
    if create:
        _create(path, embedder, dimension)
    with store_errors(path):
        if not path.is_file():
            raise NoIndex(f"There is no index in {folder}.", "Run `footnote index FOLDER` first.")
    connections = Connections(path)
    try:
        with connections.read() as connection:
            if not _is_ours(connection, path):
                raise NoIndex(f"There is no index in {folder}.", "Run `footnote index FOLDER` first.")
            made_with, length = str(_meta(connection, "embedder")), int(_meta(connection, "dimension"))
            empty = not connection.execute("SELECT EXISTS (SELECT 1 FROM sources)").fetchone()[0]
        if embedder is not None and (embedder, dimension or length) != (made_with, length):
            if not (create and empty and dimension):
                raise EmbedderMismatch(
                    f"The index in {folder} was made with the embedding model {made_with!r} ({length} dimensions), "
                    f"and the settings name {embedder!r} ({dimension or length} dimensions).",
                    f"Set `embedder` to {made_with!r}, or name another folder with `data` and index again.",
                )
            with connections.write() as connection:
                _set_embedder(connection, embedder, dimension)
            length = dimension
    finally:
        connections.close()
    return LocalEngine(folder, length)


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is an index this version reads; False when nothing was written to it yet."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not tables:
        return False
    if application != APPLICATION_ID:
        raise StoreBroken(f"{path} is a database of something else.", "Name another folder with `data`.")
    if version != SCHEMA_VERSION:
        raise StoreBroken(
            f"The index {path} has format {version}, and this version of Footnote reads format {SCHEMA_VERSION}.",
            "Use the version that made it, or remove it and index again.",
        )
    return True


def _create(path: Path, embedder: str | None, dimension: int | None) -> None:
    """Make the folder and an empty index in it, unless there is one; two processes may try at once."""
    if embedder is None or not dimension:
        raise ValueError("a new index needs the embedding model's name and dimension")
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file() and path.stat().st_size:
            return
        connection = connect(f"{path.absolute().as_uri()}?mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not _is_ours(connection, path):
                for statement in _statements(SCHEMA):
                    connection.execute(statement)
                connection.executemany(
                    "INSERT INTO meta VALUES (?, ?)", [("index", secrets.token_hex(4)), ("changes", 0)]
                )
                _set_embedder(connection, embedder, dimension)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute("COMMIT")
        finally:
            connection.close()


def _set_embedder(connection: sqlite3.Connection, embedder: str, dimension: int) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO meta VALUES (?, ?)", [("embedder", embedder), ("dimension", dimension)]
    )


def _statements(script: str) -> Iterable[str]:
    """The statements of a script, one by one: `executescript` would commit on its own."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
