"""One file: loaded, split into papers, chunked, embedded and stored, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from index import abbreviations, chunk, loaders, papers, sidecar, versions
from index.embedders import Embedder
from index.embedding import embed
from index.engines import Engine, Entry, SourceRecord
from index.errors import FootnoteError, LoadError, UnreadableFile
from index.models import Document, Loaded, Passage

RECIPE = 12
"""Raised when papers are split, chunked or embedded differently, so that unchanged files are indexed again."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files are indexed: the most tiktoken tokens in a passage, and the access groups that may see the papers.

    `corrections` are what a person set for the one file that is indexed with it.
    """

    max_tokens: int = 160
    groups: tuple[str, ...] = ()
    corrections: sidecar.Corrections = ()

    def __str__(self) -> str:
        told = f"; {sidecar.NAME}: {json.dumps(self.corrections)}" if self.corrections else ""
        return f"{RECIPE}; {self.max_tokens} tokens; for {', '.join(sorted(self.groups)) or 'everyone'}{told}"


USUAL = Recipe()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `reasons` says why it is unreadable, or what in it could not be read."""

    source: str
    what: Literal["indexed", "replaced", "unchanged", "removed", "unreadable"]
    documents: tuple[Document, ...] = ()
    passages: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read: its papers, each cut into passages, and what in it could not be read."""

    record: SourceRecord
    data: bytes
    papers: tuple[tuple[papers.Paper, tuple[Passage, ...]], ...]
    other_names: dict[str, str]


@dataclass(frozen=True, slots=True)
class Indexer:
    """What a run indexes with. `read` may be called from several threads, `store` from one at a time."""

    engine: Engine
    embedder: Embedder
    recipe: Recipe
    workers: loaders.Workers

    def read(self, record: SourceRecord, data: bytes) -> Read:
        """Load, split and chunk one file; it may hold several, when it is a ZIP or a mail."""
        found: list[tuple[papers.Paper, tuple[Passage, ...]]] = []
        other_names: dict[str, str] = {}
        errors: list[LoadError] = []
        problems: list[str] = []
        for name, content in loaders.expand(record.source, data, self.workers.limits):
            inside = f"{name}: " if name != record.source else ""
            try:
                loaded, chunked = self._read(name, content, record.sha256)
            except LoadError as error:
                errors.append(error)
                problems.append(f"{inside}{error}")
                continue
            problems += [f"{inside}{problem}" for problem in loaded.problems]
            found += chunked
            for paper, _ in chunked:
                other_names |= {**abbreviations.find(paper.text), **paper.aliases}
        if not any(passages for _, passages in found):
            no_text = UnreadableFile(f"{record.source} holds no text.", "; ".join(problems))
            raise errors[0] if len(errors) == 1 else no_text
        return Read(replace(record, problems=tuple(problems)), data, tuple(found), other_names)

    def store(self, read: Read, embedded: Callable[[int, int], None] = lambda done, of: None) -> Outcome:
        """Embed and store what was read of one file, in one transaction."""
        pairs = [(passage, paper.document) for paper, passages in read.papers for passage in passages]
        vectors = embed(pairs, self.engine, self.embedder, embedded)
        entries: list[Entry] = []
        done = 0
        for paper, passages in read.papers:
            document = replace(paper.document, groups=self.recipe.groups)
            own = vectors[done : done + len(passages)]
            sketch = versions.sketch(paper.text)
            entries.append(Entry(document, paper.text, passages, own.words, own.contexts, own.digests, sketch))
            done += len(passages)
        self.engine.replace(read.record, entries, read.other_names, read.data)
        documents = tuple(entry.document for entry in entries)
        return Outcome(read.record.source, "indexed", documents, done, read.record.problems)

    def _read(
        self, name: str, content: bytes | LoadError, sha256: str
    ) -> tuple[Loaded, list[tuple[papers.Paper, tuple[Passage, ...]]]]:
        """Load, split and chunk one plain file."""
        if isinstance(content, LoadError):
            raise content
        try:
            loaded = loaders.load(name, content, self.workers)
            split = papers.split(loaded, name, sha256)
            told, alone = self.recipe.corrections, len(split) == 1
            split = [replace(p, document=sidecar.corrected(p.document, told, alone=alone)) for p in split]
            return loaded, [(paper, chunk.chunk(paper, self.recipe.max_tokens)) for paper in split]
        except FootnoteError:
            raise
        except Exception as error:  # a mistake of ours about one file must not keep a thousand others out
            raise UnreadableFile(
                f"{name} made Footnote fail ({type(error).__name__}: {error}).", "Please report this, with the file."
            ) from error
