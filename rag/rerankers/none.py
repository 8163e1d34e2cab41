"""No reranking: the order of the search stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rag.rerankers import Scores


class NoReranker:
    """Scores every text 0, so that a stable sort keeps the order."""

    def __init__(self, name: str) -> None:
        self.name = name

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Zeros of shape (texts,)."""
        return np.zeros(len(texts), dtype=np.float32)


def open_none(name: str, threads: int = 0) -> NoReranker:
    """Open the reranker that does nothing."""
    return NoReranker(name)
