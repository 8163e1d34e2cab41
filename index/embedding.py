"""What is embedded of a passage, and vectors for it: no text is embedded twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np

from index.embedders import Embedder, Vectors
from index.engines import Engine
from index.models import Passage

_AT_ONCE = 128  # passages that are embedded between two words on how far it is


def embedded_text(passage: Passage, publisher: str | None = None, authority: str | None = None) -> str:
    """What is embedded of a passage: its words, after what a reader knows before reading them.

    Of fifty reports that look alike, one for each authority, a passage alone does not say which it is from: with whom
    the report is about before it, a question that names an authority finds that authority's report first in 92 % of
    cases, without it in 79 % (dense search alone).
    """
    context = passage.context
    for name in (authority, publisher):
        if name and name.casefold() not in f"{publisher if name == authority else ''} {passage.context}".casefold():
            context = f"{name}. {context}"
    return f"{context}\n{passage.text}" if context else passage.text


def embed_once(
    texts: Sequence[str], engine: Engine, embedder: Embedder, embedded: Callable[[int, int], None]
) -> tuple[Vectors, tuple[bytes, ...]]:
    """Vectors of texts, of shape (texts, dimension), and the texts' digests, by which they are known the next time.

    A text that an indexed passage has, too, takes over its vector, as does one that comes twice. `embedded` is told how
    many texts have theirs, and of how many.
    """
    digests = tuple(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in texts)
    known = engine.vectors_of(digests)
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
    left = list(new.values())
    for start in range(0, len(left), _AT_ONCE):
        embedded(len(texts) - len(left) + start, len(texts))
        part = left[start : start + _AT_ONCE]
        known.update(zip(list(new)[start : start + _AT_ONCE], embedder.embed_passages(part), strict=True))
    embedded(len(texts), len(texts))
    vectors = [known[digest] for digest in digests]
    return np.array(vectors, dtype=np.float32).reshape(len(texts), embedder.dimension), digests
