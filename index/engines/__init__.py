"""Engines hold the index: what was ingested, and the two searches over it.

To add one: a module in this folder with a function like `local.open_local`, and a line in `ENGINES`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from index.models import Document, Filters, Passage, Period
from index.registry import opener

Vectors = npt.NDArray[np.float32]
Groups = tuple[str, ...]

UPLOADS = "uploads"
"""What the root of an upload starts with (`uploads/SHA-256`); every other root is the absolute path of a folder."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as it is stored: its text, its passages, and vectors of these, of shape (passages, dimension).

    `vectors` are those of the passages' words, `contexts` those of their contexts: zeros for a passage without, None
    where none has one. A passage is found by both together (`index.engines.vectors.joined`). `digests` name the texts
    that a passage's two vectors were made from (`Engine.vectors_of`); none where that is not told.
    `sketch` is that of the document's words, by which versions are told (`index.versions`); empty for none.
    """

    document: Document
    text: str
    passages: tuple[Passage, ...]
    vectors: Vectors
    contexts: Vectors | None = None
    digests: tuple[tuple[bytes, bytes], ...] = ()
    sketch: bytes = b""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One ingested file. `root` and `source` together name it: `source` is its path relative to `root`.

    `modified` is the file's modification time in nanoseconds (0 for an upload), `indexed_at` the time it was
    ingested (ISO 8601, UTC), `documents` how many it was found to hold, `problems` what its loader could not read.
    `recipe` says how it was indexed: when the recipe changes, the same bytes are indexed again.
    """

    source: str
    sha256: str
    size: int
    root: str
    indexed_at: str
    modified: int = 0
    documents: int = 0
    recipe: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A stored passage with its key and its document."""

    key: int
    passage: Passage
    document: Document


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the documents. `next` is the cursor of the page after this one, None on the last."""

    items: tuple[Document, ...]
    total: int
    next: str | None


class Engine(Protocol):
    """A store of documents with a dense and a lexical search over their passages.

    A passage's key is an integer that is never used again, also after the passage is gone. One engine is
    shared by any number of threads, and another process may write to the same index at the same time: what
    it commits is seen by the next call, without opening the index again.

    A document with access groups exists only for an asker who shares one of them, wherever `groups` (or
    `filters.groups`) is taken; a document without groups exists for everyone.

    Every method may raise `StoreUnavailable` (disk full or read-only, index held by another process for too
    long) and `StoreBroken` (damaged, or made by a newer version).
    """

    @property
    def version(self) -> str:
        """Changes whenever what can be found changes; cheap to read."""

    def replace(
        self, record: SourceRecord, entries: Sequence[Entry], abbreviations: Mapping[str, str], original: bytes
    ) -> None:
        """Store everything of one file in one transaction, in place of what was stored of it before.

        `abbreviations` maps other names to what the file says they stand for: short forms as they are written
        ("MASH") to long forms, lower-case words ("inspectors") to a publisher or voice.

        Raises:
            ValueError: a passage is not the slice of the text that it says it is, or the vectors do not fit.
        """

    def touch(self, record: SourceRecord) -> None:
        """Note where the file with this source and these bytes (`sha256`) is now: its root and modification time."""

    def remove_source(self, source: str, root: str) -> int:
        """Remove a file with its documents; the number of documents removed."""

    def remove_document(self, document_id: str) -> bool:
        """Remove one document; False when there is none. A file whose last document goes is forgotten."""

    def sources(self) -> tuple[SourceRecord, ...]:
        """Every ingested file, by root and source."""

    def documents_of(self, source: str, root: str) -> tuple[Document, ...]:
        """The documents of one file, in order."""

    def sketches(self) -> tuple[tuple[Document, bytes], ...]:
        """Every document with the sketch of its words, by source and position."""

    def supersede(self, later: Mapping[str, str], version: str) -> None:
        """Note which documents a later version supersedes (id -> id of the later one); none does the others.

        `version` is the index's when that was told.
        """

    @property
    def versions_known(self) -> bool:
        """Whether nothing has changed since `supersede` last noted it."""

    def vectors_of(self, digests: Iterable[bytes]) -> dict[bytes, Vectors]:
        """The vectors of those texts that are the words or the context of a passage, by their digests."""

    def dense(self, vector: Vectors, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k passages nearest to a query vector (dimension,) among those the filters allow.

        Returns (key, cosine similarity), best first.
        """

    def lexical(self, query: str, filters: Filters, k: int) -> list[tuple[int, float]]:
        """The k passages that match the words of any text best by BM25, among those the filters allow.

        Returns (key, score), best first; higher is better.
        """

    def fetch(self, keys: Sequence[int]) -> list[Found]:
        """The passages with these keys, in the order of the keys; a passage that is gone is left out."""

    def neighbours(self, key: int) -> tuple[int, ...]:
        """The keys of all passages of this passage's document, in order; empty when it is gone."""

    def keys_of(self, document_id: str) -> tuple[int, ...]:
        """The keys of all passages of a document, in order; empty when there is none."""

    def documents(self, query: str = "", limit: int = 50, cursor: str | None = None, groups: Groups = ()) -> Page:
        """List documents by source; each word of `query` must stand in the title, source or publisher.

        Raises:
            InvalidQuestion: the cursor is not one that a page gave.
        """

    def matching(self, filters: Filters) -> tuple[Document, ...]:
        """The documents of which the filters allow a passage, by source and position."""

    def document(self, document_id: str, groups: Groups = ()) -> Document:
        """One document. Raises `NotFound`."""

    def text(self, document_id: str, groups: Groups = ()) -> str:
        """The text that a document's offsets point into. Raises `NotFound`."""

    def original(self, document_id: str, groups: Groups = ()) -> tuple[Path, str]:
        """Where the bytes of the document's file are, and the file's name. Raises `NotFound`."""

    def vocabulary(self, groups: Groups = ()) -> Mapping[str, int]:
        """Lower-case words (not stems, diacritics removed) and in how many passages each stands."""

    def abbreviations(self, groups: Groups = ()) -> Mapping[str, tuple[str, ...]]:
        """Other names and what the documents say they stand for, most frequent first; see `replace`."""

    def publishers(self, groups: Groups = ()) -> tuple[str, ...]:
        """The distinct publishers of documents."""

    def voices(self, groups: Groups = ()) -> tuple[str, ...]:
        """The distinct voices of documents and passages."""

    def authorities(self, groups: Groups = ()) -> Mapping[str, int]:
        """The authorities that documents are about, and how many are about each."""

    def extent(self, groups: Groups = ()) -> Period | None:
        """From the first to the last day that any document is dated in or covers; None when none is dated."""

    def close(self) -> None:
        """Let go of files and memory. Nothing else may be called afterwards."""


ENGINES: dict[str, str] = {
    "local": "index.engines.local:open_local",
}
"""Name of each engine and where it is opened, as `module:function`; imported when first used."""


def open_engine(
    name: str, folder: Path, *, embedder: str | None = None, dimension: int | None = None, create: bool = False
) -> Engine:
    """Open the index in `folder`, made with the embedding model `embedder` of that many dimensions.

    With `create`, an index is made when there is none. Without `embedder`, any index is opened, to be read.

    Raises:
        UnknownName: no engine has this name.
        NoIndex: the folder holds no index and `create` is False.
        EmbedderMismatch: the index was made with another embedding model.
        StoreUnavailable, StoreBroken: it cannot be read, or not be created.
    """
    opened = opener("engine", name, ENGINES)(folder, embedder=embedder, dimension=dimension, create=create)
    return cast(Engine, opened)
