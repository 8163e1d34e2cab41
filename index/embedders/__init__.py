"""Embedders turn text into vectors whose inner product says how near two meanings are.

To add one: a module in this folder with an opening function, and a line in `EMBEDDERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from index.registry import opener

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """One embedding model. Shared by threads."""

    @property
    def name(self) -> str:
        """Stored with the index: vectors of two models cannot be compared."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, of shape (texts, dimension), each of length 1 (L2)."""

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, of shape (dimension,), of length 1 (L2)."""

    def knows(self, word: str) -> bool:
        """Whether a word is a token of its own for this model, as the common words of its language are."""


EMBEDDERS: dict[str, str] = {
    "bge-small-en-v1.5": "index.embedders.onnx:open_onnx",
}
"""Name of each packaged embedder and where it is opened, as `module:function`; imported when first used."""

OTHERWISE = "index.embedders.sentence_transformers:open_sentence_transformers"
"""Any other name is a hub id or a folder, which sentence-transformers opens."""


def open_embedder(name: str, threads: int = 0) -> Embedder:
    """Open an embedding model by its packaged name, hub id or folder; 0 threads means every core.

    Raises:
        ModelError: its weights are missing, or are not the ones expected.
    """
    return cast(Embedder, opener("embedder", name, EMBEDDERS, OTHERWISE)(name, threads))
