"""The tables of the local engine, and how a row becomes a noun."""

from __future__ import annotations

import json
import re
import sqlite3
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from index.engines import Entry, SourceRecord, Vectors
from index.models import Document, Passage, Period

APPLICATION_ID = 0x466F6F74
"""Says in the file's header whose file it is ("Foot")."""

SCHEMA_VERSION = 3

SCHEMA = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

CREATE TABLE sources (
    key INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    indexed_at TEXT NOT NULL,
    documents INTEGER NOT NULL,
    recipe TEXT NOT NULL,
    problems TEXT NOT NULL,
    UNIQUE (root, source)
);
CREATE INDEX sources_by_sha256 ON sources (sha256);

CREATE TABLE abbreviations (
    source INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    short TEXT NOT NULL,
    long TEXT NOT NULL,
    PRIMARY KEY (source, short)
) WITHOUT ROWID;

CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    file INTEGER NOT NULL REFERENCES sources ON DELETE CASCADE,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    publisher TEXT,
    voice TEXT,
    published TEXT,
    published_start TEXT,
    published_end TEXT,
    covers_start TEXT,
    covers_end TEXT,
    part_of TEXT REFERENCES documents (id) ON DELETE SET NULL,
    groups TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    authority TEXT,
    origins TEXT NOT NULL DEFAULT '{}',
    superseded_by TEXT REFERENCES documents (id) ON DELETE SET NULL,
    sketch BLOB NOT NULL DEFAULT x''
);
CREATE INDEX documents_by_file ON documents (file, position);
CREATE INDEX documents_by_source ON documents (source, position, id);
CREATE INDEX documents_by_part_of ON documents (part_of);
CREATE INDEX documents_by_superseded_by ON documents (superseded_by);

CREATE TABLE texts (
    document INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
    text TEXT NOT NULL
);

CREATE TABLE passages (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    page INTEGER,
    page_breaks TEXT NOT NULL,
    heading TEXT,
    paragraph TEXT,
    voice TEXT
);
CREATE INDEX passages_by_document ON passages (document);
CREATE INDEX passages_by_voice ON passages (voice);

CREATE TABLE periods (
    passage INTEGER NOT NULL REFERENCES passages ON DELETE CASCADE,
    position INTEGER NOT NULL,
    start TEXT NOT NULL,
    end TEXT NOT NULL,
    PRIMARY KEY (passage, position)
) WITHOUT ROWID;

CREATE TABLE embeddings (
    key INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    vector BLOB NOT NULL
);

CREATE TABLE vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    words INTEGER NOT NULL REFERENCES embeddings,
    context INTEGER REFERENCES embeddings
);
CREATE INDEX vectors_by_words ON vectors (words);
CREATE INDEX vectors_by_context ON vectors (context);

CREATE VIRTUAL TABLE stems USING fts5 (
    context, text, content = 'passages', content_rowid = 'key', tokenize = 'porter unicode61 remove_diacritics 2'
);
INSERT INTO stems (stems, rank) VALUES ('rank', 'bm25(0.5, 1.0)');

CREATE VIRTUAL TABLE words USING fts5 (
    text, content = 'passages', content_rowid = 'key', tokenize = 'unicode61 remove_diacritics 2',
    detail = 'none', columnsize = 0
);
CREATE VIRTUAL TABLE word_counts USING fts5vocab (words, row);
CREATE VIRTUAL TABLE word_places USING fts5vocab (words, instance);

CREATE TRIGGER passage_added AFTER INSERT ON passages BEGIN
    INSERT INTO stems (rowid, context, text) VALUES (new.key, new.context, new.text);
    INSERT INTO words (rowid, text) VALUES (new.key, new.text);
END;
CREATE TRIGGER passage_removed AFTER DELETE ON passages BEGIN
    INSERT INTO stems (stems, rowid, context, text) VALUES ('delete', old.key, old.context, old.text);
    INSERT INTO words (words, rowid, text) VALUES ('delete', old.key, old.text);
END;
CREATE TRIGGER vector_removed AFTER DELETE ON vectors BEGIN
    DELETE FROM embeddings WHERE key IN (old.words, old.context)
        AND NOT EXISTS (SELECT 1 FROM vectors WHERE words = embeddings.key)
        AND NOT EXISTS (SELECT 1 FROM vectors WHERE context = embeddings.key);
END;
"""
"""`stems` answers searches: a word matches its inflections. `words` is for the vocabulary: words as they are written.

