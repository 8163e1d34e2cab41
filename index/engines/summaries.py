"""What the index as a whole holds: its words, short forms, voices and years."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from index.engines import Groups
from index.engines.connections import Connections
from index.engines.filters import visible
from index.engines.kept import Kept
from index.engines.schema import meta, period_of
from index.models import Period

T = TypeVar("T")


class Summaries:
    """Summaries of an index. They are read at every question, so each is kept until the index changes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._kept = Kept(200)

    def vocabulary(self, groups: Groups = ()) -> Mapping[str, int]:
        """Lower-case words (not stems, diacritics removed) and in how many passages each stands."""

        def make(connection: sqlite3.Connection) -> Mapping[str, int]:
            if not self.restricted(connection):
                return MappingProxyType(dict(connection.execute("SELECT term, doc FROM word_counts")))
            condition, values = visible(groups)
            rows = connection.execute(
                "SELECT term, count(*) FROM word_places WHERE doc IN (SELECT p.key FROM passages p"
                f" JOIN documents d ON d.key = p.document WHERE {condition}) GROUP BY term",
                values,
            )
            return MappingProxyType(dict(rows))

        return self._read("vocabulary", groups, make)

    def abbreviations(self, groups: Groups = ()) -> Mapping[str, tuple[str, ...]]:
        """Other names and what the documents say they stand for, most frequent first."""

        def make(connection: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
            condition, values = visible(groups)
            found: dict[str, tuple[str, ...]] = {}
            for short, long in connection.execute(
                "SELECT a.short, a.long FROM abbreviations a JOIN documents d ON d.file = a.source"
                f" WHERE {condition} GROUP BY 1, 2 ORDER BY 1, count(DISTINCT d.file) DESC, 2",
                values,
            ):
                found[short] = (*found.get(short, ()), long)
            return MappingProxyType(found)

        return self._read("abbreviations", groups, make)

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

    def authorities(self, groups: Groups = ()) -> Mapping[str, int]:
        """The authorities that documents are about, and how many are about each."""

        def make(connection: sqlite3.Connection) -> Mapping[str, int]:
            condition, values = visible(groups)
            query = (
                f"SELECT d.authority, count(*) FROM documents d WHERE d.authority IS NOT NULL AND {condition}"
                " GROUP BY 1 ORDER BY 1"
            )
            return MappingProxyType(dict(connection.execute(query, values)))

        return self._read("authorities", groups, make)

    def _names(self, name: str, query: str, groups: Groups) -> tuple[str, ...]:
        def make(connection: sqlite3.Connection) -> tuple[str, ...]:
            condition, values = visible(groups)
            rows = connection.execute(query.format(condition), values * query.count("{"))
            return tuple(sorted({value for (value,) in rows if value}))

        return self._read(name, groups, make)

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

        return self._read("extent", groups, make)

    def restricted(self, connection: sqlite3.Connection) -> bool:
        """Whether any document has access groups."""
        query = "SELECT EXISTS (SELECT 1 FROM documents WHERE groups != '[]')"
        changes = int(meta(connection, "changes"))
        return self._kept.get("restricted", changes, lambda: bool(connection.execute(query).fetchone()[0]))

    def any_superseded(self, connection: sqlite3.Connection) -> bool:
        """Whether any document has a later version."""
        query = "SELECT EXISTS (SELECT 1 FROM documents WHERE superseded_by IS NOT NULL)"
        changes = int(meta(connection, "changes"))
        return self._kept.get("superseded", changes, lambda: bool(connection.execute(query).fetchone()[0]))

    def _read(self, name: str, groups: Groups, make: Callable[[sqlite3.Connection], T]) -> T:
        with self._connections.read() as connection:
            changes = int(meta(connection, "changes"))
            return self._kept.get((name, frozenset(groups)), changes, lambda: make(connection))
