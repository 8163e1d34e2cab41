"""How a file of an older format becomes one of today's."""

from __future__ import annotations

from index.engines.schema import SCHEMA

UPGRADES: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE documents ADD COLUMN authority TEXT",
        "ALTER TABLE documents ADD COLUMN origins TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE documents ADD COLUMN superseded_by TEXT REFERENCES documents (id) ON DELETE SET NULL",
        "CREATE INDEX documents_by_superseded_by ON documents (superseded_by)",
        "ALTER TABLE documents ADD COLUMN sketch BLOB NOT NULL DEFAULT x''",
    ),
    2: (
        "CREATE TABLE embeddings (key INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, vector BLOB NOT NULL)",
        "INSERT INTO embeddings SELECT passage, randomblob(16), vector FROM vectors",
        "ALTER TABLE vectors RENAME COLUMN vector TO words",
        "ALTER TABLE vectors ADD COLUMN context INTEGER REFERENCES embeddings",
        "UPDATE vectors SET words = passage",
        "CREATE INDEX vectors_by_words ON vectors (words)",
        "CREATE INDEX vectors_by_context ON vectors (context)",
        "CREATE TRIGGER" + SCHEMA.rpartition("CREATE TRIGGER")[2],
        "INSERT INTO meta VALUES ('compared', -1)",
    ),
}
"""What makes a file of each older version one of the next. New columns stay empty until the files are indexed again."""
