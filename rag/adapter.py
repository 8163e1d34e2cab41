"""A linear adapter for the vectors of questions: what cases taught about where answers lie.

An embedder puts a question near passages that sound like it, and people do not ask in the words of papers. The adapter
moves a question's vector towards those of the passages that answered questions like it. Passages keep theirs, so
nothing is embedded again, and it works with any index of that embedder. It is fitted by `footnote eval calibrate`
(`eval/fit/adapter.py`), never by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from index.embedders import Embedder, Vectors

Matrix = npt.NDArray[np.float32]

FITTED_FOR = "bge-small-en-v1.5"


class Adapted:
    """An embedder with an adapter of shape (dimension, dimension) for questions. Shared by threads."""

    def __init__(self, embedder: Embedder, adapter: Matrix) -> None:
        self.name = embedder.name
        self.dimension = embedder.dimension
        self._embedder = embedder
        self._adapter = adapter

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimension), as the embedder gives them."""
        return self._embedder.embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, of shape (dimension,), of length 1 (L2)."""
        vector = self._embedder.embed_query(text)
        moved: Vectors = vector + vector @ self._adapter
        return moved / np.linalg.norm(moved)

    def knows(self, word: str) -> bool:
        """Whether a word is a token of its own for the embedder."""
        return self._embedder.knows(word)


def adapted(embedder: Embedder) -> Embedder:
    """The embedder with the adapter that ships with the package; another one than it was fitted for as it is."""
    return Adapted(embedder, _shipped()) if embedder.name == FITTED_FOR else embedder


@lru_cache(maxsize=1)
def _shipped() -> Matrix:
    with (files("rag") / "adapter.npy").open("rb") as file:
        matrix: Matrix = np.load(file).astype(np.float32)
    return matrix
