"""Any cross-encoder that sentence-transformers opens, by hub id or folder."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np

from index.errors import ModelError
from index.torch_model import loaded
from rag.rerankers import Scores


class SentenceTransformersReranker:
    """A cross-encoder with one logit, in torch.

    One request at a time uses the model: torch already spreads one over all threads, and its tokeniser
    must not be shared.
    """

    def __init__(self, name: str, threads: int = 0) -> None:
        from sentence_transformers import CrossEncoder
        from torch.nn import Identity

        self.name = name
        self._model = loaded(
            "reranker", name, threads, lambda: CrossEncoder(name, device="cpu", activation_fn=Identity())
        )
        if self._model.num_labels != 1:
            raise ModelError(
                f"The reranker {name!r} gives {self._model.num_labels} numbers per pair, not one.",
                "Name a cross-encoder that was trained for ranking.",
            )
        self._lock = Lock()

    def score(self, query: str, texts: Sequence[str]) -> Scores:
        """Raw logits of shape (texts,), higher is better."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        with self._lock:
            scores = self._model.predict([(query, text) for text in texts], show_progress_bar=False)
        return np.asarray(scores, dtype=np.float32)


def open_sentence_transformers(name: str, threads: int = 0) -> SentenceTransformersReranker:
    """Open a cross-encoder by hub id or folder. Raises `ModelError`."""
    return SentenceTransformersReranker(name, threads)
