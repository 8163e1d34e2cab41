"""The documents one by one: listing them, and what is stored of each."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, cast

from index.engines import Groups, Page
from index.engines.connections import Connections
from index.engines.filters import storable, visible
from index.engines.originals import Originals
from index.engines.schema import DOCUMENT, document_of
from index.engines.summaries import Summaries
from index.errors import InvalidQuestion, NotFound
from index.models import Document


class Listing(Summaries):
    """The documents of an index, their texts and their original files."""

    def __init__(self, connections: Connections, originals: Originals) -> None:
        super().__init__(connections)
        self._originals = originals

    def documents_of(self, source: str, root: str) -> tuple[Document, ...]:
        """The documents of one file, in order."""
        with self._connections.read() as connection:
            rows = connection.execute(
                f"SELECT {DOCUMENT} FROM documents d JOIN sources s ON s.key = d.file"
                " WHERE s.root = ? AND s.source = ? ORDER BY d.position",
                (root, source),
            )
            return tuple(document_of(row) for row in rows)

    def documents(self, query: str = "", limit: int = 50, cursor: str | None = None, groups: Groups = ()) -> Page:
        """List documents by source; each word of `query` must stand in the title, source or publisher."""
        condition, values = visible(groups)
        if query.split():
            condition += " AND holds_words(d.title || ' ' || d.source || ' ' || coalesce(d.publisher, ''), ?)"
            values.append(storable(query))
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
