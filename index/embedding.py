"""What is embedded of a passage, and vectors for it: no text is embedded twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from index.blocks import is_list
from index.embedders import Embedder, Vectors
from index.engines import Engine
from index.models import Document, Passage

_AT_ONCE = 128  # texts that are embedded between two words on how far it is


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of passages' words and contexts, each of shape (passages, dimension), and the digests of these texts."""

    words: Vectors
    contexts: Vectors
    digests: tuple[tuple[bytes, bytes], ...]

    def __getitem__(self, part: slice) -> Embedded:
        return Embedded(self.words[part], self.contexts[part], self.digests[part])


def context_of(passage: Passage, document: Document) -> str:
    """What a reader knows before reading a passage: who published the paper, whom it is about, its title, the heading.

    Of fifty reports that look alike, one for each authority, a passage alone does not say which it is from.
    """
    context = passage.context
    publisher, authority = document.publisher, document.authority
    for name in (authority, publisher):
        if name and name.casefold() not in f"{publisher if name == authority else ''} {passage.context}".casefold():
            context = f"{name}. {context}"
    return context


def words_of(passage: Passage) -> str:
    """What a passage says: its own words, and those of the heading where they are a list of what that names."""
    return f"{passage.heading}: {passage.text}" if passage.heading and is_list(passage.text) else passage.text


def embed(
    passages: Iterable[tuple[Passage, Document]],
    engine: Engine,
    embedder: Embedder,
    embedded: Callable[[int, int], None] = lambda done, of: None,
) -> Embedded:
    """The vectors of passages' words and contexts.

    A text that an indexed passage has, too, takes over its vector, as does one that comes twice. `embedded` is told
    how many passages have theirs (by the share of texts that do), and of how many.
    """
    texts = [text for passage, document in passages for text in (words_of(passage), context_of(passage, document))]
    digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts]
    known = engine.vectors_of(digests)
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if text and digest not in known}
    names, left = list(new), list(new.values())
    for start in range(0, len(left), _AT_ONCE):
        embedded(len(texts) // 2 * start // len(left), len(texts) // 2)
        vectors = embedder.embed_passages(left[start : start + _AT_ONCE])
        known.update(zip(names[start : start + _AT_ONCE], vectors, strict=True))
    embedded(len(texts) // 2, len(texts) // 2)
    none = np.zeros(embedder.dimension, dtype=np.float32)
    rows = [known.get(digest, none) for digest in digests]
    both = np.array(rows, dtype=np.float32).reshape(-1, 2, embedder.dimension)
    return Embedded(both[:, 0], both[:, 1], tuple(zip(digests[::2], digests[1::2], strict=True)))
