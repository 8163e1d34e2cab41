"""Opening and creating the local engine's file."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from index.engines.connections import Connections, connect, store_errors
from index.engines.schema import APPLICATION_ID, SCHEMA, SCHEMA_VERSION, meta
from index.engines.upgrades import UPGRADES
from index.errors import EmbedderMismatch, NoIndex, StoreBroken


def open_file(path: Path, embedder: str | None, dimension: int | None, create: bool) -> tuple[Connections, int]:
    """Connections to the index at `path`, and the dimension of its vectors.

    See `index.engines.open_engine` for the arguments and for what may be raised.
    """
    connections = Connections(path)
    try:
        if not _is_there(connections, path):
            if not create:
                raise NoIndex(f"There is no index in {path.parent}.", "Run `footnote index FOLDER` first.")
            _create(path, embedder, dimension)
        with connections.read() as connection:
            made_with, length = str(meta(connection, "embedder")), int(meta(connection, "dimension"))
            empty = not connection.execute("SELECT EXISTS (SELECT 1 FROM sources)").fetchone()[0]
        if embedder is not None and (embedder, dimension or length) != (made_with, length):
            if not (create and empty and dimension):
                raise EmbedderMismatch(
                    f"The index in {path.parent} was made with the embedding model {made_with!r} "
                    f"({length} dimensions), and the settings name {embedder!r} ({dimension or length} dimensions).",
                    f"Set `embedder` to {made_with!r}, or name another folder with `data` and index again.",
                )
            with connections.write() as connection:
                _set_embedder(connection, embedder, dimension)
            length = dimension
    except BaseException:
        connections.close()
        raise
    return connections, length


def _is_there(connections: Connections, path: Path) -> bool:
    with store_errors(path):
        if not path.is_file():
            return False
    with connections.read() as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version in UPGRADES:
        with connections.write() as connection:
            _upgrade(connection)
    with connections.read() as connection:
        return _is_ours(connection, path)


def _upgrade(connection: sqlite3.Connection) -> None:
    """Make a file of an older version one of this version; nothing when another process just did, or it is not ours."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    while application == APPLICATION_ID and version in UPGRADES:
        for statement in UPGRADES[version]:
            connection.execute(statement)
        version += 1
        connection.execute(f"PRAGMA user_version = {version}")


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
    """Make the folder and an empty index in it. Of two processes that try at once, one does and one waits."""
    if embedder is None or not dimension:
        raise ValueError("a new index needs the embedding model's name and dimension")
    with store_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(f"{path.absolute().as_uri()}?mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not _is_ours(connection, path):
                for statement in _statements(SCHEMA):
                    connection.execute(statement)
                connection.executemany(
                    "INSERT INTO meta VALUES (?, ?)",
                    [("index", secrets.token_hex(4)), ("changes", 0), ("compared", -1)],
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