`embeddings` are vectors of texts, each there once however many passages have it, and as long as one has.
A passage's key is never used again (AUTOINCREMENT), so whoever holds keys can tell what is new and what is gone.
Open ends of periods are stored as the first and the last day there is, so that SQL compares strings.
"""

DOCUMENT = """d.id, d.source, d.title, d.kind, d.publisher, d.voice, d.published, d.covers_start, d.covers_end,
d.part_of, d.groups, d.sha256, d.authority, d.origins, d.superseded_by"""
"""The columns of `documents d` that `document_of` reads, in order."""

SOURCE = "source, sha256, size, root, indexed_at, modified, documents, recipe, problems"
"""The columns of `sources` that `source_of` reads, in order."""

_FIRST, _LAST = date.min.isoformat(), date.max.isoformat()


def ends_of(period: Period | None) -> tuple[str | None, str | None]:
    """A period as it is stored; two Nones for none."""
    if period is None:
        return None, None
    return (period.start or date.min).isoformat(), (period.end or date.max).isoformat()


def period_of(start: str, end: str) -> Period:
    """A period as it was before it was stored."""
    return Period(
        None if start == _FIRST else date.fromisoformat(start), None if end == _LAST else date.fromisoformat(end)
    )


def days_of(published: str | None) -> Period | None:
    """The days that a date of `Document.published` may mean: `2021` is the whole year.

    Raises:
        ValueError: it is not an ISO 8601 day, month or year.
    """
    if published is None:
        return None
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", published):
        raise ValueError(f"{published!r} is not a day, month or year in ISO 8601")
    year, month, day = (int(part) for part in (published + "-00-00")[:10].split("-"))
    last_month = month or 12
    return Period(date(year, month or 1, day or 1), date(year, last_month, day or monthrange(year, last_month)[1]))


def document_of(row: Sequence[Any]) -> Document:
    """The document in a row of the columns `DOCUMENT`."""
    id_, source, title, kind, publisher, voice, published, covers_start, covers_end, part_of, groups, *rest = row
    sha256, authority, origins, superseded_by = rest
    covers = None if covers_start is None else period_of(covers_start, covers_end)
    seen_by = tuple(json.loads(groups))
    return Document(
        *(id_, source, title, kind, publisher, voice, published, covers, part_of, seen_by, sha256),
        authority=authority,
        origins=json.loads(origins),
        superseded_by=superseded_by,
    )


def source_of(row: Sequence[Any]) -> SourceRecord:
    """The record in a row of the columns `SOURCE`."""
    source, sha256, size, root, indexed_at, modified, documents, recipe, problems = row
    return SourceRecord(
        source, sha256, size, root, indexed_at, modified, documents, recipe, tuple(json.loads(problems))
    )


def insert_document(connection: sqlite3.Connection, file: int, position: int, entry: Entry) -> int:
    """Add a document and its text; its key."""
    document = entry.document
    cursor = connection.execute(
        f"INSERT INTO documents VALUES (NULL{', ?' * 20})",
        (
            document.id,
            file,
            position,
            document.source,
            document.title,
            document.kind,
            document.publisher,
            document.voice,
            document.published,
            *ends_of(days_of(document.published)),
            *ends_of(document.covers),
            document.part_of,
            json.dumps(document.groups),
            document.sha256,
            document.authority,
            json.dumps(dict(document.origins)),
            document.superseded_by,
            entry.sketch,
        ),
    )
    key = int(cursor.lastrowid or 0)
    connection.execute("INSERT INTO texts VALUES (?, ?)", (key, entry.text))
    return key


def insert_embedding(connection: sqlite3.Connection, digest: bytes, vector: Vectors) -> int:
    """The key of a text's vector, which is added unless the text is known."""
    values = (digest, vector.astype(np.float32).tobytes())
    connection.execute("INSERT INTO embeddings VALUES (NULL, ?, ?) ON CONFLICT (digest) DO NOTHING", values)
    return int(connection.execute("SELECT key FROM embeddings WHERE digest = ?", (digest,)).fetchone()[0])


def insert_passage(
    connection: sqlite3.Connection, document: int, passage: Passage, words: int, context: int | None
) -> None:
    """Add a passage with its periods; triggers add its words to the word indexes.

    `words` and `context` are the keys of the vectors of its words and of its context.
    """
    p = passage
    cursor = connection.execute(
        f"INSERT INTO passages VALUES (NULL{', ?' * 10})",
        (
            document,
            *(p.start, p.end, p.text, p.context, p.page, json.dumps(p.page_breaks)),
            *(p.heading, p.paragraph, p.voice),
        ),
    )
    key = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT INTO periods VALUES (?, ?, ?, ?)",
        [(key, position, *ends_of(period)) for position, period in enumerate(p.periods)],
    )
    connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (key, words, context))


def select_passages(connection: sqlite3.Connection, keys: Iterable[int]) -> Mapping[int, tuple[Passage, Document]]:
    """The passages with these keys and their documents."""
    wanted = json.dumps([int(key) for key in keys])
    periods: dict[int, list[Period]] = {}
    for passage, start, end in connection.execute(
        "SELECT passage, start, end FROM periods WHERE passage IN (SELECT value FROM json_each(?)) "
        "ORDER BY passage, position",
        (wanted,),
    ):
        periods.setdefault(passage, []).append(period_of(start, end))
    found: dict[int, tuple[Passage, Document]] = {}
    for key, start, end, text, context, page, breaks, heading, paragraph, voice, *rest in connection.execute(
        "SELECT p.key, p.start, p.end, p.text, p.context, p.page, p.page_breaks, p.heading, p.paragraph, p.voice, "
        f"{DOCUMENT} "
        "FROM passages p JOIN documents d ON d.key = p.document WHERE p.key IN (SELECT value FROM json_each(?))",
        (wanted,),
    ):
        document = document_of(rest)
        spans = tuple(periods.get(key, ()))
        passage = Passage(
            document.id, start, end, text, context, page, heading, paragraph, voice, spans, tuple(json.loads(breaks))
        )
        found[key] = passage, document
    return found


def meta(connection: sqlite3.Connection, name: str) -> Any:
    """A value of the table `meta`: index (its random name), changes (how many so far), compared (how
    many there had been when versions were last told), embedder, dimension."""
    return connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()[0]
